//! How long a lease lasts that is renewed, and how often: what the verbs that hold a lock share.

use std::time::Duration;

use lease_core::Timing;

use super::timing::PresetArg;
use crate::durations;
use crate::failure::Failure;
use crate::human;

/// The shortest lease that is not renewed. It counts as held until a second before its end.
const SHORTEST: Duration = Duration::from_secs(2);

/// How long a lock is held without a renewal, and how often it is renewed.
#[derive(clap::Args)]
#[command(next_help_heading = "Timing")]
pub(crate) struct HoldingTimeArgs {
    /// How long others wait after the last renewal [default: 15s]
    #[arg(long, value_parser = durations::parse)]
    pub(super) duration: Option<Duration>,
    /// How long the lock counts as held after the last renewal that succeeded [default: two
    /// thirds of the duration: 10s]
    #[arg(long, value_parser = durations::parse)]
    renew_deadline: Option<Duration>,
    /// How often it is renewed [default: two fifteenths of the duration: 2s]
    #[arg(long, value_parser = durations::parse_period)]
    retry_period: Option<Duration>,
    /// Start from the defaults of a project
    #[arg(long)]
    preset: Option<PresetArg>,
}

impl HoldingTimeArgs {
    /// Whether nothing but a duration is given.
    pub(super) fn is_bare(&self) -> bool {
        self.renew_deadline.is_none() && self.retry_period.is_none() && self.preset.is_none()
    }

    /// The timing, with client-go's proportions where only a duration is given.
    pub(super) fn timing(&self) -> Result<Timing, Failure> {
        let Self {
            duration,
            renew_deadline,
            retry_period,
            preset,
        } = self;
        let base = preset.unwrap_or(PresetArg::ClientGo).timing();
        let in_proportion = duration.filter(|_| preset.is_none());
        let duration = duration.unwrap_or(base.lease_duration());
        let deadline = in_proportion.map_or(base.renew_deadline(), |duration| duration * 2 / 3);
        let period = in_proportion.map_or(base.retry_period(), |duration| duration * 2 / 15);
        checked(
            duration,
            renew_deadline.unwrap_or(deadline),
            retry_period.unwrap_or(period),
        )
    }
}

/// The timing of a lock that is taken and not renewed.
pub(super) fn one_shot(duration: Duration) -> Result<Timing, Failure> {
    let longest_period = Duration::from_secs(2);
    if duration < SHORTEST {
        return Err(Failure::error(format!(
            "a lock that is not renewed is held for {} at least, not for {}",
            human::seconds(SHORTEST),
            human::seconds(duration)
        ))
        .hint("give a longer --duration, or keep the lock with --hold"));
    }
    let deadline = (duration * 2 / 3).min(duration.saturating_sub(Duration::from_secs(1)));
    checked(duration, deadline, (deadline / 5).min(longest_period))
}

fn checked(duration: Duration, deadline: Duration, period: Duration) -> Result<Timing, Failure> {
    Timing::new(duration, deadline, period).map_err(|error| wrong(&error))
}

/// Durations with which nothing works, and why.
pub(super) fn wrong(error: &dyn std::error::Error) -> Failure {
    Failure::error("no lock can work with these durations")
        .cause(error.to_string())
        .hint("change --duration, --renew-deadline or --retry-period; `timing` tells what they tolerate")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(duration: Option<u64>, deadline: Option<u64>, preset: Option<PresetArg>) -> Timing {
        let args = HoldingTimeArgs {
            duration: duration.map(Duration::from_secs),
            renew_deadline: deadline.map(Duration::from_secs),
            retry_period: None,
            preset,
        };
        args.timing().unwrap()
    }

    fn milliseconds(timing: &Timing) -> [u128; 3] {
        [
            timing.lease_duration(),
            timing.renew_deadline(),
            timing.retry_period(),
        ]
        .map(|duration| duration.as_millis())
    }

    #[test]
    fn what_is_not_given_follows_what_is() {
        let openshift = Some(PresetArg::Openshift);
        for (timing, expected) in [
            (given(None, None, None), [15000, 10000, 2000]),
            (given(Some(60), None, None), [60000, 40000, 8000]),
            (given(Some(60), Some(30), None), [60000, 30000, 8000]),
            (given(None, Some(12), None), [15000, 12000, 2000]),
            (given(None, None, openshift), [137_000, 107_000, 26000]),
            (given(Some(200), None, openshift), [200_000, 107_000, 26000]),
            (
                one_shot(Duration::from_secs(300)).unwrap(),
                [300_000, 200_000, 2000],
            ),
            (one_shot(Duration::from_secs(2)).unwrap(), [2000, 1000, 200]),
        ] {
            assert_eq!(milliseconds(&timing), expected);
        }
        assert!(one_shot(Duration::from_secs(1)).is_err());
        assert!(one_shot(Duration::from_millis(2500)).is_err());
    }
}
