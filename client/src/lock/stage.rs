//! How far an attempt has come, as its task tells everybody else.

use lease_core::{FencingToken, Instant, Loss, Uid};

/// How far an attempt has come.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    Waiting,
    /// Whether this still is so, the clock tells: nobody has to be awake to lose a lock.
    Held {
        token: FencingToken,
        /// The lock's uid.
        uid: Uid,
        /// When belief ends unless a renewal succeeds.
        until: Instant,
        /// Whether somebody asked for the lock.
        asked: bool,
    },
    /// Whoever was the holder may still be at work.
    Lost {
        loss: Loss,
        /// When that should have ended.
        since: Instant,
    },
    /// It was given up; the lock may still name us.
    GivingBack,
    Ended(Outcome),
}

/// What came of giving back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// Nothing had to be given back.
    NotHeld,
    Released {
        to: Option<String>,
    },
    ReleaseFailed,
}

/// What is asked of an attempt's task.
#[derive(Debug)]
pub(super) enum Command {
    /// Give the lock back, or leave the queue.
    Resign(lease_core::Succession),
    /// Stop renewing, once nothing is left to clear away.
    Leave,
    /// Stop at once.
    Stop,
}
