//! What a contender remembers: how far it is, what it knows of the lock and of the queue, and what it
//! has asked for.

use alloc::string::String;

use super::Succession;
use crate::{FencingToken, Grant, Instant, Observer, ResourceVersion, Standing, Ticket, Write};

/// How far an attempt is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Phase {
    Waiting,
    Holding(Hold),
    /// The lock was lost; it may still name us.
    Lost,
    Resigning {
        succession: Succession,
        since: Instant,
        /// Whether it stood in line, so that somebody may be about to name it.
        was_in_line: bool,
        gave: Gave,
    },
    Ended,
}

impl Phase {
    pub(super) const fn is_resigning(&self) -> bool {
        matches!(self, Self::Resigning { .. })
    }
}

/// What a contender that resigns has written so far.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Gave {
    Nothing,
    /// It may have named this one as the next holder, or nobody.
    To(Option<String>),
}

/// A lock that is ours.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Hold {
    pub(super) token: FencingToken,
    /// When the last successful write was sent: belief runs from there.
    pub(super) sent: Instant,
    /// When to renew next.
    pub(super) renew_at: Instant,
    /// Whether it was told that the lock is at risk.
    pub(super) at_risk: bool,
    /// Whether it was told that somebody asks for the lock.
    pub(super) asked: bool,
    /// How often the lock had changed hands when we wrote to it last.
    pub(super) transitions: Option<i32>,
}

/// What is known of the lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Lock {
    /// It was not read yet, nor seen.
    Unknown,
    /// It does not exist. If somebody created it before us, and it is gone again, its creator may
    /// believe until then.
    Absent {
        until: Option<Instant>,
    },
    Known(Observer),
}

/// Whether tickets are made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Queueing {
    Allowed,
    /// Without the right to, one waits without a place.
    Denied,
    /// The lock exists only while it is held: there is nothing to wait for in line.
    Pointless,
}

/// Our place in the queue.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Place {
    None,
    /// Asked for; whether it was given is not known.
    Asked,
    Given(Ticket),
}

/// A request that is under way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Busy {
    /// Of our own ticket, or of one that was served and is dead.
    Dequeue {
        own: bool,
    },
    Enqueue,
    List,
    /// With the version that was known when it was sent: an older one in the answer then means
    /// that the server went back.
    Read {
        known: Option<ResourceVersion>,
    },
    Write(Doubt),
}

/// A write, and when it was sent.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Doubt {
    pub(super) write: Write,
    pub(super) sent: Instant,
    pub(super) takes: Taken,
}

/// A lock that is seen to be there for the taking.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Opening {
    pub(super) since: Instant,
    /// Whether it was read since then.
    pub(super) is_read: bool,
}

/// What a write takes from somebody.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Taken {
    /// Whose lease it ends, and how that stood.
    pub(super) from: Option<(String, Standing)>,
    /// Whether it was handed over, and nobody confirmed that.
    pub(super) was_offered: bool,
    /// The ticket that it was handed to, if there is one: anybody may have written that down.
    pub(super) dead: Option<Grant>,
}

/// Whom a lock names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Owner<'a> {
    Nobody,
    Other(&'a str),
    Us,
}
