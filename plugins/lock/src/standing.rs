//! How a lock stands, and by which evidence.

use core::time::Duration;

use lease_core as logic;
use lease_core::{Dialect, Expiry};

use crate::bindings::exports::lease::lock::rules::{Look, Standing};
use crate::bindings::exports::lease::lock::types::Error;
use crate::times::{nanos, wall};

/// The evidence by which a lock is judged.
pub(crate) fn look(look: &Look) -> Result<logic::Look, Error> {
    Ok(match look {
        Look::Observed(observation) => logic::Look::Observed {
            unchanged_for: Duration::from_nanos(observation.unchanged_for),
            change_seen: observation.change_seen,
        },
        Look::Recorded(reading) => logic::Look::Recorded {
            now: wall(reading.now)?,
        },
        Look::Stamped(reading) => logic::Look::Stamped {
            date: wall(reading.now)?,
        },
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
        basis: evidence.map(|evidence| evidence.basis().name().into()),
        age: evidence.map(|evidence| nanos(evidence.age())),
        ends_in,
        ended_ago,
    }
}
