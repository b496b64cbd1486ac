//! Rules that a client does not keep, for the model to notice.

use lease_core::{Snapshot, Ticket};

/// What is wrong with a client. Each stands for a way in which the contender could be written
/// wrongly, made by changing what it hears, what it sends, or what it is taken to believe.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Broken {
    /// Its belief counts from the reply to a write, not from its sending.
    BeliefFromReply,
    /// It goes on believing until the reply to the write that gives the lock away.
    BeliefWhileReleasing,
    /// It gives the lock away at the version that stands, having checked the holder of another.
    CachedHolder,
    /// It takes back a lock that was broken by force.
    DeafToForce,
    /// It does not learn that it was passed by.
    DeafToServed,
    /// It never believes that the server went back.
    NoEpoch,
    /// It leaves the ticket of one who did not confirm.
    LeavesDeadTickets,
    /// It knows only a part of the queue.
    PartOfTheQueue,
    /// It creates a deleted lock again at once.
    RecreatesAtOnce,
    /// Each of its attempts has the same identity, and another client has it too.
    SharedIdentity,
    /// Its clock stands while it is paused.
    StoppedClock,
    /// Its token is the version of the hand-over.
    TokenOfHandOver,
    /// It takes a write without reply for one that succeeded.
    TrustsUnknown,
    /// It believes as soon as a hand-over names it.
    UnconfirmedBelief,
}

impl Broken {
    /// The lock as such a client sees it.
    pub(crate) fn sees(self, mut lock: Snapshot) -> Snapshot {
        match self {
            Self::DeafToForce => lock.notes.broken = None,
            Self::DeafToServed => lock.notes.served_through = None,
            _ => {}
        }
        lock
    }

    /// The queue as such a client sees it.
    pub(crate) fn lists(self, mut tickets: Vec<Ticket>, me: &str) -> Vec<Ticket> {
        if self == Self::PartOfTheQueue {
            // A list is in the order of names, and so are its pages.
            let last = tickets.iter().map(|ticket| ticket.name.clone()).max();
            tickets.retain(|ticket| ticket.holder == me || Some(&ticket.name) == last.as_ref());
        }
        tickets
    }
}
