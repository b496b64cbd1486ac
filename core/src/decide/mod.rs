//! One-shot decisions: what may be written to a lock, or why nothing may.
//!
//! Each function takes a lock as it was judged and returns a [`Write`] that carries the uid and
//! the resourceVersion of exactly that reading. A holder that renews in the meantime wins: the
//! API server then answers with a conflict, and whoever decided has to read and decide again.

mod force;
mod free;
mod hand_over;
mod keep;
mod means;
mod take;

use core::time::Duration;

pub use force::{Forced, end_tombstone, force_release};
pub use free::{release, release_from_gone, steal_and_release};
pub use hand_over::{ask_release, confirm, hand_over, hand_over_without_ticket};
pub(crate) use keep::keep;
pub use keep::renew;
pub use means::Means;
pub use take::{acquire, steal, steal_from_gone};

use crate::{
    Dialect, Expiry, Identity, Judged, Notes, Record, Snapshot, State, Taker, Timestamp, Version,
};

/// A write to one lease. Whoever carries it out changes only the fields of [`Record`], the
/// annotations of [`Notes`] and the named annotation; everything else of the object stays as it is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Write {
    /// Create the lease; it must not exist (POST).
    Create {
        /// The spec of the new lease.
        record: Record,
        /// Its notes.
        notes: Notes,
    },
    /// Replace the lease; it must be in this version (PUT with uid and resourceVersion). A lock that
    /// exists only while it is held is replaced by other means: see [`Write::means`].
    Replace {
        /// The version that was judged.
        version: Version,
        /// The spec that replaces the old one.
        record: Record,
        /// The notes that replace the old ones.
        notes: Notes,
        /// An annotation to remove, if it is there.
        drop_annotation: Option<&'static str>,
    },
}

impl Write {
    /// The notes that will stand once the write has landed.
    pub const fn notes(&self) -> &Notes {
        match self {
            Self::Create { notes, .. } | Self::Replace { notes, .. } => notes,
        }
    }

    /// The record that will stand once the write has landed.
    pub const fn record(&self) -> &Record {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => record,
        }
    }

    /// Whether a lock that was read after a write of unknown outcome shows that it landed.
    ///
    /// An identity is unique to its contender and times have microseconds, so a record that is
    /// equal in every field is this write's; but for a request to release, which changes none.
    pub fn stands_in(&self, lock: &Snapshot) -> bool {
        let asked = &self.notes().release_asked;
        self.record() == &lock.record && (asked.is_none() || *asked == lock.notes.release_asked)
    }

    fn replace(lock: &Snapshot, record: Record) -> Self {
        Self::Replace {
            version: lock.version.clone(),
            record,
            notes: lock.notes.of_next_holder(),
            drop_annotation: None,
        }
    }

    fn taken_by(mut self, claim: &Claim) -> Self {
        let (Self::Create { notes, .. } | Self::Replace { notes, .. }) = &mut self;
        notes.taken_by = Some(Taker {
            holder: claim.identity.as_str().into(),
            number: claim.number,
            attends: claim.attends,
        });
        self
    }
}

/// Who wants a lock, and for how long.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Claim {
    /// Who will be the holder.
    pub identity: Identity,
    /// What others will have to wait after the last renewal; see [`crate::lease_seconds`].
    pub duration_seconds: i32,
    /// A number of the contender's own, by which it is known from others that somebody gave the
    /// same identity.
    pub number: u64,
    /// Whether it watches the lock while it holds it, and gives it back when it is asked to.
    pub attends: bool,
}

/// Why a decision is against writing. None of them is a fault; each is a rule of the lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Nobody holds it, so there is nothing to take away.
    #[error("nobody holds the lock")]
    AlreadyFree,
    /// The identity that asks holds it already. Taking it again would make one lock serve two
    /// contenders; a renewal is what a holder does.
    #[error("this identity holds the lock already")]
    AlreadyYours,
    /// The lease follows rules of its own, and this write would break them.
    #[error("the lease belongs to another kind of program ({})", .0.name())]
    Foreign(Dialect),
    /// Somebody holds it, and may be alive.
    #[error("the lock is held")]
    Held {
        /// [`State::Held`], [`State::Late`] or [`State::Offered`].
        state: State,
        /// When it ends unless its holder renews.
        expiry: Option<Expiry>,
    },
    /// Its fields contradict each other, so no rule tells when it ends.
    #[error("the lock's record is malformed")]
    Malformed,
    /// Only the holder may do this, and somebody else holds it.
    #[error("the lock is held by somebody else")]
    NotHolder,
    /// The lease is over by the API server's clock, but not by ours: one of the two is wrong, and
    /// only watching can tell.
    #[error("the API server's clock is ahead of ours")]
    DateAhead {
        /// How far the server's clock is ahead.
        by: Duration,
    },
    /// The lease is over by the API server's stamp, but not by the recorded renewTime: one of the
    /// two clocks is wrong, and only watching can tell.
    #[error("the recorded renewTime is at odds with the API server's stamp")]
    RecordAhead {
        /// How much later than the stamp the record claims to have been renewed.
        by: Duration,
    },
    /// Nobody would hear a request to release the lock: its holder does not watch it.
    #[error("the holder does not watch the lock")]
    Unattended,
    /// It never expires.
    #[error("the lock never expires")]
    Unbounded,
    /// Nothing tells yet whether its holder lives; only watching can.
    #[error("whether the holder is alive is not known yet")]
    Unproven,
}

/// Refuses what is not expired, and what expired by evidence that does not suffice to take it.
/// `now` is our wall clock.
fn expired(judged: &Judged<'_>, now: Timestamp) -> Result<(), Refusal> {
    let standing = judged.standing();
    match standing.state {
        State::Free => return Err(Refusal::AlreadyFree),
        State::Held | State::Late | State::Offered => {
            return Err(Refusal::Held {
                state: standing.state,
                expiry: standing.expiry,
            });
        }
        State::Malformed => return Err(Refusal::Malformed),
        State::Unbounded => return Err(Refusal::Unbounded),
        State::Unknown => return Err(Refusal::Unproven),
        State::Expired => {}
    }
    agreed_by_other_clocks(judged, now)
}

/// Refuses what is not expired, unless it belongs to a Pod that is gone.
fn expired_or_gone(
    judged: &Judged<'_>,
    gone: &crate::OwnerGone,
    now: Timestamp,
) -> Result<(), Refusal> {
    match &judged.lock().dialect {
        Dialect::ConfigMap { owner, .. } if gone.is_of(owner) => Ok(()),
        _ => expired(judged, now),
    }
}

/// A takeover on the stamp needs two more clocks to agree that the lease is over: the holder's,
/// by the recorded renewTime, and ours. So no single clock that is wrong, be it one of several
/// API servers' or that of a proxy that dates answers itself, takes a lock from a live holder;
/// where they disagree, observation decides.
fn agreed_by_other_clocks(judged: &Judged<'_>, now: Timestamp) -> Result<(), Refusal> {
    let record = &judged.lock().record;
    let Some(crate::Evidence::Stamped { stamp, date }) = judged.standing().evidence else {
        return Ok(());
    };
    let (Some(renewed), Some(duration)) = (record.renewed(), record.duration()) else {
        return Err(Refusal::Unbounded);
    };
    let enough = duration.saturating_add(crate::MARGIN);
    if date.since(renewed.max(stamp)) <= enough {
        return Err(Refusal::RecordAhead {
            by: renewed.since(stamp),
        });
    }
    if now.since(renewed.max(stamp)) <= enough {
        return Err(Refusal::DateAhead {
            by: date.since(now),
        });
    }
    Ok(())
}
