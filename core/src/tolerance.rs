//! What a timing tolerates.

use core::time::Duration;

use crate::Timing;

/// What three durations let a lock live through, as OpenShift's guidance on leader election
/// computes it, and what client-go's jitter makes of that.
///
/// client-go waits up to 2.2 retry periods between two attempts (jitter factor 1.2), which the
/// guidance leaves out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tolerance {
    /// Lease duration - renew deadline: how far the clocks' *rates* and pauses may drift before
    /// a new holder begins while the old one still believes.
    pub clock_skew: Duration,
    /// floor(renew deadline / retry period): how often a holder tries before it gives up.
    pub retries: u64,
    /// (retries - 1) x retry period: for how long the API server may be away.
    pub api_downtime: Duration,
    /// Retry period: the guidance's longest wait after a release.
    pub graceful: Duration,
    /// 2.2 retry periods: the longest wait of a client-go contender after a release.
    pub graceful_with_jitter: Duration,
    /// Lease duration + retry period: the guidance's longest wait after a crash.
    pub crash: Duration,
    /// Lease duration + 2.2 retry periods: the same with jitter, after the last renewal that the
    /// contender observed.
    pub crash_with_jitter: Duration,
    /// Lease duration + 4.4 retry periods: the same after the last renewal itself, since a
    /// client-go contender observes it up to 2.2 retry periods late.
    pub crash_since_renewal: Duration,
}

impl Tolerance {
    /// The arithmetic.
    pub fn of(timing: &Timing) -> Self {
        let lease = timing.lease_duration();
        let retry = timing.retry_period();
        let retries = timing.renew_deadline().as_nanos() / retry.as_nanos();
        let gap = retry.saturating_mul(Timing::MAX_GAP_TENTHS) / 10;
        Self {
            clock_skew: lease.saturating_sub(timing.renew_deadline()),
            retries: u64::try_from(retries).unwrap_or(u64::MAX),
            api_downtime: times(retry, retries.saturating_sub(1)),
            graceful: retry,
            graceful_with_jitter: gap,
            crash: lease.saturating_add(retry),
            crash_with_jitter: lease.saturating_add(gap),
            crash_since_renewal: lease.saturating_add(gap.saturating_mul(2)),
        }
    }
}

fn times(duration: Duration, factor: u128) -> Duration {
    let nanos = duration.as_nanos().saturating_mul(factor);
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preset;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn openshift_s_own_figures_and_the_corrected_ones() {
        assert_eq!(
            Tolerance::of(&Preset::OpenShift.timing()),
            Tolerance {
                clock_skew: ms(30_000),
                retries: 4,
                api_downtime: ms(78_000),
                graceful: ms(26_000),
                graceful_with_jitter: ms(57_200),
                crash: ms(163_000),
                crash_with_jitter: ms(194_200),
                crash_since_renewal: ms(251_400),
            }
        );
        assert_eq!(
            Tolerance::of(&Preset::OpenShiftSingleNode.timing()),
            Tolerance {
                clock_skew: ms(30_000),
                retries: 4,
                api_downtime: ms(180_000),
                graceful: ms(60_000),
                graceful_with_jitter: ms(132_000),
                crash: ms(330_000),
                crash_with_jitter: ms(402_000),
                crash_since_renewal: ms(534_000),
            }
        );
    }
}
