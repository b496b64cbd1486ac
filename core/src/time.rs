//! Two kinds of time that must never be mixed.

use core::time::Duration;

/// A wall-clock time as a lease records it: microseconds since the Unix epoch, UTC.
///
/// It says what some machine's clock showed. Only two readings of the *same* machine's clock may
/// be subtracted to learn how much time has passed; see [`crate::Basis`] for who trusts which.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Go's zero time, 0001-01-01T00:00:00Z, which programs write when they mean "no time".
    pub const GO_ZERO: Self = Self(-62_135_596_800_000_000);

    /// The time that lies `micros` microseconds after the Unix epoch, or before it if negative.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whether this is a real time. A year-0001 time means "no time", not "long ago".
    pub const fn is_set(self) -> bool {
        // Anything in the year 1 counts: some writers shift Go's zero time by a zone.
        self.0 >= Self::GO_ZERO.0 + 366 * 86_400_000_000
    }

    /// How much later this is than `earlier`; zero if it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 {
            return Duration::ZERO;
        }
        Duration::from_micros(self.0.abs_diff(earlier.0))
    }

    /// This time moved later by `by`, or the last representable time.
    #[inline(never)]
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

/// A reading of a local clock that only goes forward and counts suspend: nanoseconds since an
/// arbitrary start (`CLOCK_BOOTTIME` on Linux, the continuous clock on macOS).
///
/// All decisions that rest on local observation use it, since nobody can set it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(u64);

impl Instant {
    /// The reading `nanos` nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The nanoseconds that it was made of.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How much later this is than `earlier`; zero if it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This reading moved later by `by`, or the last representable reading.
    // Much is added up, and wide numbers take much code: it is there once.
    #[inline(never)]
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_one_and_before_mean_no_time() {
        assert!(!Timestamp::GO_ZERO.is_set());
        assert!(!Timestamp::from_micros(i64::MIN).is_set());
        assert!(Timestamp::from_micros(0).is_set());
        assert!(Timestamp::from_micros(i64::MAX).is_set());
    }

    #[test]
    fn differences_never_overflow() {
        let first = Timestamp::from_micros(i64::MIN);
        let last = Timestamp::from_micros(i64::MAX);
        assert_eq!(last.since(first), Duration::from_micros(u64::MAX));
        assert_eq!(first.since(last), Duration::ZERO);
        assert_eq!(last.saturating_add(Duration::MAX), last);
    }
}
