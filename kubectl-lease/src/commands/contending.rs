//! What `acquire` and `run` share: waiting for a lock, telling how that goes, and what it came to.

use std::time::Duration;

use futures::StreamExt;
use lease_client::{
    AcquireError, Dated, Guard, Lock, Notice, ReadError, Store, ThisMachine, Trouble, WriteError,
    clock, fresh_identity,
};
use lease_core::{Claim, Event, Identity, Look, Mode, Refusal, Standing, decide, judge};
use nix::sys::signal::Signal;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::holding_time;
use super::taking::parse_identity;
use crate::durations;
use crate::failure::Failure;
use crate::human;
use crate::lock_name::{self, config_map};
use crate::lock_owner::OwnerArgs;
use crate::lock_store::LockStore;
use crate::progress::Progress;
use crate::refused::Attempted;
use crate::session::Session;
use crate::signals::Signals;
use crate::ui::Ui;

/// How long whoever waits for a lock waits, and as whom.
#[derive(clap::Args)]
pub(crate) struct ContendArgs {
    /// Try once and do not wait
    #[arg(long = "try", conflicts_with = "timeout")]
    pub(super) try_once: bool,
    /// How long to wait for the lock; by default as long as it takes
    #[arg(long, value_parser = durations::parse)]
    timeout: Option<Duration>,
    /// Who will hold it; by default a fresh name each time: user, host (or pod) and a uuid
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    #[command(flatten)]
    pub(super) owner: OwnerArgs,
}

impl ContendArgs {
    /// Who will hold it, if that was said.
    pub(super) fn identity(&self) -> Result<Option<Identity>, Failure> {
        self.identity.as_deref().map(parse_identity).transpose()
    }

    /// How long to go on, from now.
    pub(super) fn mode(&self) -> Mode {
        match self.timeout {
            _ if self.try_once => Mode::Try,
            Some(Duration::ZERO) => Mode::Try,
            Some(timeout) => Mode::Until(clock::local().saturating_add(timeout)),
            None => Mode::Patient,
        }
    }
}

/// A lock that was acquired.
pub(crate) struct Acquired {
    pub(crate) guard: Guard<ThisMachine>,
    /// Who held it before and how it stood, if that was a lease that was over.
    pub(crate) from: Option<(String, Standing)>,
    /// For how long it was waited, if that was told.
    pub(crate) waited: Option<Duration>,
}

/// What came of waiting.
pub(crate) enum Waited {
    Acquired(Acquired),
    /// Somebody did not want to wait any longer.
    Interrupted(Signal),
}

/// How often progress is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How long leaving the queue may take, for somebody who wants to be gone.
pub(super) const CLEARING: Duration = Duration::from_millis(800);
/// How long it may take to learn why a lock was not acquired.
const EXPLAINING: Duration = Duration::from_secs(2);

/// Waits for a lock, and tells how that goes.
pub(crate) async fn wait_for(
    ui: &Ui,
    session: &Session,
    lock: &Lock<LockStore>,
    mode: Mode,
    signals: &mut Signals,
) -> Result<Waited, Failure> {
    let begun = clock::local();
    let mut attempt = lock
        .attempt(mode)
        .map_err(|error| holding_time::wrong(&error))?;
    let mut notices = attempt.notices().boxed();
    let mut from = None;
    let mut progress = Progress::new(ui, lock.name(), mode);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let result = loop {
        tokio::select! {
            biased;
            signal = signals.ending_one() => {
                progress.end();
                let identity = attempt.identity().clone();
                if timeout(CLEARING, attempt.cancel()).await.is_err() {
                    ui.note(&left_behind(lock, &identity));
                }
                return Ok(Waited::Interrupted(signal));
            }
            Some(notice) = notices.next() => {
                match &notice {
                    Notice::Told(Event::Acquired { from: before, .. }) => from.clone_from(before),
                    // A wrong address, say, or credentials that nobody gives: there is no use in
                    // waiting that out.
                    Notice::Trouble(trouble) if mode != Mode::Try && progress.is_first(trouble) => {
                        return Err(Failure::from(&**trouble));
                    }
                    _ => {}
                }
                progress.take(notice);
            }
            result = attempt.acquired() => break result,
            _ = tick.tick() => progress.look(),
        }
    };
    match result {
        Ok(guard) => {
            let waited = progress.acquired();
            Ok(Waited::Acquired(Acquired {
                guard,
                from,
                waited,
            }))
        }
        Err(error) => {
            progress.end();
            let waited = clock::local().since(begun);
            let identity = attempt.identity().clone();
            let explained = async {
                // What is left of it goes on in the background.
                let _ = timeout(CLEARING, attempt.cancel()).await;
                explain(session, lock.name(), &identity, waited, error).await
            };
            tokio::select! {
                biased;
                signal = signals.ending_one() => Ok(Waited::Interrupted(signal)),
                failure = explained => Err(failure),
            }
        }
    }
}

/// What is said by whoever leaves before it is known what came of the last request.
fn left_behind(lock: &Lock<LockStore>, identity: &Identity) -> String {
    format!(
        "the API server has not told what came of the last request: a place in the queue, or {} \
         itself if it was our turn, may be left behind in the name of {}; nobody renews that, and \
         others pass it {} after it was written",
        lock_name::object(lock.name()),
        identity.as_str(),
        human::seconds(lock.lease_duration())
    )
}

/// What whoever did not want to wait for this lock can do.
pub(crate) fn without_try(name: &str) -> &'static str {
    match config_map(name) {
        Some(_) => "without --try, it is waited for",
        None => "without --try, it is waited for in line",
    }
}

/// Others are there before us.
pub(crate) fn others_wait(name: &str) -> Failure {
    Failure::not_acquired(format!("others wait for \"{name}\" already")).hint(without_try(name))
}

/// Why a lock was not acquired, with how it stands.
async fn explain(
    session: &Session,
    name: &str,
    identity: &Identity,
    waited: Duration,
    error: AcquireError,
) -> Failure {
    let attempted = Attempted {
        verb: "acquire",
        name,
        namespace: &session.namespace,
        identity: Some(identity.as_str()),
    };
    match error {
        AcquireError::Contended => {
            let failure = why_not(session, &attempted, None).await;
            failure.map_or_else(
                || others_wait(name),
                |failure| failure.into_not_acquired().hint(without_try(name)),
            )
        }
        AcquireError::Denied(status) => ReadError::Denied(status).into(),
        AcquireError::Refused(refusal) => {
            let failure = why_not(session, &attempted, Some(&refusal)).await;
            failure.unwrap_or_else(|| Failure::refused(refusal.to_string()))
        }
        AcquireError::Rejected(status) => WriteError::Rejected(status).into(),
        AcquireError::Stopped => Failure::error("the attempt was stopped"),
        AcquireError::TimedOut { trouble } => {
            let failure = Failure::not_acquired(format!(
                "\"{name}\" was not acquired within {}",
                human::seconds(waited)
            ));
            // That somebody holds it says more than what did not work beside that, a ticket say.
            match (why_not(session, &attempted, None).await, trouble) {
                (Some(why), _) => failure.cause(why.message()),
                (None, Some(trouble)) => failure.cause(trouble.to_string()),
                (None, None) => failure,
            }
        }
        AcquireError::Timing(error) => holding_time::wrong(&error),
        AcquireError::Unavailable(trouble) => match &*trouble {
            Trouble::Write(WriteError::Unknown(error)) => {
                attempted.unknown(error, attempted.identity)
            }
            trouble => Failure::from(trouble),
        },
    }
}

/// Why the lock cannot be taken as it stands now: the refusal that is known, or the one that
/// somebody new would meet. `None` if that cannot be told, or is over already.
async fn why_not(
    session: &Session,
    attempted: &Attempted<'_>,
    refusal: Option<&Refusal>,
) -> Option<Failure> {
    let reading = session.locks.get(attempted.namespace, attempted.name);
    let Dated { value, date } = timeout(EXPLAINING, reading).await.ok()?.ok()?;
    let lease = value?;
    let judged = judge(
        lease.snapshot(),
        Look::stamped_or_first(lease.snapshot(), date),
    );
    let claim = Claim {
        identity: fresh_identity(),
        duration_seconds: 1,
        number: 7,
        attends: false,
    };
    let refusal = match refusal {
        Some(refusal) => refusal.clone(),
        None => decide::acquire(Some(&judged), &claim, clock::wall()).err()?,
    };
    Some(attempted.refused(&lease, judged.standing(), &refusal))
}
