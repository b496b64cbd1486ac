//! How locks that are followed are looked at as time passes.

use std::time::Duration;

use lease_core::{Instant, Look, Observer, Timestamp};

/// A point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) local: Instant,
    /// What the API server's clock shows, if it ever said.
    pub(crate) date: Option<Timestamp>,
}

/// The API server's clock, as it dated one of its answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServerClock {
    /// What it showed, and when that was on ours.
    read: Option<(Timestamp, Instant)>,
}

impl ServerClock {
    /// Takes in an answer that arrived at `at`. One without a date leaves what is known.
    pub(crate) fn read(&mut self, date: Option<Timestamp>, at: Instant) {
        self.read = date.map(|date| (date, at)).or(self.read);
    }

    /// What it shows at a point in time, in whole seconds, as the server itself would say it.
    pub(crate) fn at(&self, local: Instant) -> Clock {
        let date = self.read.map(|(date, at)| {
            let passed = Duration::from_secs(local.since(at).as_secs());
            date.saturating_add(passed)
        });
        Clock { local, date }
    }
}

/// How a lock is looked at: what was seen to change is judged by that; else the API server's stamp
/// tells more than the little that was observed.
pub(crate) fn look(observer: &Observer, clock: Clock) -> Look {
    match observer.look(clock.local) {
        seen @ Look::Observed {
            change_seen: true, ..
        } => seen,
        unseen => match Look::stamped_or_first(observer.latest(), clock.date) {
            stamped @ Look::Stamped { .. } => stamped,
            _ => unseen,
        },
    }
}
