//! How waiting for a lock goes, told on stderr: on a terminal in one line that changes, else in a
//! line now and then.

use std::time::Duration;

use lease_client::{Notice, ReadError, Trouble, clock};
use lease_core::{Event, Instant, Mode, Timestamp};

use crate::escape;
use crate::failure::Failure;
use crate::human;
use crate::identity_text;
use crate::ui::Ui;

/// Whoever has the lock by then has not waited.
const PATIENCE: Duration = Duration::from_millis(400);
/// The fewest columns in which a holder is told.
const SHORTEST_HOLDER: usize = 4;
/// How long nothing is told again where lines stay.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// How waiting for one lock goes.
pub(crate) struct Progress<'a> {
    ui: &'a Ui,
    name: &'a str,
    mode: Mode,
    begun: Instant,
    known: Known,
    /// What was told last in a line that stays, and when.
    told: Option<(Known, Instant)>,
    /// Since when the holder says that it holds the lock.
    held_since: Option<Timestamp>,
    /// Whether the API server has told anything.
    has_heard: bool,
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
    pub(crate) fn new(ui: &'a Ui, name: &'a str, mode: Mode) -> Self {
        Self {
            ui,
            name,
            mode,
            begun: clock::local(),
            known: Known::default(),
            told: None,
            held_since: None,
            has_heard: false,
            trouble: None,
        }
    }

    /// Takes in what happened.
    pub(crate) fn take(&mut self, notice: Notice) {
        self.has_heard |= matches!(notice, Notice::Told(_));
        match notice {
            Notice::CannotWatch(_) => self.note(&format!(
                "no right to watch \"{}\": it is read every so often instead, and our turn is \
                 noticed that much later",
                self.name
            )),
            Notice::Told(Event::CannotQueue) => self.note(
                "no right to create leases, or to list or delete them, which would keep our place in \
                 line: whoever comes first is next",
            ),
            Notice::Told(Event::HolderChanged { holder, since }) => {
                self.held_since = since;
                self.known.holder = holder.map(|holder| (holder, clock::local()));
            }
            Notice::Told(Event::Queued { ahead }) => self.known.ahead = Some(ahead),
            Notice::Told(_) => self.trouble = None,
            Notice::Trouble(trouble) => self.trouble(&trouble),
        }
    }

    /// Whether nothing has worked yet, so that this is what keeps the lock from being read.
    pub(crate) fn is_first(&self, trouble: &Trouble) -> bool {
        let is_outage = matches!(
            trouble,
            Trouble::Read(ReadError::Unavailable(_)) | Trouble::Slow { is_read: true, .. }
        );
        is_outage && !self.has_heard
    }

    fn trouble(&mut self, trouble: &Trouble) {
        // A right that is missing is told as what that means.
        if !matches!(trouble, Trouble::Slow { .. }) && trouble.request().is_none() {
            return;
        }
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

    fn line(&self, now: Instant) -> String {
        let Known { holder, ahead } = &self.known;
        let mut line = format!("waiting for \"{}\"", self.name);
        let mut rest = String::new();
        if let Some((_, seen)) = holder {
            let held = match self.held_since {
                // By the holder's clock.
                Some(acquired) => clock::wall().since(acquired).max(now.since(*seen)),
                None => now.since(*seen),
            };
            rest = format!(" for {}", human::duration(held));
        }
        match ahead {
            None => {}
            Some(0) => rest += ", we are next",
            Some(ahead) => rest += &format!(", at most {ahead} ahead of us"),
        }
        if self.ui.shows_progress() {
            rest += &format!("; {}", human::duration(now.since(self.begun)));
            if let Mode::Until(until) = self.mode {
                // It was counted from a little earlier.
                let limit = until.since(self.begun) + Duration::from_millis(500);
                rest += &format!(" of {}", human::duration(limit));
            }
        }
        if let Some((holder, _)) = holder {
            line += ", held by ";
            line += &if self.ui.shows_progress() {
                // What moves is at the end, and has to be seen.
                let left = Ui::progress_columns().saturating_sub(line.len() + rest.len());
                let holder = escape::cut(holder, 200);
                identity_text::within(&holder, left.max(SHORTEST_HOLDER))
            } else {
                escape::cut(holder, 200)
            };
        }
        line + &rest
    }

    fn note(&self, text: &str) {
        self.ui.end_progress();
        self.ui.note(text);
    }

    /// Stops telling.
    pub(crate) fn end(&self) {
        self.ui.end_progress();
    }

    /// Stops telling, since the lock is ours, and says for how long it was waited if that was told.
    pub(crate) fn acquired(&self) -> Option<Duration> {
        self.end();
        let waited = clock::local().since(self.begun);
        let was_told = self.told.is_some() || (self.ui.shows_progress() && waited >= PATIENCE);
        was_told.then_some(waited)
    }
}
