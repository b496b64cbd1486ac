//! Carries a contender's requests to the store.

use std::collections::VecDeque;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use lease_core::{Action, Failed, Identity, ResourceVersion, Ticket, Timestamp, Uid, Write};
use tokio::time::timeout;

use super::Trouble;
use crate::lease::Lease;
use crate::lease_store::List;
use crate::outer_lock::OuterLock;
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError, Store, WriteError};
use crate::ticket::NewTicket;

/// How many states of a lock are kept. A write replaces one that was heard of lately.
const HEARD: usize = 8;

/// What became of a request.
pub(super) enum Answer {
    Dequeued,
    Enqueued(Ticket),
    Listed(List<Ticket>),
    Read(Dated<Option<Lease>>),
    Written(Lease),
    Failed(Failed, Trouble),
}

/// Knows what a request needs that the logic does not: names, and whole objects.
pub(super) struct Carrier<S> {
    pub(super) store: S,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) identity: Identity,
    /// The locks that whoever waits runs under.
    pub(super) under: Vec<OuterLock>,
    /// How long an answer is waited for.
    pub(super) patience: Duration,
    /// The name of the ticket that was asked for last.
    pub(super) ticket: Option<String>,
    pub(super) heard: VecDeque<Lease>,
}

impl<S: Store + Clone + 'static> Carrier<S> {
    /// Keeps a state of the lock for a write that may replace it.
    pub(super) fn hear(&mut self, lease: Lease) {
        if self.heard.len() == HEARD {
            self.heard.pop_front();
        }
        self.heard.push_back(lease);
    }

    /// The state of the lock in this version, if it was heard of.
    pub(super) fn in_version(&self, version: &ResourceVersion) -> Option<&Lease> {
        let mut heard = self.heard.iter().rev();
        heard.find(|lease| lease.snapshot().version.resource_version == *version)
    }

    /// The highest version that was heard of.
    pub(super) fn newest(&self) -> Option<&Lease> {
        self.heard.iter().reduce(|newest, lease| {
            let is_newer = lease.snapshot().version.resource_version
                > newest.snapshot().version.resource_version;
            if is_newer { lease } else { newest }
        })
    }

    /// Sends what the logic asks for. `ticket` is the name of a new ticket, should one be wanted.
    pub(super) fn send(
        &mut self,
        action: Action,
        ticket: impl FnOnce() -> String,
        wall: Timestamp,
    ) -> BoxFuture<'static, Answer> {
        let is_read = action == Action::Read;
        let answer = match action {
            Action::Dequeue { name, version, uid } => {
                let name = name.or_else(|| self.ticket.clone());
                let (uid, version) = version.map_or((uid, None), |version| {
                    (Some(version.uid), Some(version.resource_version))
                });
                self.dequeue(name, uid, version)
            }
            Action::Enqueue { lock, window } => {
                // One that was asked for before and may be there by now is found by its name.
                let name = self.ticket.get_or_insert_with(ticket).clone();
                self.enqueue(name, lock, window, wall)
            }
            Action::List { lock } => self.list(lock),
            Action::Read => self.read(),
            Action::Write(write) => self.write(write),
        };
        self.in_time(answer, is_read)
    }

    /// Reads the lock, whatever was asked for.
    pub(super) fn read_lock(&self) -> BoxFuture<'static, Answer> {
        self.in_time(self.read(), true)
    }

    fn in_time(
        &self,
        answer: BoxFuture<'static, Answer>,
        is_read: bool,
    ) -> BoxFuture<'static, Answer> {
        let patience = self.patience;
        async move {
            let answer = timeout(patience, answer).await;
            let slow = Trouble::Slow { patience, is_read };
            answer.unwrap_or(Answer::Failed(Failed::Unknown, slow))
        }
        .boxed()
    }

    fn read(&self) -> BoxFuture<'static, Answer> {
        let store = self.store.clone();
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        async move {
            match store.get(&namespace, &name).await {
                Ok(found) => Answer::Read(found),
                Err(error) => unread(error),
            }
        }
        .boxed()
    }

    fn write(&self, write: Write) -> BoxFuture<'static, Answer> {
        let store = self.store.clone();
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        let current = match &write {
            Write::Create { .. } => None,
            Write::Replace { version, .. } => {
                let Some(current) = self.in_version(&version.resource_version) else {
                    // It was heard of too long ago to be the lock's version still.
                    return async { overtaken() }.boxed();
                };
                Some(current.clone())
            }
        };
        async move {
            let written = match &current {
                None => store.create(&namespace, &name, &write).await,
                Some(current) => store.replace(current, &write).await,
            };
            match written {
                Ok(Dated { value, .. }) => Answer::Written(value),
                Err(error) => unwritten(error),
            }
        }
        .boxed()
    }

    fn list(&self, lock: Uid) -> BoxFuture<'static, Answer> {
        let store = self.store.clone();
        let namespace = self.namespace.clone();
        async move {
            match store.tickets(&namespace, &lock).await {
                Ok(tickets) => Answer::Listed(tickets),
                // Other credentials will come; the place in line stays.
                Err(error @ ReadError::Denied(ApiStatus { code: 401, .. })) => {
                    Answer::Failed(Failed::NotSent, Trouble::Read(error))
                }
                Err(error) => unread(error),
            }
        }
        .boxed()
    }

    fn enqueue(
        &self,
        name: String,
        lock: Uid,
        window: Duration,
        since: Timestamp,
    ) -> BoxFuture<'static, Answer> {
        let store = self.store.clone();
        let new = NewTicket {
            namespace: self.namespace.clone(),
            name,
            lock_name: self.name.clone(),
            lock,
            holder: self.identity.as_str().to_owned(),
            window,
            under: self.under.clone(),
            since,
        };
        async move {
            match store.enqueue(&new).await {
                Ok(ticket) => Answer::Enqueued(ticket),
                Err(error) => unqueued(error),
            }
        }
        .boxed()
    }

    /// Deletes a ticket. One of our own that was never seen is looked up by its name; one that
    /// somebody edited is still ours.
    fn dequeue(
        &self,
        name: Option<String>,
        uid: Option<Uid>,
        version: Option<ResourceVersion>,
    ) -> BoxFuture<'static, Answer> {
        let store = self.store.clone();
        let namespace = self.namespace.clone();
        async move {
            let Some(name) = name else {
                return Answer::Dequeued;
            };
            let uid = match uid {
                Some(uid) => uid,
                None => match store.get(&namespace, &name).await {
                    Ok(Dated { value: None, .. }) => return Answer::Dequeued,
                    Ok(Dated {
                        value: Some(found), ..
                    }) => found.snapshot().version.uid.clone(),
                    Err(error) => return unread(error),
                },
            };
            let deleted = match store
                .delete(&namespace, &name, &uid, version.as_ref())
                .await
            {
                Err(WriteError::Conflict(_)) if version.is_some() => {
                    store.delete(&namespace, &name, &uid, None).await
                }
                deleted => deleted,
            };
            match deleted {
                // Another uid is another ticket: ours is gone.
                Ok(()) | Err(WriteError::Conflict(_)) => Answer::Dequeued,
                Err(error) => unqueued(error),
            }
        }
        .boxed()
    }
}

fn overtaken() -> Answer {
    Answer::Failed(Failed::Conflict, Trouble::Write(WriteError::Overtaken))
}

fn unread(error: ReadError) -> Answer {
    let failed = match &error {
        ReadError::Denied(_) => Failed::Denied,
        ReadError::Malformed(_) | ReadError::Unavailable(_) => Failed::NotSent,
    };
    Answer::Failed(failed, Trouble::Read(error))
}

/// What became of a write to a ticket, without which a lock can be waited for as well.
fn unqueued(error: WriteError) -> Answer {
    let failed = match &error {
        // Other credentials will come; the place in line stays.
        WriteError::Denied(status) if status.code == 401 => Failed::NotSent,
        // A policy against it: as good as no right.
        WriteError::Rejected(status) if status.code != 429 => Failed::Denied,
        _ => return unwritten(error),
    };
    Answer::Failed(failed, Trouble::Write(error))
}

fn unwritten(error: WriteError) -> Answer {
    let failed = match &error {
        WriteError::Conflict(_) | WriteError::Gone(_) | WriteError::Overtaken => Failed::Conflict,
        WriteError::Denied(_) => Failed::Denied,
        WriteError::NotPossible(_) | WriteError::NotSent(_) | WriteError::Rejected(_) => {
            Failed::NotSent
        }
        WriteError::Unknown(_) => Failed::Unknown,
    };
    Answer::Failed(failed, Trouble::Write(error))
}

impl Answer {
    /// A refusal that no waiting helps: a missing right, or a request that the server finds fault
    /// with.
    pub(super) fn is_final(&self) -> Option<&ApiStatus> {
        match self {
            Self::Failed(
                _,
                Trouble::Read(ReadError::Denied(status))
                | Trouble::Write(WriteError::Denied(status)),
            ) => Some(status),
            Self::Failed(_, Trouble::Write(WriteError::Rejected(status))) if status.code != 429 => {
                Some(status)
            }
            _ => None,
        }
    }
}
