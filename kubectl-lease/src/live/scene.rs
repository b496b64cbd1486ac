//! A table with a story, for tests: locks in every state, at a time that stands still.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lease_client::{Change, LeaseSummary, RequestError, micro_time};
use lease_core::{Identity, Instant, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::locks::{LockId, Seen};
use super::message::{Message, Wish};
use super::state::{Settings, State};
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::lock_row::Column;

/// What the API server's clock shows when the story begins.
const DATE: &str = "2026-11-21T10:00:00Z";

/// The table, and what came of it.
pub(crate) struct Scene {
    pub(crate) state: State,
    pub(crate) now: Instant,
    /// What is wanted outside of the table, in order.
    pub(crate) wishes: Vec<Wish>,
    version: u64,
}

/// A lease as the API server sends it, renewed so many seconds before [`DATE`].
pub(crate) struct Given<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) holder: &'a str,
    pub(crate) renewed: i64,
    pub(crate) lasts: Option<u32>,
}

impl Scene {
    /// The usual locks, in all namespaces, on a terminal of this size.
    pub(crate) fn new(columns: u16, lines: u16) -> Self {
        let mut scene = Self::empty(columns, lines);
        let leases = [
            given(
                "payments",
                "billing-batch",
                "billing-batch-29384710-kx9w2_3a7e5c1d-2f48-4b96-b0e3-7d6c5a4f3b66",
                700,
                Some(30),
            ),
            given(
                "payments",
                "ledger-writer",
                "ledger-writer-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa",
                1,
                Some(15),
            ),
            given(
                "reporting",
                "report-writer",
                "report-writer-0",
                11,
                Some(15),
            ),
            given("web", "cache-warmer", "", 90, Some(1)),
            given(
                "infra",
                "lock-tfstate-default",
                "7c2f9d4e-3b1a-4f6e-8d5c-0a9b8c7d6e55",
                300,
                None,
            ),
            given(
                "kube-system",
                "kube-scheduler",
                "control-plane-1_5b0c1f2e-0d3a-4c6b-9e8f-7a6b5c4d3e2f",
                2,
                Some(15),
            ),
        ];
        let leases = leases.iter().map(|given| scene.seen(given)).collect();
        let date = micro_time::parse(DATE);
        scene.hear(Message::Changed(Change::Listed { leases, date }));
        scene
    }

    /// A table that has heard nothing yet.
    pub(crate) fn empty(columns: u16, lines: u16) -> Self {
        let now = Instant::from_nanos(1_000_000_000_000);
        let settings = Settings {
            allow_changes: true,
            theme: Theme {
                colour: true,
                unicode: true,
            },
            identity: Identity::new("me@here").unwrap(),
        };
        let chosen = super::table_loop::COLUMNS.to_vec();
        let mut state = State::new(settings, "prod".into(), None, chosen, now);
        state.size = (columns, lines);
        Self {
            state,
            now,
            wishes: Vec::new(),
            version: 100,
        }
    }

    pub(crate) fn hear(&mut self, message: Message) {
        let wishes = update(&mut self.state, message, self.now);
        self.wishes.extend(wishes);
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, milliseconds: u64) {
        let by = Duration::from_millis(milliseconds);
        self.now = self.now.saturating_add(by);
        self.hear(Message::Tick);
    }

    /// A lease in its next version.
    pub(crate) fn seen(&mut self, given: &Given<'_>) -> Seen {
        self.version += 1;
        let text = json(given, self.version);
        let summary = LeaseSummary::read(&text).unwrap();
        Seen::of(summary, Some(text.into()))
    }

    /// A lease was written.
    pub(crate) fn write(&mut self, given: &Given<'_>) {
        let seen = self.seen(given);
        self.hear(Message::Changed(Change::Applied(seen)));
    }

    /// The connection breaks.
    pub(crate) fn lose(&mut self) {
        let error = RequestError::Timeout(Duration::from_secs(10));
        self.hear(Message::Changed(Change::Interrupted(error.into())));
    }

    /// Types keys, one after the other; a line break is enter.
    pub(crate) fn type_in(&mut self, keys: &str) {
        for key in keys.chars() {
            let key = match key {
                '\n' => KeyCode::Enter,
                key => KeyCode::Char(key),
            };
            self.press(key, KeyModifiers::NONE);
        }
    }

    pub(crate) fn press(&mut self, key: KeyCode, modifiers: KeyModifiers) {
        self.hear(Message::Key(KeyEvent::new(key, modifiers)));
    }

    pub(crate) fn control(&mut self, key: char) {
        self.press(KeyCode::Char(key), KeyModifiers::CONTROL);
    }

    /// Puts the cursor on a lock.
    pub(crate) fn choose(&mut self, namespace: &str, name: &str) {
        let id = LockId {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        let row = self.state.shown().row_of(&id).unwrap();
        self.state.move_to(row);
    }

    /// The name of the lock that the cursor is on.
    pub(crate) fn chosen(&self) -> &str {
        self.state.cursor.lock.as_ref().map_or("", |id| &id.name)
    }

    /// The names in the table, from its top.
    pub(crate) fn names(&self) -> Vec<&str> {
        let locks = self.state.shown();
        let names = (0..locks.len()).filter_map(|row| locks.in_row(row));
        names.map(|lock| lock.id.name.as_str()).collect()
    }

    pub(crate) fn sorted_by(&self) -> (Column, bool) {
        let sort = self.state.shown().arrangement().sort;
        (sort.column, sort.descending)
    }

    /// What is on the screen.
    pub(crate) fn drawn(&self) -> String {
        self.terminal().backend().to_string()
    }

    pub(crate) fn terminal(&self) -> Terminal<TestBackend> {
        let (columns, lines) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
        terminal
            .draw(|frame| view::render(frame, &self.state))
            .unwrap();
        terminal
    }
}

pub(crate) const fn given<'a>(
    namespace: &'a str,
    name: &'a str,
    holder: &'a str,
    renewed: i64,
    lasts: Option<u32>,
) -> Given<'a> {
    Given {
        namespace,
        name,
        holder,
        renewed,
        lasts,
    }
}

fn json(given: &Given<'_>, version: u64) -> String {
    let Given {
        namespace,
        name,
        holder,
        renewed,
        lasts,
    } = given;
    let date = micro_time::parse(DATE).unwrap().as_micros();
    let stamp = Timestamp::from_micros(date - renewed * 1_000_000);
    let seconds = micro_time::format_seconds(stamp);
    let times = lasts.map_or_else(String::new, |lasts| {
        let time = micro_time::format(stamp);
        format!(r#", "leaseDurationSeconds": {lasts}, "renewTime": "{time}""#)
    });
    let holder = serde_json::Value::from(*holder);
    format!(
        r#"{{
            "metadata": {{
                "namespace": "{namespace}", "name": "{name}", "uid": "{name}-uid",
                "resourceVersion": "{version}", "creationTimestamp": "2026-11-18T10:00:00Z",
                "managedFields": [{{
                    "manager": "elector", "time": "{seconds}",
                    "fieldsV1": {{"f:spec": {{
                        "f:holderIdentity": {{}}, "f:leaseDurationSeconds": {{}},
                        "f:leaseTransitions": {{}}, "f:renewTime": {{}}
                    }}}}
                }}]
            }},
            "spec": {{ "holderIdentity": {holder}, "leaseTransitions": 3 {times} }}
        }}"#
    )
}
