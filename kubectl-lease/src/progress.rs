//! How waiting for a lock goes, told on stderr: on a terminal in one line that changes, else in a
//! line now and then.

use std::time::Duration;

use lease_client::{Notice, Store, Trouble, clock};
use lease_core::{Event, Instant, Mode, Timestamp};
use tokio::task::JoinHandle;

use crate::escape;
use crate::failure::Failure;
use crate::human;
use crate::session::Session;
use crate::ui::Ui;

/// Whoever has the lock by then has not waited.
const PATIENCE: Duration = Duration::from_millis(400);
/// How long nothing is told again where lines stay.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// How waiting for one lock goes.
pub(crate) struct Progress<'a> {
    ui: &'a Ui,
    session: &'a Session,
    name: &'a str,
    mode: Mode,
    begun: Instant,
    known: Known,
    /// What was told last in a line that stays, and when.
    told: Option<(Known, Instant)>,
    /// Since when the first holder says that it holds the lock.
    asked: Option<JoinHandle<Option<(String, Timestamp)>>>,
    held_since: Option<Timestamp>,
    /// What goes wrong, until something works again, and whether it was told.
    trouble: Option<(String, bool)>,
}

/// What is known of the lock.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Known {
    /// Who holds it, and since when that was seen.
    holder: Option<(String, Instant)>,
    /// At most so many come before us.
    ahead: Option<usize>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(ui: &'a Ui, session: &'a Session, name: &'a str, mode: Mode) -> Self {
        Self {
            ui,
            session,
            name,
            mode,
            begun: clock::local(),
            known: Known::default(),
            told: None,
            asked: None,
            held_since: None,
            trouble: None,
        }
    }

    /// Takes in what happened.
    pub(crate) fn take(&mut self, notice: Notice) {
        match notice {
            Notice::CannotWatch(_) => self.note(&format!(
                "no right to watch \"{}\": it is read every so often instead, and our turn is \
                 noticed that much later",
                self.name
            )),
            Notice::Told(Event::CannotQueue) => self.note(
                "no right to create leases, which would keep our place in line: whoever comes \
                 first is next",
            ),
            Notice::Told(Event::HolderChanged { holder }) => self.holder_changed(holder),
            Notice::Told(Event::Queued { ahead }) => self.known.ahead = Some(ahead),
            Notice::Told(_) => self.trouble = None,
            Notice::Trouble(trouble) => self.trouble(&trouble),
        }
    }

    fn holder_changed(&mut self, holder: Option<String>) {
        let now = clock::local();
        self.held_since = None;
        self.known.holder = holder.map(|holder| (holder, now));
        // Of those who come later it is seen since when they hold it.
        let is_first = self.asked.is_none();
        if is_first && self.known.holder.is_some() && self.mode != Mode::Try {
            let store = self.session.store.clone();
            let (namespace, name) = (self.session.namespace.clone(), self.name.to_owned());
            self.asked = Some(tokio::spawn(async move {
                let lease = store.get(&namespace, &name).await.ok()?.value?;
                let record = &lease.snapshot().record;
                Some((record.holder()?.to_owned(), record.acquired()?))
            }));
        }
    }

    fn trouble(&mut self, trouble: &Trouble) {
        let text = Failure::from(trouble).message().to_owned();
        if self
            .trouble
            .as_ref()
            .is_none_or(|(known, _)| *known != text)
        {
            self.trouble = Some((text, false));
        }
    }

    /// Not before it is clear that the attempt goes on.
    fn tell_trouble(&mut self) {
        if let Some((text, told @ false)) = &mut self.trouble {
            let line = format!("{text}; trying again");
            *told = true;
            self.note(&line);
        }
    }

    /// Tells what there is to be told by now.
    pub(crate) fn look(&mut self) {
        let now = clock::local();
        self.hear_since_when();
        if self.mode == Mode::Try || now.since(self.begun) < PATIENCE {
            return;
        }
        self.tell_trouble();
        if self.known == Known::default() {
            // The server has not answered yet.
            return;
        }
        if self.ui.shows_progress() {
            let line = self.line(now);
            self.ui.progress(&line);
            return;
        }
        let is_due = match &self.told {
            None => true,
            Some((told, at)) => *told != self.known && now.since(*at) >= BETWEEN_LINES,
        };
        if is_due {
            self.ui.note(&self.line(now));
            self.told = Some((self.known.clone(), now));
        }
    }

    fn hear_since_when(&mut self) {
        let Some(asked) = &mut self.asked else { return };
        let Some(answer) = futures::FutureExt::now_or_never(asked) else {
            return;
        };
        // It is asked once.
        self.asked = Some(tokio::spawn(std::future::pending()));
        if let Ok(Some((holder, acquired))) = answer
            && self
                .known
                .holder
                .as_ref()
                .is_some_and(|(known, _)| *known == holder)
        {
            self.held_since = Some(acquired);
        }
    }

    fn line(&self, now: Instant) -> String {
        let Known { holder, ahead } = &self.known;
        let mut line = format!("waiting for \"{}\"", self.name);
        if let Some((holder, seen)) = holder {
            let held = match self.held_since {
                // By the holder's clock.
                Some(acquired) => clock::wall().since(acquired).max(now.since(*seen)),
                None => now.since(*seen),
            };
            line += &format!(
                ", held by {} for {}",
                escape::cut(holder, 200),
                human::duration(held)
            );
        }
        match ahead {
            None => {}
            Some(0) => line += ", we are next",
            Some(ahead) => line += &format!(", at most {ahead} ahead of us"),
        }
        if self.ui.shows_progress() {
            line += &format!("; {}", human::duration(now.since(self.begun)));
            if let Mode::Until(until) = self.mode {
                // It was counted from a little earlier.
                let limit = until.since(self.begun) + Duration::from_millis(500);
                line += &format!(" of {}", human::duration(limit));
            }
        }
        line
    }

    fn note(&self, text: &str) {
        self.ui.end_progress();
        self.ui.note(text);
    }

    /// Stops telling.
    pub(crate) fn end(&self) {
        self.ui.end_progress();
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }

    /// Stops telling, since the lock is ours, and says for how long it was waited if that was told.
    pub(crate) fn acquired(&self) -> Option<Duration> {
        self.end();
        let waited = clock::local().since(self.begun);
        let was_told = self.told.is_some() || (self.ui.shows_progress() && waited >= PATIENCE);
        was_told.then_some(waited)
    }
}
