//! Times and durations, as the contract has them and as the logic has them.

use core::time::Duration;

use lease_core::{Instant, Timestamp as Time};

use crate::abi::Maybe;
use crate::contract::Timestamp;
use crate::error::Fault;

const NANOS: u32 = 1_000_000_000;
const MICROS: i64 = 1_000_000;

/// A time on a wall clock.
pub(crate) fn wall(time: Timestamp) -> Result<Time, Fault> {
    let Timestamp {
        seconds,
        nanoseconds,
    } = time;
    let micros = i128::from(seconds) * i128::from(MICROS) + i128::from(nanoseconds / 1000);
    match i64::try_from(micros) {
        Ok(micros) if nanoseconds < NANOS => Ok(Time::from_micros(micros)),
        _ => Err(Fault::TimeOutOfRange),
    }
}

/// The same, where there may be none.
pub(crate) fn wall_if_any(time: Maybe<Timestamp>) -> Result<Option<Time>, Fault> {
    time.get().map(wall).transpose()
}

/// A time on a wall clock, in the contract's terms.
pub(crate) fn told(time: Time) -> Timestamp {
    let micros = time.as_micros();
    Timestamp {
        seconds: micros.div_euclid(MICROS),
        // What is left is less than a second.
        nanoseconds: u32::try_from(micros.rem_euclid(MICROS)).unwrap_or(0) * 1000,
    }
}

/// A length of time; the longest there is if it is longer.
#[inline(never)]
pub(crate) fn nanos(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_mul(u64::from(NANOS))
        .saturating_add(u64::from(duration.subsec_nanos()))
}

/// A reading of the local clock.
pub(crate) const fn instant(at: Instant) -> u64 {
    at.as_nanos()
}
