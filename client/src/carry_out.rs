//! Carrying out one decision, whatever becomes of the replies.

use std::time::Duration;

use lease_core::Write;
use tokio::time::sleep;

use crate::lease::Lease;
use crate::status::ApiStatus;
use crate::store::{ReadError, Store, WriteError};

/// How often a write of unknown outcome is sent before its outcome is left unknown.
const WRITES: u32 = 3;
/// How often the lock is read to learn what became of a write, and how long to wait in between.
const READS: u32 = 3;
const BETWEEN_READS: Duration = Duration::from_millis(500);

/// What became of a write whose reply was lost.
enum Outcome {
    /// The record carries it.
    Landed(Box<Lease>),
    /// The lock moved on without it, so it never will: its version is gone.
    Overtaken,
    /// The lock stands as it was judged; the write may still land.
    Pending,
}

/// Carries out a write to the lock that was read as `current`, or to the one of this namespace
/// and name that did not exist.
///
/// A write whose reply is lost is read back. Only if the lock still stands as it was judged, the
/// very same write is sent again: whichever of the two lands, the other one cannot.
///
/// # Errors
/// [`WriteError::Unknown`] only if the lock cannot be read back, or no reply comes three times.
pub async fn carry_out<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
    current: Option<&Lease>,
    write: &Write,
) -> Result<Lease, WriteError> {
    let mut sent = 1;
    loop {
        let result = match current {
            Some(current) => store.replace(current, write).await,
            None => store.create(namespace, name, write).await,
        };
        let error = match result {
            Ok(written) => return Ok(written.value),
            Err(error) => error,
        };
        let unknown = matches!(error, WriteError::Unknown(_));
        // A conflict of a repeated write may be one with our own earlier attempt.
        if !(unknown || sent > 1 && matches!(error, WriteError::Conflict(_))) {
            return Err(error);
        }
        match read_back(store, namespace, name, current, write).await {
            Ok(Outcome::Landed(lease)) => return Ok(*lease),
            Ok(Outcome::Overtaken) => return Err(overtaken()),
            Ok(Outcome::Pending) if unknown && sent < WRITES => sent += 1,
            Ok(Outcome::Pending) | Err(_) => return Err(error),
        }
    }
}

async fn read_back<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
    current: Option<&Lease>,
    write: &Write,
) -> Result<Outcome, ReadError> {
    let mut reads = 1;
    let found = loop {
        match store.get(namespace, name).await {
            Ok(found) => break found.value,
            Err(error) if reads == READS => return Err(error),
            Err(_) => sleep(BETWEEN_READS).await,
        }
        reads += 1;
    };
    Ok(match (found, current) {
        (Some(lease), _) if write.stands_in(&lease.snapshot().record) => {
            Outcome::Landed(Box::new(lease))
        }
        (Some(lease), Some(current)) if lease.snapshot().version == current.snapshot().version => {
            Outcome::Pending
        }
        (None, None) => Outcome::Pending,
        _ => Outcome::Overtaken,
    })
}

fn overtaken() -> WriteError {
    WriteError::Conflict(ApiStatus {
        code: 409,
        reason: "Conflict".to_owned(),
        message: "the reply was lost, and the lease was changed by somebody else".to_owned(),
        retry_after: None,
    })
}
