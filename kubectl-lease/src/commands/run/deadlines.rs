//! By when a command has to have ended, as the lock was renewed last.

use std::time::Duration;

use lease_core::{Instant, Timing};

/// So long before the lease is over the command is killed: for that to happen.
const KILLING: Duration = Duration::from_secs(1);

/// By when a command has to have ended should no renewal succeed any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Deadlines {
    /// When it is asked to end: the lock is believed in until then.
    pub(super) end_at: Instant,
    /// When it is killed.
    pub(super) kill_at: Instant,
}

impl Deadlines {
    /// Of a lock that is held until then.
    pub(super) fn of(until: Instant, timing: Timing) -> Self {
        let slack = timing
            .lease_duration()
            .saturating_sub(timing.renew_deadline());
        Self {
            end_at: until,
            kill_at: until.saturating_add(slack.saturating_sub(KILLING)),
        }
    }
}
