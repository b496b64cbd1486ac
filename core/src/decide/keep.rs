//! Staying the holder.

use super::{Claim, Refusal, Write};
use crate::{Identity, Snapshot, Timestamp};

/// Renews a lock that `who` holds, and gives it another duration if one is named. acquireTime
/// and transitions stay, as client-go does it. `now` is our wall clock.
///
/// An expired lease that still names `who` may be renewed: nobody took it, and if somebody does
/// in the meantime, the version decides.
///
/// # Errors
/// A lock that is free, held by another, without times, or not ours to write, by [`Refusal`].
pub fn renew(
    lock: &Snapshot,
    who: &Identity,
    duration_seconds: Option<i32>,
    now: Timestamp,
) -> Result<Write, Refusal> {
    if lock.dialect.is_free(&lock.record) {
        return Err(Refusal::AlreadyFree);
    }
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    if !lock.is_held_by(who.as_str()) {
        return Err(Refusal::NotHolder);
    }
    let duration_seconds = duration_seconds.or(lock.record.duration_seconds);
    if duration_seconds.is_none() {
        // A renewTime alone would not bound it.
        return Err(Refusal::Unbounded);
    }
    let mut record = lock.record.clone();
    record.duration_seconds = duration_seconds;
    record.renew_time = Some(now);
    let mut notes = lock.notes.clone();
    // Whoever is named and renews has the lock, however it got there.
    notes.grant = None;
    Ok(Write::Replace {
        version: lock.version.clone(),
        record,
        notes,
        drop_annotation: None,
    })
}

/// The same for who holds the lock by this claim.
pub(crate) fn keep(lock: &Snapshot, claim: &Claim, now: Timestamp) -> Result<Write, Refusal> {
    let renewed = renew(lock, &claim.identity, Some(claim.duration_seconds), now)?;
    Ok(renewed.taken_by(claim))
}
