//! What contenders of ours leave on a lock beside its record.

use alloc::string::String;

use crate::{ResourceVersion, Uid};

/// Annotations of ours on a lock. Who holds it never depends on them, only in which order waiters
/// come to hold it; so a writer that loses or keeps them harms nobody.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Notes {
    /// Which contender it was that took the lock.
    pub taken_by: Option<Taker>,
    /// Who lost the lock by force and must not take it back.
    pub broken: Option<String>,
    /// The hand-over that waits to be confirmed.
    pub grant: Option<Grant>,
    /// The holder that was asked to release the lock.
    pub release_asked: Option<String>,
    /// The last ticket that was served in order: whoever waits with an older one was passed by.
    /// Only grows.
    pub served_through: Option<ResourceVersion>,
}

impl Notes {
    /// What is left of the notes when the lock changes hands: what it was asked of the last holder
    /// is not asked of the next.
    pub(crate) fn of_next_holder(&self) -> Self {
        Self {
            served_through: self.served_through.clone(),
            ..Self::default()
        }
    }
}

/// A contender of ours that took a lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Taker {
    /// Its identity. If the lock names another holder, the note is an old one that a writer who
    /// knows nothing of notes has kept.
    pub holder: String,
    /// The contender's own number, by which two contenders to whom somebody gave one identity know
    /// each other apart.
    pub number: u64,
    /// Whether it watches the lock while it holds it, and gives it back when it is asked to.
    pub attends: bool,
}

/// A hand-over: the lock names a waiter as holder, who is none before it confirms.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Grant {
    /// The identity that was named.
    pub to: String,
    /// The name of its ticket.
    pub ticket: String,
    /// The uid of its ticket.
    pub uid: Uid,
}
