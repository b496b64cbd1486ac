//! Running work under a lock.

use std::future::Future;

use lease_core::Loss;

use super::guard::{Guard, Held};
use super::{AcquireError, Lock};
use crate::clock::Machine;
use crate::store::Store;

/// Why work under a lock did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It never began.
    #[error(transparent)]
    NotAcquired(#[from] AcquireError),
    /// The lock was lost, and the work was stopped.
    #[error("the lock was lost while the work ran")]
    Lost(Loss),
    /// Somebody asked for the lock, and the work was stopped for that.
    #[error("somebody asked for the lock while the work ran")]
    ReleaseAsked,
}

/// Gives the lock back, in the background, when what it guards is gone.
struct LetsGo<M: Machine>(Option<Guard<M>>);

impl<M: Machine> Drop for LetsGo<M> {
    fn drop(&mut self) {
        if let Some(guard) = self.0.take() {
            guard.let_go();
        }
    }
}

impl<S: Store + Clone + 'static, M: Machine> Lock<S, M> {
    /// Waits for the lock, runs the work, and gives the lock back when the work has ended.
    ///
    /// The work is dropped where it stands when the lock is lost or somebody asks for it. If this
    /// is dropped, first the work is, and then the lock is given back in the background.
    ///
    /// # Errors
    /// [`RunError`]. A lock that cannot be given back after the work is no error: it is free when
    /// its lease is over.
    pub async fn run<T, F>(&self, work: impl FnOnce(Held<M>) -> F) -> Result<T, RunError>
    where
        F: Future<Output = T>,
    {
        let guard = self.acquire_patiently().await?;
        let held = guard.held().clone();
        // Declared before the work, so that it is dropped after it.
        let mut lets_go = LetsGo(Some(guard));
        let output = {
            let work = std::pin::pin!(work(held.clone()));
            tokio::select! {
                biased;
                loss = held.lost() => return Err(RunError::Lost(loss)),
                () = held.release_asked() => return Err(RunError::ReleaseAsked),
                output = work => output,
            }
        };
        if let Some(guard) = lets_go.0.take()
            && let Err(error) = guard.release().await
        {
            tracing::warn!(target: "lease_client::lock", %error, name = self.name(), "not released");
        }
        Ok(output)
    }
}
