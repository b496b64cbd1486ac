//! Read, judge, decide, write: one attempt at one lock, and what comes of races.

use std::time::Duration;

use lease_client::{Dated, Lease, LeaseStore, Store, WriteError, carry_out, clock};
use lease_core::{Judged, Look, Refusal, Standing, Timestamp, Write, judge};
use tokio::time::sleep;

use crate::failure::Failure;

/// How often a lock that changes between reading and writing is decided on again.
const ROUNDS: u32 = 5;
/// The wait before each further round.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(50);

/// A lock as it was read, with the look that it is judged by.
pub(crate) struct Reading {
    pub(crate) lease: Option<Lease>,
    pub(crate) look: Look,
}

/// A write that landed.
pub(crate) struct Done {
    /// The lock before it, with the standing that it was judged by; `None` if it was created.
    pub(crate) before: Option<(Lease, Standing)>,
    /// The lock as it stands now.
    pub(crate) after: Lease,
}

/// Why nothing was written.
pub(crate) enum Stop {
    /// A rule of the lock is against it. `lease` is `None` if there is no lock.
    Refused {
        lease: Option<Box<Lease>>,
        standing: Option<Standing>,
        refusal: Refusal,
    },
    /// The lock was deleted after we had read it. Who held it may still believe.
    Deleted,
    /// Something does not work.
    Failed(Failure),
}

/// Reads one lock, to be judged by the API server's stamp if it has one.
pub(crate) async fn read(
    store: &LeaseStore,
    namespace: &str,
    name: &str,
) -> Result<Reading, Failure> {
    let Dated { value, date } = store.get(namespace, name).await?;
    let look = value.as_ref().map_or(Look::FIRST, |lease| {
        Look::stamped_or_first(lease.snapshot(), date)
    });
    Ok(Reading { lease: value, look })
}

/// Carries out what `decide` decides on the first reading, and reads and decides again where
/// somebody wrote in between. `decide` is given our wall clock.
pub(crate) async fn attempt(
    store: &LeaseStore,
    namespace: &str,
    name: &str,
    first: Reading,
    decide: impl Fn(Option<&Judged<'_>>, Timestamp) -> Result<Write, Refusal>,
) -> Result<Done, Stop> {
    let mut reading = first;
    let mut round = 1;
    loop {
        let Reading { lease, look } = reading;
        let judged = lease.as_ref().map(|lease| judge(lease.snapshot(), look));
        let standing = judged.as_ref().map(|judged| *judged.standing());
        let write = match decide(judged.as_ref(), clock::wall()) {
            Ok(write) => write,
            Err(refusal) => {
                return Err(Stop::Refused {
                    lease: lease.map(Box::new),
                    standing,
                    refusal,
                });
            }
        };
        match carry_out(store, namespace, name, lease.as_ref(), &write).await {
            Ok(after) => {
                return Ok(Done {
                    before: lease.zip(standing),
                    after,
                });
            }
            Err(WriteError::Conflict(_) | WriteError::Gone(_)) if round < ROUNDS => {}
            Err(error) => return Err(Stop::Failed(error.into())),
        }
        sleep(BETWEEN_ROUNDS).await;
        reading = read(store, namespace, name).await.map_err(Stop::Failed)?;
        if lease.is_some() && reading.lease.is_none() {
            return Err(Stop::Deleted);
        }
        round += 1;
    }
}
