//! The locks that this process runs under, from the environment that `run` gives its command.

use lease_client::OuterLock;

/// The variable with all of them.
pub(super) const LEASE_HELD: &str = "LEASE_HELD";

/// Those of all `run`s around this process, the outermost first.
pub(super) fn inherited() -> Vec<OuterLock> {
    let held = std::env::var(LEASE_HELD).unwrap_or_default();
    OuterLock::read_all(&held)
}
