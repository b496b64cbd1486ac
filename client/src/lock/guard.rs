//! Holding a lock.

use std::convert::Infallible;
use std::ops::Deref;
use std::time::Duration;

use futures::{Stream, stream};
use lease_core::{FencingToken, Identity, Instant, Loss, Succession, Uid};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::sleep;

use super::stage::{Command, Outcome, Stage};
use super::{Notice, SharedRef};
use crate::clock::Machine;

/// How often a holder looks at the clock: timers stand still while a machine is suspended, and
/// the clock tells.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// An attempt's task: comes to nothing when the task ends.
pub(super) type Task = oneshot::Receiver<Infallible>;

/// A lock that is held, and renewed by a task of its own.
///
/// Dropping it stops renewing, and the lock is free for others once its lease is over; call
/// [`Guard::release`] to let them have it at once. What is done under the lock has to have ended
/// before either.
///
/// Like any lock with a lease, it can be lost: ask [`Held::is_held`] before each thing that only
/// a holder may do, or end the work when [`Held::lost`] resolves. A machine that stands still as
/// a whole, clock included, cannot know; for that, give [`Held::token`] to what the lock protects.
#[must_use = "a guard that is dropped is not renewed"]
pub struct Guard<M: Machine> {
    held: Held<M>,
    commands: mpsc::UnboundedSender<Command>,
    task: Option<Task>,
    keeps_on: bool,
}

/// What may be asked of a lock that is held, or was. It may be cloned into the work that the lock
/// guards; it does not keep the lock.
#[derive(Clone)]
pub struct Held<M: Machine> {
    pub(super) shared: SharedRef<M>,
}

/// What became of a lock that was given back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Released {
    /// It is free for whoever comes.
    Open,
    /// It was not ours any more.
    NotHeld,
    /// It was handed over, with no moment in between.
    To {
        /// The identity that it was handed to.
        identity: String,
    },
}

/// Why a lock could not be given back: it will be free when its lease is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the lock could not be given back; it will be free when its lease is over")]
pub struct ReleaseError;

/// A holder that should have given up long ago.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the lease has been over for {overdue:?}, and its holder has not given up")]
pub struct Unhealthy {
    /// For how long.
    pub overdue: Duration,
}

impl<M: Machine> Held<M> {
    /// The lock's name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The lock's namespace.
    pub fn namespace(&self) -> &str {
        &self.shared.namespace
    }

    /// Who holds the lock.
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// What whatever the lock protects is given, so that it can refuse those who held the lock
    /// before; `None` once the lock is not held any more.
    pub fn token(&self) -> Option<FencingToken> {
        match &*self.shared.stage.borrow() {
            Stage::Held { token, .. } => Some(token.clone()),
            _ => None,
        }
    }

    /// The uid of the lock's lease; `None` once the lock is not held any more.
    pub fn uid(&self) -> Option<Uid> {
        match &*self.shared.stage.borrow() {
            Stage::Held { uid, .. } => Some(uid.clone()),
            _ => None,
        }
    }

    /// Whether the guarded work may run. This asks the clock, not the task that renews.
    pub fn is_held(&self) -> bool {
        self.remaining().is_some()
    }

    /// How much longer the guarded work may run should no renewal succeed.
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.until()?.since(self.shared.machine.local());
        (!left.is_zero()).then_some(left)
    }

    /// By when the guarded work has to have ended should no renewal succeed, on the machine's local
    /// clock, for whoever else is to see to that; `None` once the lock was lost or given back. It
    /// may have passed.
    pub fn until(&self) -> Option<Instant> {
        match *self.shared.stage.borrow() {
            Stage::Held { until, .. } => Some(until),
            _ => None,
        }
    }

    /// Whether all is well with a holder, for health checks: it holds, or gave up when it lost
    /// the lock. A holder that is still there so long after its lease was over is stuck.
    ///
    /// client-go's and leaselocker's `Check`.
    ///
    /// # Errors
    /// A holder that should have given up.
    pub fn check(&self, tolerance: Duration) -> Result<(), Unhealthy> {
        let timing = &self.shared.timing;
        let slack = timing
            .lease_duration()
            .saturating_sub(timing.renew_deadline());
        let over = match &*self.shared.stage.borrow() {
            Stage::Held { until, .. } => until.saturating_add(slack),
            Stage::Lost { since, .. } => *since,
            Stage::Waiting | Stage::GivingBack | Stage::Ended(_) => return Ok(()),
        };
        let overdue = self.shared.machine.local().since(over);
        if overdue > tolerance {
            return Err(Unhealthy { overdue });
        }
        Ok(())
    }

    /// Resolves when the lock is not held any more: the guarded work has to end at once. It may
    /// be dropped and asked again.
    pub async fn lost(&self) -> Loss {
        let mut stages = self.shared.stage.subscribe();
        loop {
            let until = match &*stages.borrow_and_update() {
                Stage::Held { until, .. } => *until,
                Stage::Lost { loss, .. } => return loss.clone(),
                Stage::Waiting | Stage::GivingBack | Stage::Ended(_) => Instant::from_nanos(0),
            };
            let left = until.since(self.shared.machine.local());
            if left.is_zero() {
                return Loss::NotRenewed;
            }
            tokio::select! {
                biased;
                // The sender lives as long as this does.
                _ = stages.changed() => {}
                () = sleep(left.min(LOOK)) => {}
            }
        }
    }

    /// Resolves when somebody asks the holder to release the lock. It may be dropped and asked
    /// again; once somebody asked, it resolves at once.
    pub async fn release_asked(&self) {
        let mut stages = self.shared.stage.subscribe();
        let is_asked = |stage: &Stage| matches!(stage, Stage::Held { asked: true, .. });
        // The sender lives as long as this does.
        let _ = stages.wait_for(is_asked).await;
    }

    /// What happens from now on: renewals, what puts the lock at risk, who asks for it. Whoever
    /// listens too slowly misses the oldest.
    pub fn notices(&self) -> impl Stream<Item = Notice> + Send + 'static {
        stream_of(self.shared.notices.subscribe())
    }
}

impl<M: Machine> Held<M> {
    /// Nothing is believed of the lock any more, nor does anything have to be given up.
    fn let_lie(&self) {
        let ended = Stage::Ended(Outcome::NotHeld);
        self.shared.stage.send_replace(ended);
    }
}

impl<M: Machine> Guard<M> {
    pub(super) fn new(held: Held<M>, commands: mpsc::UnboundedSender<Command>, task: Task) -> Self {
        Self {
            held,
            commands,
            task: Some(task),
            keeps_on: false,
        }
    }

    /// What may be asked of the lock, to be cloned into the work that it guards.
    pub fn held(&self) -> &Held<M> {
        &self.held
    }

    /// Hands the lock to whoever waits first, or sets it free if nobody does. Call it when the
    /// guarded work has ended: the lock is not held any more from this moment.
    ///
    /// It goes on through conflicts and outages, for a lease duration at most; in the background
    /// if this is dropped before.
    ///
    /// # Errors
    /// The API server could not be reached in that time.
    pub async fn release(self) -> Result<Released, ReleaseError> {
        self.resign(Succession::Queue).await
    }

    /// Sets the lock free for whoever comes, past those who wait in line.
    ///
    /// # Errors
    /// As for [`Guard::release`].
    pub async fn release_open(self) -> Result<Released, ReleaseError> {
        self.resign(Succession::Open).await
    }

    /// Hands the lock to a named successor, past everybody else. A lock that exists only while it is
    /// held cannot be: it is free for whoever comes then ([`Released::Open`]).
    ///
    /// # Errors
    /// As for [`Guard::release`].
    pub async fn release_to(self, successor: Identity) -> Result<Released, ReleaseError> {
        self.resign(Succession::To(successor)).await
    }

    /// Leaves the lock held and stops renewing it: it ends with its lease unless somebody renews
    /// or releases it in this identity's name. Comes back when nothing else is under way.
    pub async fn leave(mut self) {
        self.keeps_on = true;
        // Who cannot be told has ended.
        let _ = self.commands.send(Command::Leave);
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
        self.held.let_lie();
    }

    /// Gives the lock back in the background.
    pub(super) fn let_go(mut self) {
        self.give_back(Succession::Queue);
    }

    fn give_back(&mut self, succession: Succession) {
        // What is believed here ends before anything is written.
        self.held.shared.stage.send_if_modified(|stage| {
            let is_ours = matches!(stage, Stage::Held { .. } | Stage::Lost { .. });
            if is_ours {
                *stage = Stage::GivingBack;
            }
            is_ours
        });
        self.keeps_on = true;
        // Who cannot be told has ended.
        let _ = self.commands.send(Command::Resign(succession));
    }

    async fn resign(mut self, succession: Succession) -> Result<Released, ReleaseError> {
        let mut stages = self.held.shared.stage.subscribe();
        self.give_back(succession);
        let Some(task) = self.task.as_mut() else {
            return Err(ReleaseError);
        };
        let has_ended = |stage: &Stage| matches!(stage, Stage::Ended(_));
        tokio::select! {
            biased;
            _ = stages.wait_for(has_ended) => {}
            _ = task => {}
        }
        let stage = stages.borrow().clone();
        match stage {
            Stage::Ended(Outcome::NotHeld) => Ok(Released::NotHeld),
            Stage::Ended(Outcome::Released { to: None }) => Ok(Released::Open),
            Stage::Ended(Outcome::Released { to: Some(identity) }) => Ok(Released::To { identity }),
            _ => Err(ReleaseError),
        }
    }
}

impl<M: Machine> Deref for Guard<M> {
    type Target = Held<M>;

    fn deref(&self) -> &Held<M> {
        &self.held
    }
}

impl<M: Machine> Drop for Guard<M> {
    fn drop(&mut self) {
        if !self.keeps_on {
            let _ = self.commands.send(Command::Stop);
            self.held.let_lie();
        }
    }
}

pub(super) fn stream_of(
    receiver: broadcast::Receiver<Notice>,
) -> impl Stream<Item = Notice> + Send + 'static {
    stream::unfold(receiver, |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(notice) => return Some((notice, receiver)),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    })
}
