//! What a contender asks for, is asked, and tells.

use alloc::string::String;
use core::time::Duration;

use crate::{FencingToken, Identity, Instant, Refusal, Standing, Timestamp, Uid, Version, Write};

/// How long a contender goes on wanting.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Until it has the lock.
    Patient,
    /// It takes the lock if it is there for the taking, and never waits.
    Try,
    /// Until this time.
    Until(Instant),
}

/// Who shall have a lock that is given back.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Succession {
    /// Whoever comes.
    Open,
    /// The first one in the queue, or whoever comes if nobody waits.
    Queue,
    /// This one, waiting or not, out of turn. One who does not wait has a whole lease to begin.
    /// Naming oneself is as naming the queue.
    To(Identity),
}

/// A request to the API server.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Delete our ticket, by its uid and resourceVersion; without them, if it was asked for and
    /// never seen, by its name. A ticket of somebody else is one that was served and is dead.
    Dequeue {
        /// The ticket's name; `None` for our own, which the driver named.
        name: Option<String>,
        /// Both preconditions, or of a dead ticket the uid alone.
        version: Option<Version>,
        /// The uid of a dead ticket.
        uid: Option<Uid>,
    },
    /// Create a ticket for the lock of this uid, or find the one that was created already: the name
    /// stays the same until a ticket of that name was deleted.
    Enqueue {
        /// The lock's uid.
        lock: Uid,
        /// What a hand-over will grant.
        window: Duration,
    },
    /// List the tickets for the lock of this uid.
    List {
        /// The lock's uid.
        lock: Uid,
    },
    /// Read the lock.
    Read,
    /// Write the lock.
    Write(Write),
}

/// Why a request came to nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Failed {
    /// The server says that the version is no longer the one, or the lock no longer there.
    Conflict,
    /// It is not allowed.
    Denied,
    /// Nothing was carried out: the request did not leave, or the server refused it for now.
    NotSent,
    /// It may have been carried out, and may still be.
    Unknown,
}

/// Why a lock was lost.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Loss {
    /// Somebody broke it by force.
    Broken,
    /// Its lease was deleted.
    Deleted,
    /// No renewal succeeded in time.
    NotRenewed,
    /// Somebody else holds it.
    Taken {
        /// Who; empty if it was given back already.
        by: String,
    },
}

/// Why an attempt came to nothing.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum End {
    /// Somebody was faster, or waits already, and the mode is not to wait.
    Contended,
    /// The right to write the lock is missing.
    Denied,
    /// A rule is against it.
    Refused(Refusal),
    /// The time was up.
    TimedOut,
}

/// What a contender tells.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Event {
    /// The lock is ours.
    Acquired {
        /// For whatever the lock protects.
        token: FencingToken,
        /// Who held it before and how it stood, if that was a lease that was over.
        from: Option<(String, Standing)>,
    },
    /// Half of the time between a renewal that was due and the loss of the lock has passed without
    /// one.
    AtRisk {
        /// When the lock will be lost.
        until: Instant,
    },
    /// The right to queue is missing: the lock is waited for without a place in line.
    CannotQueue,
    /// Somebody else holds the lock now, or nobody.
    HolderChanged {
        /// Who; `None` for nobody.
        holder: Option<String>,
        /// Since when, by the holder's own clock: for people only.
        since: Option<Timestamp>,
    },
    /// The lock is not ours any more: the guarded work has to end at once.
    Lost(Loss),
    /// The attempt came to nothing.
    NotAcquired(End),
    /// We wait in line; again whenever fewer are known to be ahead.
    Queued {
        /// At most so many come before us.
        ahead: usize,
    },
    /// Somebody asks the holder to release the lock.
    ReleaseAsked,
    /// The lock was given back.
    Released {
        /// Who was named as the next holder; `None` for whoever comes.
        to: Option<String>,
    },
    /// The lock could not be given back: it will be free when its lease is over.
    ReleaseFailed,
    /// A renewal succeeded.
    Renewed,
}
