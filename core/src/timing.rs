//! How long a lease lasts and how often it is renewed.

use core::time::Duration;

/// The three durations of a contender.
///
/// Made by [`Timing::new`] only, so that one that exists keeps client-go's rules.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Timing {
    lease_duration: Duration,
    renew_deadline: Duration,
    retry_period: Duration,
}

/// Why three durations do not make a [`Timing`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TimingError {
    /// `leaseDurationSeconds` is a positive 32-bit number of whole seconds.
    #[error("a lease duration is a whole number of seconds from 1 to 2147483647, not {0:?}")]
    NotWholeSeconds(Duration),
    /// Others may take the lock before its holder has stopped to believe.
    #[error(
        "the lease duration ({lease_duration:?}) must be longer than the renew deadline ({renew_deadline:?})"
    )]
    DeadlineTooLong {
        /// The lease duration that was given.
        lease_duration: Duration,
        /// The renew deadline that was given.
        renew_deadline: Duration,
    },
    /// A holder would have no time for a second try.
    #[error(
        "the renew deadline ({renew_deadline:?}) must be longer than 1.2 times the retry period ({retry_period:?})"
    )]
    RetryTooLong {
        /// The renew deadline that was given.
        renew_deadline: Duration,
        /// The retry period that was given.
        retry_period: Duration,
    },
    /// Nothing would happen, or all at once.
    #[error("the retry period must be longer than zero")]
    NoRetryPeriod,
}

impl Timing {
    /// client-go's jitter: it waits up to 2.2 retry periods between two attempts.
    pub(crate) const MAX_GAP_TENTHS: u32 = 22;

    /// Checks what client-go's `NewLeaderElector` checks: lease duration > renew deadline >
    /// 1.2 x retry period, all positive; and that the lease duration is whole seconds, since
    /// client-go silently cuts off the rest.
    pub fn new(
        lease_duration: Duration,
        renew_deadline: Duration,
        retry_period: Duration,
    ) -> Result<Self, TimingError> {
        lease_seconds(lease_duration)?;
        if retry_period.is_zero() {
            return Err(TimingError::NoRetryPeriod);
        }
        if lease_duration <= renew_deadline {
            return Err(TimingError::DeadlineTooLong {
                lease_duration,
                renew_deadline,
            });
        }
        // Retry periods that overflow are longer than any deadline.
        if retry_period
            .checked_mul(12)
            .is_none_or(|twelve| renew_deadline <= twelve / 10)
        {
            return Err(TimingError::RetryTooLong {
                renew_deadline,
                retry_period,
            });
        }
        Ok(Self {
            lease_duration,
            renew_deadline,
            retry_period,
        })
    }

    /// How long others must wait after the last renewal that they observed.
    pub const fn lease_duration(&self) -> Duration {
        self.lease_duration
    }

    /// How long the holder believes after it sent its last successful renewal.
    pub const fn renew_deadline(&self) -> Duration {
        self.renew_deadline
    }

    /// How often the holder renews and a contender without a watch asks.
    pub const fn retry_period(&self) -> Duration {
        self.retry_period
    }
}

/// A lease duration as `leaseDurationSeconds` takes it (API validation: positive, 32 bits).
pub fn lease_seconds(duration: Duration) -> Result<i32, TimingError> {
    if duration.subsec_nanos() != 0 || duration.is_zero() {
        return Err(TimingError::NotWholeSeconds(duration));
    }
    i32::try_from(duration.as_secs()).map_err(|_| TimingError::NotWholeSeconds(duration))
}

/// Timings that others use, by name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Preset {
    /// client-go's and controller-runtime's defaults: 15 s, 10 s, 2 s.
    ClientGo,
    /// leaselocker's defaults: 60 s, 10 s, 2 s.
    Leaselocker,
    /// OpenShift's defaults: 137 s, 107 s, 26 s; rides over 60 s without an API server.
    OpenShift,
    /// OpenShift's defaults for a single node: 270 s, 240 s, 60 s.
    OpenShiftSingleNode,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 4] = [
        Self::ClientGo,
        Self::Leaselocker,
        Self::OpenShift,
        Self::OpenShiftSingleNode,
    ];

    /// The preset's durations.
    pub const fn timing(self) -> Timing {
        let (lease, deadline, retry) = match self {
            Self::ClientGo => (15, 10, 2),
            Self::Leaselocker => (60, 10, 2),
            Self::OpenShift => (137, 107, 26),
            Self::OpenShiftSingleNode => (270, 240, 60),
        };
        Timing {
            lease_duration: Duration::from_secs(lease),
            renew_deadline: Duration::from_secs(deadline),
            retry_period: Duration::from_secs(retry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn every_preset_is_valid() {
        for preset in Preset::ALL {
            let timing = preset.timing();
            assert_eq!(
                Timing::new(
                    timing.lease_duration,
                    timing.renew_deadline,
                    timing.retry_period
                ),
                Ok(timing)
            );
        }
    }

    #[test]
    fn client_go_s_rules_hold_at_their_edges() {
        assert!(Timing::new(s(3), s(2), s(1)).is_ok());
        assert!(matches!(
            Timing::new(s(10), s(10), s(2)),
            Err(TimingError::DeadlineTooLong { .. })
        ));
        assert!(matches!(
            Timing::new(s(15), s(12), s(10)),
            Err(TimingError::RetryTooLong { .. })
        ));
        assert!(Timing::new(s(15), Duration::from_millis(12_001), s(10)).is_ok());
        assert_eq!(
            Timing::new(s(15), s(10), s(0)),
            Err(TimingError::NoRetryPeriod)
        );
        assert!(matches!(
            Timing::new(s(15), s(10), Duration::MAX),
            Err(TimingError::RetryTooLong { .. })
        ));
    }

    #[test]
    fn a_lease_lasts_whole_seconds_that_fit() {
        assert_eq!(lease_seconds(s(15)), Ok(15));
        assert_eq!(lease_seconds(s(2_147_483_647)), Ok(i32::MAX));
        for wrong in [
            s(0),
            s(2_147_483_648),
            Duration::from_millis(1500),
            Duration::MAX,
        ] {
            assert_eq!(
                lease_seconds(wrong),
                Err(TimingError::NotWholeSeconds(wrong))
            );
        }
    }
}
