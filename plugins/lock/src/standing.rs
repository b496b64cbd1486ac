//! How a lock stands, and by which evidence.

use core::time::Duration;

use lease_core as logic;
use lease_core::{Dialect, Expiry};

use crate::contract::{Standing, Timestamp};
use crate::error::Fault;
use crate::times::{nanos, wall};

/// The evidence by which a lock is judged, as it comes in: what the two numbers are depends on the
/// first.
pub(crate) fn look(by: u32, long: u64, short: u32) -> Result<logic::Look, Fault> {
    if by == 0 {
        return Ok(logic::Look::Observed {
            unchanged_for: Duration::from_nanos(long),
            change_seen: short != 0,
        });
    }
    let now = wall(Timestamp {
        seconds: long.cast_signed(),
        nanoseconds: short,
    })?;
    Ok(if by == 1 {
        logic::Look::Recorded { now }
    } else {
        logic::Look::Stamped { date: now }
    })
}

/// A standing in the contract's terms.
pub(crate) fn told(standing: &logic::Standing, dialect: &Dialect) -> Standing {
    let evidence = standing.evidence;
    let (ends_in, ended_ago) = match standing.expiry {
        Some(Expiry::In(left)) => (Some(nanos(left)), None),
        Some(Expiry::Ago(past)) => (None, Some(nanos(past))),
        None => (None, None),
    };
    Standing {
        state: standing.state.name().into(),
        dialect: dialect.name().into(),
        basis: evidence
            .map(|evidence| evidence.basis().name().into())
            .into(),
        age: evidence.map(|evidence| nanos(evidence.age())).into(),
        ends_in: ends_in.into(),
        ended_ago: ended_ago.into(),
    }
}
