//! Watching one lock with a local clock.

use core::time::Duration;

use crate::{Instant, Judged, Look, Snapshot, judge};

/// Remembers for how long a lock's record has not changed, on a local clock.
///
/// This is client-go's way to learn of expiry, and it trusts no clock but one's own: the
/// recorded times are compared for equality only.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Observer {
    latest: Snapshot,
    unchanged_since: Instant,
    change_seen: bool,
}

impl Observer {
    /// Starts to observe a lock. `at` is when the answer *arrived*, or later: an earlier time
    /// would count time in which the holder may have renewed unseen.
    pub fn new(first: Snapshot, at: Instant) -> Self {
        Self {
            latest: first,
            unchanged_since: at,
            change_seen: false,
        }
    }

    /// Takes in a later reading, which arrived at `at`.
    ///
    /// Only a change of the spec or of the uid is a sign of life; a label edited by somebody
    /// moves just the version. A reading with a *lower* version than the last one tells that
    /// etcd was restored from a backup: what was observed before belongs to another history.
    pub fn observe(&mut self, reading: Snapshot, at: Instant) {
        let went_back = reading.version.resource_version < self.latest.version.resource_version;
        if reading.record != self.latest.record
            || reading.version.uid != self.latest.version.uid
            || went_back
        {
            self.unchanged_since = at;
            self.change_seen = true;
        }
        self.latest = reading;
    }

    /// The last reading.
    pub fn latest(&self) -> &Snapshot {
        &self.latest
    }

    /// What was observed until `now`.
    pub fn look(&self, now: Instant) -> Look {
        Look::Observed {
            unchanged_for: now.since(self.unchanged_since),
            change_seen: self.change_seen,
        }
    }

    /// The last reading, judged by what was observed until `now`.
    pub fn judged(&self, now: Instant) -> Judged<'_> {
        judge(&self.latest, self.look(now))
    }

    /// How much longer the record has to stay unchanged until it counts as expired; `None` for
    /// a lock that never expires.
    pub fn remaining(&self, now: Instant) -> Option<Duration> {
        let duration = self.latest.record.duration()?;
        self.latest.record.renewed()?;
        Some(duration.saturating_sub(now.since(self.unchanged_since)))
    }
}
