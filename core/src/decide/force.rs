//! Breaking a lock.

use alloc::string::String;

use super::free::{freed, may_free};
use super::hand_over::granted;
use super::{Refusal, Write, expired};
use crate::{Broken, Dialect, Identity, Judged, Snapshot, State, Ticket, Timestamp};

/// How far a force-release may go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forced {
    /// What stands as the holder while the victim's belief runs out: who broke the lock and why.
    pub tombstone: Identity,
    /// Why the lock is broken, in the words of who breaks it.
    pub because: Option<String>,
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
/// retry period plus renew deadline, even though it sees another holder). What is done with a
/// tombstone that has had its time, [`end_tombstone`] decides.
///
/// # Errors
/// A lock that is free or not ours to break, by [`Refusal`]; and a tombstone that has not had its
/// time, as one that is held.
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
    let standing = judged.standing();
    let is_over = match standing.state {
        State::Free => return Err(Refusal::AlreadyFree),
        State::Unbounded | State::Malformed => true,
        State::Expired if expired(judged, now).is_ok() => true,
        State::Expired | State::Held | State::Late | State::Offered | State::Unknown => {
            forced.at_once || !lock.dialect.may_be_tombstone()
        }
    };
    let mut write = if is_over {
        freed(lock, now)?
    } else if lock.tombstone().is_some() {
        // Another one would only begin that time anew.
        return Err(Refusal::Held {
            state: standing.state,
            expiry: standing.expiry,
        });
    } else {
        let mut record = lock.record.clone();
        record.holder = Some(forced.tombstone.as_str().into());
        record.acquire_time = Some(now);
        record.renew_time = Some(now);
        record.transitions = Some(record.transitions.unwrap_or(0).max(0).saturating_add(1));
        Write::replace(lock, record)
    };
    // A holder of ours takes a lock back that was blanked by mistake, but not this one.
    if let Write::Replace { notes, .. } = &mut write {
        let victim = match lock.tombstone() {
            Some(broken) => Some(broken.holder.clone()),
            None => lock.record.holder.clone(),
        };
        notes.broken = victim.map(|holder| Broken {
            holder,
            tombstone: forced.tombstone.as_str().into(),
            because: forced.because.clone(),
        });
    }
    Ok(write)
}

/// Passes on a lock whose tombstone has had its time: to the first one who waits, or to whoever
/// comes. `now` is our wall clock.
///
/// # Errors
/// What is no tombstone, or is not proven to have had its time, by [`Refusal`].
pub fn end_tombstone(
    judged: &Judged<'_>,
    first: Option<&Ticket>,
    now: Timestamp,
) -> Result<Write, Refusal> {
    let lock: &Snapshot = judged.lock();
    let Some(broken) = lock.tombstone() else {
        return Err(match judged.standing().state {
            State::Free => Refusal::AlreadyFree,
            _ => Refusal::NotHolder,
        });
    };
    expired(judged, now)?;
    if let (Some(first), true) = (first, lock.dialect.may_take()) {
        return Ok(granted(lock, first, true, now));
    }
    let mut write = freed(lock, now)?;
    // What was said of it stays to be read until somebody else has the lock.
    if let Write::Replace { notes, .. } = &mut write {
        notes.broken = Some(broken.clone());
    }
    Ok(write)
}
