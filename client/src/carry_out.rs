//! Carrying out one decision, whatever becomes of the replies.

use std::time::Duration;

use lease_core::{Means, Write};
use tokio::time::sleep;

use crate::config_map;
use crate::lease::Lease;
use crate::request::RequestError;
use crate::store::{Dated, ReadError, Store, WriteError};

/// How often a write of unknown outcome is sent before its outcome is left unknown.
const WRITES: u32 = 3;
/// How often the lock is read to learn what became of a write, and how long to wait in between.
const READS: u32 = 3;
const BETWEEN_READS: Duration = Duration::from_millis(500);

/// What the lock shows of a write whose reply was lost.
enum Outcome {
    /// The record carries it.
    Landed(Box<Dated<Lease>>),
    /// Somebody else has written since, before it or over it. It cannot land any more.
    Overtaken,
    /// The lock stands as it was judged; the write may still land.
    Pending,
}

/// Carries out a write to the lock that was read as `current`, or to the one of this namespace
/// and name that did not exist. Returns the lock as it stands then.
///
/// A write whose reply is lost is read back. Only if the lock still stands as it was judged, the
/// very same write is sent again: whichever of the two lands, the other one cannot.
///
/// # Errors
/// Once a reply was lost, only two are left: [`WriteError::Overtaken`] if somebody else wrote
/// before the lock could be read, and [`WriteError::Unknown`] if it cannot be read, or no reply
/// comes three times.
pub async fn carry_out<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
    current: Option<&Lease>,
    write: &Write,
) -> Result<Dated<Lease>, WriteError> {
    let mut lost: Option<RequestError> = None;
    for _ in 0..WRITES {
        let result = match current {
            Some(current) => store.replace(current, write).await,
            None => store.create(namespace, name, write).await,
        };
        let answered = match result {
            Ok(written) => return Ok(written),
            Err(WriteError::Unknown(reason)) => {
                lost = Some(lost.unwrap_or(reason));
                false
            }
            // No reply was lost, so this one tells all there is.
            Err(error) if lost.is_none() => return Err(error),
            // A refused repetition says nothing of the write before it, which may be the very
            // one that it conflicts with.
            Err(_) => true,
        };
        match read_back(store, namespace, name, current, write).await {
            Ok(Outcome::Landed(lease)) => return Ok(*lease),
            Ok(Outcome::Overtaken) => return Err(WriteError::Overtaken),
            Ok(Outcome::Pending) if !answered => {}
            Ok(Outcome::Pending) | Err(_) => break,
        }
    }
    // The loop is left only once a reply was lost, so there always is one.
    Err(lost.map_or(WriteError::Overtaken, WriteError::Unknown))
}

async fn read_back<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
    current: Option<&Lease>,
    write: &Write,
) -> Result<Outcome, ReadError> {
    let mut reads = 1;
    let Dated { value, date } = loop {
        match store.get(namespace, name).await {
            Ok(found) => break found,
            Err(error) if reads == READS => return Err(error),
            Err(_) => sleep(BETWEEN_READS).await,
        }
        reads += 1;
    };
    Ok(match (value, current) {
        (Some(value), _) if write.stands_in(value.snapshot()) => {
            Outcome::Landed(Box::new(Dated { value, date }))
        }
        // That is what it was to do, and whoever did it, nobody holds the lock.
        (None, Some(current)) if write.means(current.snapshot()) == Means::Delete => {
            let value = config_map::deleted(current);
            Outcome::Landed(Box::new(Dated { value, date }))
        }
        // It is half-way, and the rest can still land.
        (None, Some(current)) if write.means(current.snapshot()) == Means::Recreate => {
            Outcome::Pending
        }
        (Some(found), Some(current)) if found.snapshot().version == current.snapshot().version => {
            Outcome::Pending
        }
        (None, None) => Outcome::Pending,
        _ => Outcome::Overtaken,
    })
}
