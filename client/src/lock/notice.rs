//! What an attempt tells while it goes on.

use std::sync::Arc;

use crate::request::RequestError;
use crate::status::ApiStatus;
use crate::store::{ReadError, WriteError};

/// Something that happened to an attempt, or to the lock that it holds.
#[derive(Clone, Debug)]
pub enum Notice {
    /// What the lock's logic tells.
    Told(lease_core::Event),
    /// The right to watch the lock is missing: it is read every so often instead, and a hand-over
    /// is noticed that much later.
    CannotWatch(ApiStatus),
    /// A request came to nothing. It will be tried again.
    Trouble(Arc<Trouble>),
}

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Something could not be read.
    #[error(transparent)]
    Read(ReadError),
    /// Something could not be written.
    #[error(transparent)]
    Write(WriteError),
    /// No answer came while it would have been of use.
    #[error("the API server did not answer within {patience:?}")]
    Slow {
        /// For how long it was waited.
        patience: std::time::Duration,
        /// Whether the lock was only to be read. All else comes after it was.
        is_read: bool,
    },
}

impl Trouble {
    /// The request that failed, where it was one.
    pub fn request(&self) -> Option<&RequestError> {
        match self {
            Self::Read(ReadError::Unavailable(error))
            | Self::Write(WriteError::NotSent(error) | WriteError::Unknown(error)) => Some(error),
            _ => None,
        }
    }
}
