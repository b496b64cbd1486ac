//! The seam between the logic of a lock and the objects that hold it.

use std::future::Future;

use futures::Stream;
use lease_core::{ResourceVersion, Ticket, Timestamp, Uid, Write};

use crate::lease::{Lease, MalformedLease};
use crate::lease_store::List;
use crate::request::RequestError;
use crate::selection::Selection;
use crate::status::ApiStatus;
use crate::ticket::NewTicket;
use crate::watch::Change;

/// Something that was read, with the server's clock at that moment.
#[derive(Clone, Debug)]
pub struct Dated<T> {
    /// What was read.
    pub value: T,
    /// The server's clock when it answered, in whole seconds; see
    /// [`lease_core::Look::Stamped`].
    pub date: Option<Timestamp>,
}

/// Where locks are kept.
pub trait Store: Send + Sync {
    /// Whether a lock of this name exists only while it is held: see
    /// [`lease_core::Dialect::exists_while_held`].
    fn exists_while_held(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// Reads one lock; `None` if it does not exist. The answer is never from a cache.
    fn get(
        &self,
        namespace: &str,
        name: &str,
    ) -> impl Future<Output = Result<Dated<Option<Lease>>, ReadError>> + Send;

    /// Creates a lock that must not exist. A lock that does is a [`WriteError::Conflict`].
    fn create(
        &self,
        namespace: &str,
        name: &str,
        write: &Write,
    ) -> impl Future<Output = Result<Dated<Lease>, WriteError>> + Send;

    /// Replaces the lock that was read as `current`, if it still is in the version that the
    /// write is conditioned on, by the means that the write asks for: see [`Write::means`].
    fn replace(
        &self,
        current: &Lease,
        write: &Write,
    ) -> impl Future<Output = Result<Dated<Lease>, WriteError>> + Send;

    /// Creates a ticket, or finds the one of its name that was created already.
    ///
    /// # Errors
    /// [`WriteError::Conflict`] if the name belongs to something else.
    fn enqueue(
        &self,
        ticket: &NewTicket,
    ) -> impl Future<Output = Result<Ticket, WriteError>> + Send;

    /// Lists the tickets for the lock of this uid, in no order.
    fn tickets(
        &self,
        namespace: &str,
        lock: &Uid,
    ) -> impl Future<Output = Result<List<Ticket>, ReadError>> + Send;

    /// Follows the tickets for the lock of this uid from a list on. What is no ticket any more is
    /// deleted. The stream begins with what changed since; where it is interrupted, it goes on as
    /// [`Store::watch`] does.
    fn watch_tickets(
        &self,
        namespace: &str,
        lock: &Uid,
        after: ResourceVersion,
    ) -> impl Stream<Item = Result<Change<Option<Ticket>>, ReadError>> + Send + 'static;

    /// Deletes a lock or a ticket, if it still is the one of this uid and in this version. What is
    /// gone already is a success.
    fn delete(
        &self,
        namespace: &str,
        name: &str,
        uid: &Uid,
        version: Option<&ResourceVersion>,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Follows a selection of locks. The stream starts with [`Change::Listed`], goes on through
    /// dropped connections, and ends with an error only where going on is of no use.
    fn watch(
        &self,
        selection: Selection,
    ) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static;
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server refused: not authenticated (401) or not allowed (403).
    #[error(transparent)]
    Denied(ApiStatus),
    /// The answer is not what it should be.
    #[error(transparent)]
    Malformed(MalformedLease),
    /// No answer, or one that says that the server cannot answer now.
    #[error(transparent)]
    Unavailable(RequestError),
}

impl From<RequestError> for ReadError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Status(status) if matches!(status.code, 401 | 403) => {
                Self::Denied(status)
            }
            error => Self::Unavailable(error),
        }
    }
}

/// What became of a write that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nothing was written: the lock is no longer in the version that was judged, or exists
    /// already, or was deleted. Read it and decide again.
    #[error(transparent)]
    Conflict(ApiStatus),
    /// Nothing was written: not authenticated (401) or not allowed (403).
    #[error(transparent)]
    Denied(ApiStatus),
    /// Nothing was written: the lock does not exist any more.
    #[error(transparent)]
    Gone(ApiStatus),
    /// Nothing was sent: this store cannot do that.
    #[error("{0}")]
    NotPossible(&'static str),
    /// Nothing was written: the request did not leave.
    #[error(transparent)]
    NotSent(RequestError),
    /// The reply was lost, and before the lock could be read, somebody else wrote: whether ours
    /// landed before that is not known, but it cannot any more. Read the lock and decide again.
    #[error("the reply was lost, and somebody else has written since")]
    Overtaken,
    /// Nothing was written: the server finds fault with the request, or wants it later (429).
    #[error(transparent)]
    Rejected(ApiStatus),
    /// It may have been written, and may still be. Read the lock before anything else; see
    /// [`Write::stands_in`].
    #[error("whether the write was carried out is not known")]
    Unknown(#[source] RequestError),
}

impl From<RequestError> for WriteError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Connect { .. }
            | RequestError::ConnectTimeout { .. }
            | RequestError::Credentials(_) => Self::NotSent(error),
            RequestError::Status(status) => match status.code {
                401 | 403 => Self::Denied(status),
                404 => Self::Gone(status),
                409 => Self::Conflict(status),
                400..500 => Self::Rejected(status),
                // Among them etcd's time-outs, which say nothing of the outcome.
                _ => Self::Unknown(RequestError::Status(status)),
            },
            error => Self::Unknown(error),
        }
    }
}
