//! Passing a lock on, and taking what was passed on.

use core::time::Duration;

use super::take::taken;
use super::{Claim, Refusal, Write};
use crate::{Grant, Identity, Notes, Snapshot, Ticket, Timestamp};

/// Names a waiter as holder, who has the window of its ticket to confirm. Until then nobody holds
/// the lock, and nobody else can take it. `now` is our wall clock.
///
/// A hand-over in the order of the queue says so (`in_order`), so that whoever was passed by
/// learns of it.
///
/// # Errors
/// A lock that is free, held by another, or not ours to write, by [`Refusal`].
pub fn hand_over(
    lock: &Snapshot,
    who: &Identity,
    to: &Ticket,
    in_order: bool,
    now: Timestamp,
) -> Result<Write, Refusal> {
    own_to_give(lock, who)?;
    Ok(granted(lock, to, in_order, now))
}

/// The write that names a waiter as holder.
pub(super) fn granted(lock: &Snapshot, to: &Ticket, in_order: bool, now: Timestamp) -> Write {
    let mut record = lock.record.clone();
    record.holder = Some(to.holder.clone());
    record.duration_seconds = Some(window_seconds(lock, to));
    record.acquire_time = Some(now);
    record.renew_time = Some(now);
    let served_through = if in_order {
        let place = to.place().clone();
        match &lock.notes.served_through {
            Some(served) if *served > place => Some(served.clone()),
            _ => Some(place),
        }
    } else {
        lock.notes.served_through.clone()
    };
    Write::Replace {
        version: lock.version.clone(),
        record,
        notes: Notes {
            grant: Some(Grant {
                to: to.holder.clone(),
                ticket: to.name.clone(),
                uid: to.version.uid.clone(),
            }),
            served_through,
            ..Notes::default()
        },
        drop_annotation: None,
    }
}

/// What a ticket asks for, but not more than any waiter needs: one that may not watch reads the
/// lock after 2.2 retry periods at the latest, of which a lease lasts more than 1.2. Whoever may
/// write a ticket could keep the lock from everybody else for as long as it likes.
fn window_seconds(lock: &Snapshot, to: &Ticket) -> i32 {
    const LEAST: Duration = Duration::from_secs(2);
    let lease = lock.record.duration().unwrap_or_default();
    let most = lease.saturating_mul(2).max(LEAST);
    i32::try_from(to.window.min(most).as_secs()).unwrap_or(i32::MAX)
}

/// Names somebody as holder who has no ticket: a contender of another program, or one of ours
/// that may not queue. Nobody else takes the lock for as long as it lasted for us. `now` is our
/// wall clock.
///
/// # Errors
/// As for [`hand_over`].
pub fn hand_over_without_ticket(
    lock: &Snapshot,
    who: &Identity,
    to: &Identity,
    now: Timestamp,
) -> Result<Write, Refusal> {
    own_to_give(lock, who)?;
    let mut record = lock.record.clone();
    record.holder = Some(to.as_str().into());
    record.acquire_time = Some(now);
    record.renew_time = Some(now);
    Ok(Write::replace(lock, record))
}

/// Takes a lock that names us as holder: a hand-over, or a write of ours that came to nothing
/// else. Needs no check of any window: if it ran out and somebody took the lock, the version
/// decides. `now` is our wall clock.
///
/// # Errors
/// A lock that does not name us, or is not ours to write, by [`Refusal`].
pub fn confirm(lock: &Snapshot, claim: &Claim, now: Timestamp) -> Result<Write, Refusal> {
    own(lock, &claim.identity)?;
    let transitions = lock.record.transitions.unwrap_or(0).max(0);
    Ok(Write::replace(
        lock,
        taken(&lock.record, claim, transitions.saturating_add(1), now),
    )
    .taken_by(claim))
}

/// Asks the holder to give the lock back, which changes nothing of who holds it.
///
/// # Errors
/// A lock that is free, or not ours to write, or whose holder would not hear of it, by
/// [`Refusal`].
pub fn ask_release(lock: &Snapshot) -> Result<Write, Refusal> {
    if lock.dialect.is_free(&lock.record) {
        return Err(Refusal::AlreadyFree);
    }
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    if lock.taker().is_none_or(|taker| !taker.attends) {
        return Err(Refusal::Unattended);
    }
    Ok(Write::Replace {
        version: lock.version.clone(),
        record: lock.record.clone(),
        notes: Notes {
            release_asked: lock.record.holder.clone(),
            ..lock.notes.clone()
        },
        drop_annotation: None,
    })
}

/// As [`own`], of a lock that there is while nobody has confirmed it.
fn own_to_give(lock: &Snapshot, who: &Identity) -> Result<(), Refusal> {
    if lock.dialect.exists_while_held() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    own(lock, who)
}

fn own(lock: &Snapshot, who: &Identity) -> Result<(), Refusal> {
    if !lock.dialect.may_take() {
        return Err(Refusal::Foreign(lock.dialect.clone()));
    }
    match lock.record.holder() {
        None => Err(Refusal::AlreadyFree),
        Some(_) if !lock.is_held_by(who.as_str()) => Err(Refusal::NotHolder),
        Some(_) => Ok(()),
    }
}
