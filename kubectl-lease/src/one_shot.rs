//! Read, judge, decide, write: one attempt at one lock, and what comes of races.

use std::cell::RefCell;
use std::time::Duration;

use lease_client::{Dated, Lease, RequestError, Store, WriteError, carry_out, clock};
use lease_core::{Instant, Judged, Look, Observer, Refusal, Standing, Timestamp, Write, judge};
use tokio::time::sleep;

use crate::dry_run::DryRun;
use crate::failure::Failure;
use crate::lock_store::LockStore;
use crate::refused::Attempted;
use crate::signals;

/// How often a lock that changes between reading and writing is decided on again.
const ROUNDS: u32 = 5;
/// The wait before each further round.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(50);

/// How a lock is looked at, each time that it is read.
pub(crate) enum Looking {
    /// By what was observed of it so far.
    Observed(Box<Observer>),
    /// By its renewTime and our clock.
    Recorded,
    /// By the API server's stamp, if there is one.
    Stamped,
}

impl Looking {
    /// Looks at a lock that was just read, with the server's date of that answer.
    fn look(&mut self, lease: &Lease, date: Option<Timestamp>) -> Look {
        match self {
            Self::Observed(observer) => {
                let now = clock::local();
                observer.observe(lease.snapshot().clone(), now);
                observer.look(now)
            }
            Self::Recorded => Look::Recorded { now: clock::wall() },
            Self::Stamped => Look::stamped_or_first(lease.snapshot(), date),
        }
    }
}

/// A lock as it was read.
pub(crate) struct Reading {
    pub(crate) lease: Option<Lease>,
    pub(crate) look: Look,
    /// How to look at it should it have to be read again.
    pub(crate) looking: Looking,
}

/// A write that landed.
pub(crate) struct Done {
    /// The lock before it, with the standing that it was judged by; `None` if it was created.
    pub(crate) before: Option<(Lease, Standing)>,
    /// The lock as it stands now.
    pub(crate) after: Lease,
    /// How it stands now, by the answer that brought it.
    pub(crate) standing: Standing,
    /// When the write was decided, on our local clock: what it gives counts from here.
    pub(crate) decided: Instant,
}

/// Why nothing was written, as far as that is known.
pub(crate) enum Stop {
    /// The lock changed again and again between reading and writing.
    Busy,
    /// The lock was deleted after we had read it. Who held it may still believe.
    Deleted,
    /// Something does not work.
    Failed(Failure),
    /// A rule of the lock is against it. `lease` is `None` if there is no lock.
    Refused {
        lease: Option<Box<Lease>>,
        standing: Option<Standing>,
        refusal: Refusal,
        /// An earlier write may have landed before somebody else wrote: its reply was lost.
        reply_lost: bool,
    },
    /// Somebody asked for an end, and the server did not answer soon.
    Left {
        /// Who holds the lock if the write lands; `None` if nobody does.
        taker: Option<String>,
    },
    /// The write may have landed, and may still.
    Unknown {
        error: RequestError,
        /// Who holds the lock if it did; `None` if nobody does.
        taker: Option<String>,
    },
}

impl Stop {
    /// What to tell the user.
    pub(crate) fn failure(self, attempted: &Attempted<'_>) -> Failure {
        match self {
            Self::Busy => attempted.busy(),
            Self::Deleted => attempted.deleted(),
            Self::Failed(failure) => failure,
            Self::Refused {
                lease: Some(lease),
                standing: Some(standing),
                refusal,
                reply_lost,
            } => {
                let failure = attempted.refused(&lease, &standing, &refusal);
                if reply_lost {
                    failure.cause(
                        "the reply to our write was lost; if it landed, somebody else wrote since",
                    )
                } else {
                    failure
                }
            }
            Self::Left { taker } => attempted.left(taker.as_deref()),
            Self::Refused { .. } => attempted.not_found(),
            Self::Unknown { error, taker } => attempted.unknown(&error, taker.as_deref()),
        }
    }
}

/// Reads one lock, to be judged by the API server's stamp if it has one.
pub(crate) async fn read(
    store: &LockStore,
    namespace: &str,
    name: &str,
) -> Result<Reading, Failure> {
    read_as(store, namespace, name, Looking::Stamped).await
}

/// Reads one lock, to be looked at in a certain way.
pub(crate) async fn read_as(
    store: &LockStore,
    namespace: &str,
    name: &str,
    mut looking: Looking,
) -> Result<Reading, Failure> {
    let Dated { value, date } = store.get(namespace, name).await?;
    let look = value
        .as_ref()
        .map_or(Look::FIRST, |lease| looking.look(lease, date));
    Ok(Reading {
        lease: value,
        look,
        looking,
    })
}

/// The same as [`attempt`] for a verb that does nothing else: whoever asks it to end is told what
/// came of it, or within a second that this is not known.
pub(crate) async fn attempt_unless_left(
    store: &LockStore,
    dry_run: DryRun,
    attempted: &Attempted<'_>,
    first: Reading,
    decide: impl Fn(Option<&Judged<'_>>, Timestamp) -> Result<Write, Refusal>,
) -> Result<Done, Stop> {
    if dry_run != DryRun::None {
        // Nothing is written that somebody could be in doubt about.
        return attempt(store, dry_run, attempted, first, decide).await;
    }
    let taker = RefCell::new(None);
    let decide = |judged: Option<&Judged<'_>>, now| {
        let write = decide(judged, now)?;
        *taker.borrow_mut() = write.record().holder().map(str::to_owned);
        Ok(write)
    };
    let attempt = attempt(store, dry_run, attempted, first, decide);
    match signals::or_soon(Box::pin(attempt)).await {
        Some(done) => done,
        None => Err(Stop::Left {
            taker: taker.take(),
        }),
    }
}

/// Carries out what `decide` decides on the first reading, and reads and decides again where
/// somebody wrote in between. `decide` is given our wall clock. A dry run goes no further than it
/// says, and ends as if the write had landed.
pub(crate) async fn attempt(
    store: &LockStore,
    dry_run: DryRun,
    attempted: &Attempted<'_>,
    first: Reading,
    decide: impl Fn(Option<&Judged<'_>>, Timestamp) -> Result<Write, Refusal>,
) -> Result<Done, Stop> {
    let (namespace, name) = (attempted.namespace, attempted.name);
    let store = &store.clone().dry_run(dry_run);
    let mut reading = first;
    let mut reply_lost = false;
    for _ in 0..ROUNDS {
        let Reading {
            lease,
            look,
            looking,
        } = reading;
        let judged = lease.as_ref().map(|lease| judge(lease.snapshot(), look));
        let standing = judged.as_ref().map(|judged| *judged.standing());
        let decided = clock::local();
        let write = match decide(judged.as_ref(), clock::wall()) {
            Ok(write) => write,
            Err(refusal) => {
                return Err(Stop::Refused {
                    lease: lease.map(Box::new),
                    standing,
                    refusal,
                    reply_lost,
                });
            }
        };
        let result = if dry_run == DryRun::Client {
            let planned = store.planned(namespace, name, lease.as_ref(), &write);
            planned.map(|value| Dated { value, date: None })
        } else {
            carry_out(store, namespace, name, lease.as_ref(), &write).await
        };
        match result {
            Ok(Dated { value, date }) => {
                let look = Look::stamped_or_first(value.snapshot(), date);
                return Ok(Done {
                    before: lease.zip(standing),
                    standing: *judge(value.snapshot(), look).standing(),
                    after: value,
                    decided,
                });
            }
            Err(WriteError::Conflict(_) | WriteError::Gone(_)) => {}
            Err(WriteError::Overtaken) => reply_lost = true,
            Err(WriteError::Unknown(error)) => {
                return Err(Stop::Unknown {
                    error,
                    taker: write.record().holder().map(str::to_owned),
                });
            }
            Err(error) => return Err(Stop::Failed(error.into())),
        }
        sleep(BETWEEN_ROUNDS).await;
        reading = read_as(store, namespace, name, looking)
            .await
            .map_err(Stop::Failed)?;
        if lease.is_some() && reading.lease.is_none() && !store.exists_while_held(name) {
            return Err(Stop::Deleted);
        }
    }
    Err(Stop::Busy)
}
