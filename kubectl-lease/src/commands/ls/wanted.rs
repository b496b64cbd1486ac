//! Which locks are shown.

use clap::ValueEnum;
use lease_core::{Dialect, State};

use crate::lock_row::Row;

/// What a lock has to be like to be shown.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) states: Vec<StateArg>,
    /// Expired or worse.
    pub(super) stuck: bool,
    /// A part of the holder's identity.
    pub(super) holder: Option<String>,
}

/// A state as a filter takes it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StateArg {
    Expired,
    Free,
    Held,
    Late,
    Malformed,
    Offered,
    Unbounded,
    Unknown,
}

impl StateArg {
    const fn state(self) -> State {
        match self {
            Self::Expired => State::Expired,
            Self::Free => State::Free,
            Self::Held => State::Held,
            Self::Late => State::Late,
            Self::Malformed => State::Malformed,
            Self::Offered => State::Offered,
            Self::Unbounded => State::Unbounded,
            Self::Unknown => State::Unknown,
        }
    }
}

impl Wanted {
    /// The flags that choose by state, as they have to be typed again, each after a space.
    pub(super) fn as_flags(&self) -> String {
        if self.stuck {
            return " --stuck".to_owned();
        }
        let states: Vec<&str> = self.states.iter().map(|arg| arg.state().name()).collect();
        if states.is_empty() {
            String::new()
        } else {
            format!(" --state {}", states.join(","))
        }
    }

    pub(super) fn takes(&self, row: &Row<'_>) -> bool {
        let state = row.standing.state;
        let mut states = self.states.iter().map(|wanted| wanted.state());
        (self.states.is_empty() || states.any(|wanted| wanted == state))
            && (!self.stuck || state >= State::Expired)
            && self.holder.as_deref().is_none_or(|part| {
                let holder = row.snapshot.record.holder();
                holder.is_some_and(|holder| holder.contains(part))
            })
    }
}

/// Whether it is no lock but the heartbeat of a node. There is one for each node of a cluster, so
/// a table of all namespaces leaves them out.
pub(super) fn is_heartbeat(row: &Row<'_>) -> bool {
    row.snapshot.dialect == Dialect::NodeHeartbeat
}
