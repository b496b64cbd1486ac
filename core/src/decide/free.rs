//! Setting a lock free.

use super::{Refusal, Write, expired, expired_or_gone};
use crate::{Dialect, Identity, Judged, OwnerGone, Snapshot, Timestamp};

/// Sets a lock free that `who` holds, in the form that its dialect reads as free. `now` is our
/// wall clock.
///
/// The holder that is compared is the one of the version that will be written to. (client-go
/// compares a cached one, and so a paused holder can blank its successor's lease.)
///
/// # Errors
/// A lock that is free, held by another, or not ours to write, by [`Refusal`].
pub fn release(lock: &Snapshot, who: &Identity, now: Timestamp) -> Result<Write, Refusal> {
    if lock.dialect.is_free(&lock.record) {
        return Err(Refusal::AlreadyFree);
    }
    may_free(&lock.dialect)?;
    if !lock.is_held_by(who.as_str()) {
        return Err(Refusal::NotHolder);
    }
    freed(lock, now)
}

/// Sets an expired lock free, on the same evidence as [`super::steal`]. `now` is our wall clock.
///
/// # Errors
/// As for [`super::steal`].
pub fn steal_and_release(judged: &Judged<'_>, now: Timestamp) -> Result<Write, Refusal> {
    let lock = judged.lock();
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    expired(judged, now)?;
    freed(lock, now)
}

/// Sets a lock free on the same evidence as [`super::steal_from_gone`]. `now` is our wall clock.
///
/// # Errors
/// As for [`super::steal_from_gone`].
pub fn release_from_gone(
    judged: &Judged<'_>,
    gone: &OwnerGone,
    now: Timestamp,
) -> Result<Write, Refusal> {
    let lock = judged.lock();
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    expired_or_gone(judged, gone, now)?;
    freed(lock, now)
}

pub(super) fn may_free(dialect: &Dialect) -> Result<(), Refusal> {
    match dialect {
        Dialect::ClientGo
        | Dialect::ConfigMap { .. }
        | Dialect::Coordinated
        | Dialect::Longhorn
        | Dialect::Terraform { .. } => Ok(()),
        Dialect::ApiServerIdentity
        | Dialect::CloudNativePg
        | Dialect::NodeHeartbeat
        | Dialect::PlainConfigMap => Err(Refusal::Foreign(dialect.clone())),
    }
}

/// The write that frees a lock in its dialect.
pub(super) fn freed(lock: &Snapshot, now: Timestamp) -> Result<Write, Refusal> {
    let drop_annotation = lock.dialect.stale_when_free();
    if let Dialect::Terraform { lock_id: Some(id) } = &lock.dialect {
        // Terraform itself compares the two before it unlocks; where they differ, somebody is in
        // the middle of a write.
        if lock
            .record
            .holder()
            .is_some_and(|holder| holder != id.as_str())
        {
            return Err(Refusal::Malformed);
        }
    }
    Ok(Write::Replace {
        version: lock.version.clone(),
        record: lock.dialect.freed(&lock.record, now),
        notes: lock.notes.of_next_holder(),
        drop_annotation,
    })
}
