//! Asking why a lock is as it is, while somebody looks at the answer.

use std::time::Duration;

use lease_core::{Instant, State as LockState, Uid};

use super::locks::Lock;
use super::message::Verdict;

/// How long after a question the next one is put, unless the user asks: it is answered by lists of
/// all pods, and a lock may change all the time.
const BETWEEN: Duration = Duration::from_secs(5);

/// What was asked about a lock, and what was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inquiry {
    /// When it was asked last, and what the lock was like then.
    asked: Option<(Instant, Option<Aspect>)>,
    /// Whether that is to be answered yet.
    is_pending: bool,
    /// Whether the user wants it to be asked again.
    is_wanted: bool,
    answer: Option<(Result<Verdict, String>, Instant)>,
}

/// What of a lock makes for another answer once it changes. That it is renewed does not.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Aspect {
    uid: Uid,
    state: LockState,
    holder: Option<String>,
    duration: Option<i32>,
    transitions: Option<i32>,
    waiters: Option<usize>,
    is_gone: bool,
}

impl Inquiry {
    /// Whether a lock that stands like this is to be asked about now, which is then under way.
    pub(crate) fn is_due(&mut self, lock: Option<&Lock>, now: Instant) -> bool {
        if self.is_pending {
            return false;
        }
        let aspect = lock.map(Aspect::of);
        let is_due = self.is_wanted
            || self
                .asked
                .as_ref()
                .is_none_or(|(at, asked)| *asked != aspect && now.since(*at) >= BETWEEN);
        if is_due {
            self.is_wanted = false;
            self.is_pending = true;
            self.asked = Some((now, aspect));
        }
        is_due
    }

    /// Wants it to be asked again, at once.
    pub(crate) fn again(&mut self) {
        self.is_wanted = true;
    }

    /// Takes in the answer.
    pub(crate) fn answered(&mut self, verdict: Result<Verdict, String>, now: Instant) {
        self.is_pending = false;
        self.answer = Some((verdict, now));
    }

    /// The last answer, and when it came.
    pub(crate) fn answer(&self) -> Option<&(Result<Verdict, String>, Instant)> {
        self.answer.as_ref()
    }

    /// Whether another answer is awaited.
    pub(crate) fn is_pending(&self) -> bool {
        self.is_pending
    }
}

impl Aspect {
    fn of(lock: &Lock) -> Self {
        let snapshot = lock.snapshot();
        let record = &snapshot.record;
        Self {
            uid: snapshot.version.uid.clone(),
            state: lock.state(),
            holder: record.holder().map(str::to_owned),
            duration: record.duration_seconds,
            transitions: record.transitions,
            waiters: lock.waiters,
            is_gone: lock.gone.is_some(),
        }
    }
}
