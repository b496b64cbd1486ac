//! Becoming the holder.

use super::{Claim, Refusal, Write, expired, expired_or_gone};
use crate::{Judged, Notes, OwnerGone, Record, State, Timestamp};

/// Takes a lock that does not exist yet, is free, or is expired. `now` is our wall clock, which
/// the record will carry.
///
/// Transitions count up at each takeover, from an empty holder too, as client-go does.
///
/// # Errors
/// Whatever else stands there, by [`Refusal`].
pub fn acquire(
    judged: Option<&Judged<'_>>,
    claim: &Claim,
    now: Timestamp,
) -> Result<Write, Refusal> {
    let Some(judged) = judged else {
        return Ok(Write::Create {
            record: taken(&Record::default(), claim, 0, now),
            notes: Notes::default(),
        }
        .taken_by(claim));
    };
    may_take(judged, claim)?;
    if judged.standing().state != State::Free {
        expired(judged, now)?;
    }
    Ok(takeover(judged, claim, now))
}

/// Takes a lock whose lease is over, as its evidence proves. `now` is our wall clock.
///
/// # Errors
/// A lock that is free, alive, not yet proven expired, or that never expires, by [`Refusal`].
pub fn steal(judged: &Judged<'_>, claim: &Claim, now: Timestamp) -> Result<Write, Refusal> {
    may_take(judged, claim)?;
    expired(judged, now)?;
    Ok(takeover(judged, claim, now))
}

/// Takes a lock whose lease is over, or which belongs to a Pod that is gone, as `gone` proves: the
/// garbage collector is about to remove it. `now` is our wall clock.
///
/// # Errors
/// As for [`steal`].
pub fn steal_from_gone(
    judged: &Judged<'_>,
    gone: &OwnerGone,
    claim: &Claim,
    now: Timestamp,
) -> Result<Write, Refusal> {
    may_take(judged, claim)?;
    expired_or_gone(judged, gone, now)?;
    Ok(takeover(judged, claim, now))
}

fn may_take(judged: &Judged<'_>, claim: &Claim) -> Result<(), Refusal> {
    let lock = judged.lock();
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    if lock.is_held_by(claim.identity.as_str()) {
        return Err(Refusal::AlreadyYours);
    }
    Ok(())
}

fn takeover(judged: &Judged<'_>, claim: &Claim, now: Timestamp) -> Write {
    let lock = judged.lock();
    let transitions = lock.record.transitions.unwrap_or(0).max(0);
    Write::replace(
        lock,
        taken(&lock.record, claim, transitions.saturating_add(1), now),
    )
    .taken_by(claim)
}

pub(super) fn taken(before: &Record, claim: &Claim, transitions: i32, now: Timestamp) -> Record {
    Record {
        holder: Some(claim.identity.as_str().into()),
        duration_seconds: Some(claim.duration_seconds),
        acquire_time: Some(now),
        renew_time: Some(now),
        transitions: Some(transitions),
        strategy: before.strategy.clone(),
        preferred_holder: before.preferred_holder.clone(),
    }
}
