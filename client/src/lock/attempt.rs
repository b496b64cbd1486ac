//! Waiting for a lock.

use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use lease_core::{Contender, Identity, Mode, Succession};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::driver::Driver;
use super::guard::{Guard, Held, Task};
use super::stage::{Command, Stage};
use super::{AcquireError, Lock, Notice, Shared};
use crate::clock::Machine;
use crate::store::Store;

/// How many notices are kept for who is slow to listen.
const NOTICES: usize = 256;
/// How long an attempt that failed may clear away behind itself before its caller goes on; it
/// goes on clearing in the background.
const CLEARING: Duration = Duration::from_secs(1);

/// One attempt to acquire a lock, under way in a task of its own.
///
/// Dropping it cancels it in the background: its place in the queue is given up, and the lock is
/// passed on should it have been handed over meanwhile.
pub struct Attempt<M: Machine> {
    held: Held<M>,
    commands: Option<mpsc::UnboundedSender<Command>>,
    verdict: oneshot::Receiver<Result<(), AcquireError>>,
    first: Option<broadcast::Receiver<Notice>>,
    /// Ends with the attempt's task.
    task: Option<Task>,
}

impl<M: Machine> Attempt<M> {
    pub(super) fn begin<S: Store + Clone + 'static>(
        lock: &Lock<S, M>,
        identity: Identity,
        contender: Contender,
        mode: Mode,
    ) -> Self {
        let (notices, first) = broadcast::channel(NOTICES);
        let (commands, requests) = mpsc::unbounded_channel();
        let (tell, verdict) = oneshot::channel();
        let shared = Arc::new(Shared {
            machine: lock.machine.clone(),
            namespace: lock.namespace.clone(),
            name: lock.name.clone(),
            identity,
            timing: lock.timing,
            under: lock.under.clone(),
            stage: watch::Sender::new(Stage::Waiting),
            notices,
        });
        let driver = Driver::new(
            Arc::clone(&shared),
            lock.store.clone(),
            lock.recorder.clone(),
            contender,
            mode,
            requests,
            tell,
        );
        let (running, task) = oneshot::channel();
        lock.machine.spawn(async move {
            driver.run().await;
            drop(running);
        });
        Self {
            held: Held { shared },
            commands: Some(commands),
            verdict,
            first: Some(first),
            task: Some(task),
        }
    }

    /// Who contends.
    pub fn identity(&self) -> &Identity {
        self.held.identity()
    }

    /// What happens from now on; the first call tells what happened from the beginning. Whoever
    /// listens too slowly misses the oldest.
    pub fn notices(&mut self) -> impl Stream<Item = Notice> + Send + 'static {
        let receiver = self.first.take();
        let receiver = receiver.unwrap_or_else(|| self.held.shared.notices.subscribe());
        super::guard::stream_of(receiver)
    }

    /// Waits until the lock is acquired. It may be asked again after it was dropped half-way, but
    /// not after it told.
    ///
    /// # Errors
    /// [`AcquireError`]; the attempt still clears away behind itself, for which [`Attempt::cancel`]
    /// waits.
    pub async fn acquired(&mut self) -> Result<Guard<M>, AcquireError> {
        (&mut self.verdict)
            .await
            .unwrap_or(Err(AcquireError::Stopped))?;
        let (Some(commands), Some(task)) = (self.commands.take(), self.task.take()) else {
            return Err(AcquireError::Stopped);
        };
        Ok(Guard::new(self.held.clone(), commands, task))
    }

    /// Stops waiting, and comes back when nothing is left of the attempt: no place in the queue,
    /// no lock. Without a word from the API server, that takes up to a lease duration.
    pub async fn cancel(mut self) {
        self.resign();
        if let Some(task) = self.task.take() {
            // It ends without a word.
            let _ = task.await;
        }
    }

    pub(super) async fn finish(mut self) -> Result<Guard<M>, AcquireError> {
        let result = self.acquired().await;
        if result.is_err() {
            let _ = tokio::time::timeout(CLEARING, self.cancel()).await;
        }
        result
    }

    fn resign(&mut self) {
        if let Some(commands) = self.commands.take() {
            // Who cannot be told has ended.
            let _ = commands.send(Command::Resign(Succession::Queue));
        }
    }
}

impl<M: Machine> Drop for Attempt<M> {
    fn drop(&mut self) {
        self.resign();
    }
}
