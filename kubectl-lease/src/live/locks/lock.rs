//! One lock as it is followed.

use std::time::Duration;

use lease_client::{Writer, clock};
use lease_core::{
    Evidence, Expiry, Instant, Observer, Snapshot, Standing, State, Timestamp, judge,
};

use super::happening::What;
use super::{History, LockId, Seen};
use crate::lock_row::Row;
use crate::sight::{self, Clock};

/// How soon a lock is judged again whose state should have changed by now, but for whole seconds.
const AGAIN: Duration = Duration::from_millis(250);

/// One lock as it is followed.
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    pub(crate) id: LockId,
    observer: Observer,
    created: Option<Timestamp>,
    last_writer: Option<Writer>,
    pub(crate) waiters: Option<usize>,
    pub(crate) history: History,
    /// Since when it is deleted, if it is.
    pub(crate) gone: Option<Instant>,
    /// How it stood when it was judged last.
    state: State,
    /// When it changed last, on our local clock: what tells that is old enough to be before its start.
    pub(super) renewed: Option<i128>,
    /// When it stands otherwise if nothing happens.
    pub(super) due: Option<Instant>,
}

impl Lock {
    /// A lock that was first seen at `at`.
    pub(super) fn new(seen: Seen, at: Instant, clock: Clock) -> Self {
        let id = seen.id();
        let history = History::begin(&seen.snapshot.record, at);
        let mut lock = Self {
            id,
            observer: Observer::new(seen.snapshot, at),
            created: seen.created,
            last_writer: seen.last_writer,
            waiters: None,
            history,
            gone: None,
            state: State::Unknown,
            renewed: None,
            due: None,
        };
        lock.judge(clock);
        lock
    }

    /// Takes in a later version that arrived at `at`, and says what happened.
    pub(super) fn update(&mut self, seen: Seen, at: Instant, clock: Clock) -> What {
        let before = self.observer.latest();
        let after = match self.observer.look(at) {
            lease_core::Look::Observed {
                unchanged_for,
                change_seen: true,
            } => Some(unchanged_for),
            _ => None,
        };
        let what = if before.version.uid == seen.snapshot.version.uid {
            What::between(before, &seen.snapshot, after)
        } else {
            What::Created
        };
        self.history
            .follow(&before.record, &seen.snapshot.record, at);
        self.observer.observe(seen.snapshot, at);
        self.created = seen.created;
        self.last_writer = seen.last_writer;
        self.gone = None;
        self.judge(clock);
        what
    }

    /// Judges it as time has passed. Says whether it stands otherwise than before.
    pub(super) fn judge(&mut self, clock: Clock) -> bool {
        let standing = self.standing(clock);
        self.renewed = standing
            .evidence
            .filter(|_| standing.state != State::Unknown)
            .map(|evidence| {
                let now = clock.local.since(Instant::from_nanos(0)).as_nanos();
                now.cast_signed() - evidence.age().as_nanos().cast_signed()
            });
        self.due = due(&standing, self.duration(), clock.local);
        let is_other = self.state != standing.state;
        self.state = standing.state;
        is_other
    }

    /// How it stands at a point in time.
    pub(crate) fn standing(&self, clock: Clock) -> Standing {
        let look = sight::look(&self.observer, clock);
        *judge(self.observer.latest(), look).standing()
    }

    /// What was observed of it, if that is what it is judged by.
    pub(crate) fn observed(&self, clock: Clock) -> Option<Box<Observer>> {
        let is_observed = matches!(
            self.standing(clock).evidence,
            Some(Evidence::Observed { .. })
        );
        is_observed.then(|| Box::new(self.observer.clone()))
    }

    /// How it stood when it was judged last, which is each time that this may change.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// The lease as it was read last.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.observer.latest()
    }

    /// How long it lasts, where it does.
    pub(crate) fn duration(&self) -> Option<Duration> {
        self.snapshot().record.duration()
    }

    pub(crate) fn created(&self) -> Option<Timestamp> {
        self.created
    }

    pub(crate) fn last_writer(&self) -> Option<&Writer> {
        self.last_writer.as_ref()
    }

    /// As the cells of a row.
    pub(crate) fn row(&self, clock: Clock) -> Row<'_> {
        Row {
            snapshot: self.snapshot(),
            created: self.created,
            last_writer: self.last_writer.as_ref(),
            standing: self.standing(clock),
            now: clock.date.unwrap_or_else(clock::wall),
            waiters: self.waiters,
            holder_object: None,
        }
    }
}

/// When a lock stands otherwise if nothing happens, as the rules of [`State`] have it.
fn due(standing: &Standing, lease: Option<Duration>, now: Instant) -> Option<Instant> {
    let evidence: Evidence = standing.evidence?;
    let lease = lease?;
    let ends = lease.saturating_add(evidence.margin());
    let at = match (standing.state, standing.expiry) {
        (State::Held, Some(Expiry::In(_))) => lease * 2 / 3,
        (State::Expired, _) => return None,
        _ => ends,
    };
    let left = at.saturating_sub(evidence.age());
    Some(now.saturating_add(left.max(AGAIN)))
}
