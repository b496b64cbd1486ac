//! Setting a lock free.

use super::{Refusal, Write, expired};
use crate::{Dialect, Identity, Judged, Record, Snapshot, State, Timestamp};

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
    if lock.record.holder() != Some(who.as_str()) {
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

/// How far a force-release may go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forced {
    /// What stands as the holder while the victim's belief runs out: who broke the lock and why.
    pub tombstone: Identity,
    /// Free a lock at once whose holder may be alive and may go on working for a while.
    pub at_once: bool,
    /// The user was told that this stops a database, and wants it.
    pub confirmed: bool,
}

/// Breaks a lock. `now` is our wall clock.
///
/// A lock that is expired or never expires is set free. A bounded lock whose holder may be alive
/// gets a tombstone: a holder that nobody is, with the victim's own duration, so that the
/// victim's belief ends before anybody else can begin (a client-go holder believes for up to its
/// retry period plus renew deadline, even though it sees another holder).
///
/// # Errors
/// A lock that is free or not ours to break, by [`Refusal`].
pub fn force_release(
    judged: &Judged<'_>,
    forced: &Forced,
    now: Timestamp,
) -> Result<Write, Refusal> {
    let lock = judged.lock();
    match &lock.dialect {
        Dialect::CloudNativePg if forced.confirmed => {}
        dialect => may_free(dialect)?,
    }
    let is_over = match judged.standing().state {
        State::Free => return Err(Refusal::AlreadyFree),
        State::Unbounded | State::Malformed => true,
        State::Expired if expired(judged, now).is_ok() => true,
        State::Expired | State::Held | State::Late | State::Offered | State::Unknown => {
            forced.at_once
        }
    };
    let mut write = if is_over {
        freed(lock, now)?
    } else {
        let before = &lock.record;
        Write::replace(
            lock,
            Record {
                holder: Some(forced.tombstone.as_str().into()),
                acquire_time: Some(now),
                renew_time: Some(now),
                transitions: Some(before.transitions.unwrap_or(0).max(0).saturating_add(1)),
                ..before.clone()
            },
        )
    };
    // A holder of ours takes a lock back that was blanked by mistake, but not this one.
    if let Write::Replace { notes, .. } = &mut write {
        notes.broken.clone_from(&lock.record.holder);
    }
    Ok(write)
}

fn may_free(dialect: &Dialect) -> Result<(), Refusal> {
    match dialect {
        Dialect::ClientGo | Dialect::Coordinated | Dialect::Terraform { .. } => Ok(()),
        Dialect::ApiServerIdentity | Dialect::CloudNativePg | Dialect::NodeHeartbeat => {
            Err(Refusal::Foreign(dialect.clone()))
        }
    }
}

/// The write that frees a lock in its dialect.
fn freed(lock: &Snapshot, now: Timestamp) -> Result<Write, Refusal> {
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
