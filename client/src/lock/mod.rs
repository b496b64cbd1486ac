//! A lock that a program takes, holds and gives back.
//!
//! [`Lock`] says which one and how, [`Attempt`] waits for it, [`Guard`] holds it. Each attempt is
//! a task of its own that drives a [`lease_core::Contender`]: it carries requests to the store
//! and answers back, and decides nothing itself.

mod acquired;
mod attempt;
mod carrier;
mod driver;
mod gate;
mod guard;
mod hearing;
mod line;
mod notice;
mod recorder;
mod run;
mod silence;
mod stage;
mod taking_in;
mod telling;
mod unhurried;

use std::sync::Arc;
use std::time::Duration;

pub use acquired::AcquireError;
pub use attempt::Attempt;
pub use gate::NotHeld;
pub use guard::{Guard, Held, ReleaseError, Released, Unhealthy};
pub use notice::{Notice, Trouble};
pub use recorder::{Deed, EventRecorder};
pub use run::RunError;

use lease_core::{Claim, Contender, ContenderError, Identity, Mode, Preset, Timing};

use crate::clock::{Machine, ThisMachine};
use crate::identity::{default_prefix, identity_of};
use crate::lease_store::LeaseStore;
use crate::outer_lock::OuterLock;
use crate::store::Store;

/// A lock, and how to contend for it.
///
/// The lock need not exist: whoever comes first creates it. Contenders of other programs
/// (client-go's leader election, leaselocker) can share it; those of this library wait in line.
///
/// In a [`crate::ConfigMapStore`] it is a lock that contenders of kvdi can share, and for which
/// nobody waits in line.
#[derive(Clone)]
pub struct Lock<S = LeaseStore, M = ThisMachine> {
    store: S,
    machine: M,
    namespace: String,
    name: String,
    who: Who,
    timing: Timing,
    attended: bool,
    under: Vec<OuterLock>,
    recorder: Option<EventRecorder>,
}

/// Whose identity contenders have.
#[derive(Clone)]
enum Who {
    /// A fresh one for each attempt, beginning with this.
    Fresh(String),
    Given(Identity),
}

impl<S: Store + Clone + 'static> Lock<S> {
    /// The lock of this namespace and name, with client-go's timing (15 s, 10 s, 2 s) and an
    /// identity that says where this program runs.
    pub fn new(store: S, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self::on(ThisMachine, store, namespace, name)
    }
}

impl<S: Store + Clone + 'static, M: Machine> Lock<S, M> {
    /// A lock whose contenders run on another machine than this one: for tests, in which clocks
    /// stop and drift.
    pub fn on(machine: M, store: S, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            store,
            machine,
            namespace: namespace.into(),
            name: name.into(),
            who: Who::Fresh(default_prefix()),
            timing: Preset::ClientGo.timing(),
            attended: true,
            under: Vec::new(),
            recorder: None,
        }
    }

    /// How long the lease lasts, how long its holder believes without a renewal, and how often it
    /// renews.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// What fresh identities begin with, in place of `<user>@<host>` or the pod's name. What
    /// cannot stand in an identity is left out.
    #[must_use]
    pub fn identity_prefix(mut self, prefix: &str) -> Self {
        self.who = Who::Fresh(prefix.to_owned());
        self
    }

    /// One identity for all attempts. Only for who knows that there is never more than one attempt
    /// in this name, anywhere: what this identity holds already is refused.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.who = Who::Given(identity);
        self
    }

    /// Says that nobody attends to the lock while it is held: it is not released when somebody
    /// asks for that, but may be released by anybody who has its identity.
    #[must_use]
    pub fn unattended(mut self) -> Self {
        self.attended = false;
        self
    }

    /// Says which locks this program runs under already. Whoever waits says so in its ticket, by
    /// which holders are found that wait for each other.
    #[must_use]
    pub fn under(mut self, locks: Vec<OuterLock>) -> Self {
        self.under = locks;
        self
    }

    /// Writes Kubernetes Events when the lock is acquired, lost and released.
    #[must_use]
    pub fn record_events(mut self, recorder: EventRecorder) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// The lock's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// For how long others wait after it was renewed last.
    pub fn lease_duration(&self) -> Duration {
        self.timing.lease_duration()
    }

    /// Begins to contend. The attempt goes on in a task of its own, so this needs a tokio
    /// runtime with time enabled.
    ///
    /// # Errors
    /// A timing whose lease duration is not at least a second longer than its renew deadline.
    pub fn attempt(&self, mode: Mode) -> Result<Attempt<M>, ContenderError> {
        let identity = match &self.who {
            Who::Fresh(prefix) => identity_of(prefix, self.machine.unique()),
            Who::Given(identity) => identity.clone(),
        };
        let seconds = self.timing.lease_duration().as_secs();
        let claim = Claim {
            identity: identity.clone(),
            // Checked by `Timing`.
            duration_seconds: i32::try_from(seconds).unwrap_or(i32::MAX),
            number: self.machine.unique().as_u64_pair().1,
            attends: self.attended,
        };
        let mut contender = Contender::new(claim, self.timing, mode)?;
        if self.store.exists_while_held(&self.name) {
            contender = contender.existing_while_held();
        }
        Ok(Attempt::begin(self, identity, contender, mode))
    }

    /// Takes the lock if it is there for the taking, and never waits.
    ///
    /// # Errors
    /// [`AcquireError::Contended`] if somebody holds it or waits already.
    pub async fn try_acquire(&self) -> Result<Guard<M>, AcquireError> {
        self.attempt(Mode::Try)?.finish().await
    }

    /// Waits for the lock for so long.
    ///
    /// # Errors
    /// [`AcquireError::TimedOut`] if it was not our turn by then. A future that is dropped before
    /// leaves the queue in the background.
    pub async fn acquire(&self, within: Duration) -> Result<Guard<M>, AcquireError> {
        let deadline = self.machine.local().saturating_add(within);
        self.attempt(Mode::Until(deadline))?.finish().await
    }

    /// Waits for the lock, through whatever passes.
    ///
    /// # Errors
    /// What does not pass: a missing right, a rule of the lock.
    pub async fn acquire_patiently(&self) -> Result<Guard<M>, AcquireError> {
        self.attempt(Mode::Patient)?.finish().await
    }
}

/// What an attempt and its guard have in common, and what they tell each other.
struct Shared<M> {
    machine: M,
    namespace: String,
    name: String,
    identity: Identity,
    timing: Timing,
    under: Vec<OuterLock>,
    stage: tokio::sync::watch::Sender<stage::Stage>,
    notices: tokio::sync::broadcast::Sender<Notice>,
}

type SharedRef<M> = Arc<Shared<M>>;
