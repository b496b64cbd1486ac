//! What came of an attempt.

use std::sync::Arc;

use lease_core::{ContenderError, End, Refusal};

use super::Trouble;
use crate::status::ApiStatus;

/// Why the lock was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Somebody else holds the lock or waits for it already, and we were not to wait.
    #[error("somebody else holds the lock, or waits for it already")]
    Contended,
    /// A right is missing.
    #[error(transparent)]
    Denied(ApiStatus),
    /// A rule of the lock is against it.
    #[error(transparent)]
    Refused(Refusal),
    /// The API server finds fault with what was asked, a name or a namespace: waiting helps not.
    #[error(transparent)]
    Rejected(ApiStatus),
    /// The attempt's task was ended from outside, with its runtime.
    #[error("the attempt was stopped")]
    Stopped,
    /// The time was up.
    #[error("it was not our turn in time")]
    TimedOut {
        /// What went wrong last, if anything did.
        trouble: Option<Arc<Trouble>>,
    },
    /// The durations do not make a safe lock.
    #[error(transparent)]
    Timing(#[from] ContenderError),
    /// We were not to wait, and the API server could not be asked.
    #[error("the API server could not be asked")]
    Unavailable(#[source] Arc<Trouble>),
}

impl AcquireError {
    /// What the logic's end comes down to, with the last refusal and the last trouble.
    pub(super) fn of(end: End, denied: Option<ApiStatus>, trouble: Option<Arc<Trouble>>) -> Self {
        match (end, denied) {
            (End::Denied, Some(status)) => Self::Denied(status),
            // The logic only says so after the server did.
            (End::Denied, None) => Self::Stopped,
            (End::Contended, _) => Self::Contended,
            (End::Refused(refusal), _) => Self::Refused(refusal),
            (End::TimedOut, _) => Self::TimedOut { trouble },
        }
    }
}
