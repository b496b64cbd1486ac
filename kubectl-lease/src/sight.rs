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

/// How long after a connection came back what was missed may still be on its way.
const CATCHING_UP: Duration = Duration::from_secs(1);

/// Whether changes are heard of, and by which time locks are judged.
///
/// While they are not, time stands still, since a holder may renew unseen; and once they are again,
/// until what was missed has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hearing {
    /// What the API server's clock showed, and when that was on ours.
    date: Option<(Timestamp, Instant)>,
    /// Since when nothing is heard, and when that ended.
    lost: Option<(Instant, Option<Instant>)>,
}

impl Hearing {
    /// The connection broke.
    pub(crate) fn lose(&mut self, at: Instant) {
        self.lost = match self.lost {
            // What was missed before may not have come yet.
            Some((since, Some(back))) if at.since(back) < CATCHING_UP => Some((since, None)),
            Some((since, None)) => Some((since, None)),
            _ => Some((at, None)),
        };
    }

    /// Something was heard. Tells whether nothing was until now.
    pub(crate) fn hear(&mut self, at: Instant) -> bool {
        match &mut self.lost {
            Some((_, back @ None)) => {
                *back = Some(at);
                true
            }
            _ => false,
        }
    }

    /// All there is was heard, dated by the server.
    pub(crate) fn list(&mut self, date: Option<Timestamp>, at: Instant) {
        self.lost = None;
        self.date = date.map(|date| (date, at)).or(self.date);
    }

    /// Since when nothing is heard.
    pub(crate) fn lost_since(&self) -> Option<Instant> {
        match self.lost {
            Some((since, None)) => Some(since),
            _ => None,
        }
    }

    /// When it is so late by that time, if nothing else happens.
    pub(crate) fn reaches(&self, time: Instant) -> Option<Instant> {
        match self.lost {
            Some((_, None)) => None,
            Some((_, Some(back))) => Some(time.max(back.saturating_add(CATCHING_UP))),
            None => Some(time),
        }
    }

    /// The time by which locks are judged. The server's is in whole seconds, as it would say it
    /// itself.
    pub(crate) fn clock(&self, now: Instant) -> Clock {
        let local = match self.lost {
            Some((since, None)) => since,
            Some((since, Some(back))) if now.since(back) < CATCHING_UP => since,
            _ => now,
        };
        let date = self.date.map(|(date, at)| {
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
        // Of what ends as it was stated, what was seen tells nothing.
        seen @ Look::Observed {
            change_seen: true, ..
        } if !observer.latest().dialect.ends_as_stated() => seen,
        unseen => match Look::stamped_or_first(observer.latest(), clock.date) {
            stamped @ Look::Stamped { .. } => stamped,
            _ => unseen,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn time_stands_still_until_what_was_missed_has_come() {
        let mut hearing = Hearing::default();
        hearing.list(None, at(0));
        let local = |hearing: &Hearing, now| hearing.clock(at(now)).local;
        assert_eq!(local(&hearing, 500), at(500));
        assert_eq!(hearing.reaches(at(700)), Some(at(700)));
        hearing.lose(at(1000));
        assert_eq!(hearing.reaches(at(1200)), None);
        hearing.lose(at(2000));
        assert_eq!(local(&hearing, 60_000), at(1000));
        assert_eq!(hearing.lost_since(), Some(at(1000)));
        assert!(hearing.hear(at(60_000)));
        assert!(!hearing.hear(at(60_001)));
        assert_eq!(hearing.reaches(at(1200)), Some(at(61_000)));
        assert_eq!(hearing.reaches(at(90_000)), Some(at(90_000)));
        assert_eq!(hearing.lost_since(), None);
        assert_eq!(local(&hearing, 60_999), at(1000));
        // Broken again before all has come.
        hearing.lose(at(60_999));
        assert_eq!(local(&hearing, 70_000), at(1000));
        assert!(hearing.hear(at(70_000)));
        assert_eq!(local(&hearing, 71_000), at(71_000));
        hearing.lose(at(80_000));
        hearing.list(None, at(90_000));
        assert_eq!(local(&hearing, 90_000), at(90_000));
    }
}
