use std::time::Duration;

use clap::ValueEnum;
use lease_core::{Preset, Timing, Tolerance};

use crate::durations;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human::seconds;
use crate::lock_name;
use crate::one_shot::read;
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Tell what a lease duration, renew deadline and retry period tolerate
///
/// Prints the arithmetic of OpenShift's guidance on leader election and, beside it, what
/// client-go's jitter makes of it: a contender waits up to 2.2 retry periods between two tries.
/// With a NAME, the duration is that of the lock.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # What client-go's defaults tolerate
  kubectl lease timing

  # What a longer lease would
  kubectl lease timing --duration 60s --renew-deadline 40s --retry-period 5s

  # What the duration of a lock in the cluster does
  kubectl lease timing ledger-writer -n payments")]
pub(crate) struct Args {
    /// A lock whose duration is used: NAME or lease/NAME
    #[arg(conflicts_with_all = ["duration", "preset"])]
    name: Option<String>,
    /// Start from the defaults of a project
    #[arg(long, default_value = "client-go")]
    preset: PresetArg,
    /// How long others wait after the last renewal that they saw
    #[arg(long, value_parser = durations::parse)]
    duration: Option<Duration>,
    /// How long a holder that cannot renew still believes
    #[arg(long, value_parser = durations::parse)]
    renew_deadline: Option<Duration>,
    /// How often the holder renews and a contender asks
    #[arg(long, value_parser = durations::parse)]
    retry_period: Option<Duration>,
}

/// A preset as a user names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PresetArg {
    /// 15s, 10s, 2s
    ClientGo,
    /// 60s, 10s, 2s
    Leaselocker,
    /// 137s, 107s, 26s
    Openshift,
    /// 270s, 240s, 60s
    OpenshiftSno,
}

impl PresetArg {
    pub(super) const fn timing(self) -> Timing {
        match self {
            Self::ClientGo => Preset::ClientGo,
            Self::Leaselocker => Preset::Leaselocker,
            Self::Openshift => Preset::OpenShift,
            Self::OpenshiftSno => Preset::OpenShiftSingleNode,
        }
        .timing()
    }
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        name,
        preset,
        duration,
        renew_deadline,
        retry_period,
    } = args;
    let base = preset.timing();
    let is_of_a_lock = name.is_some();
    let (mut deadline, mut period) = (base.renew_deadline(), base.retry_period());
    let duration = match name {
        None => duration.unwrap_or(base.lease_duration()),
        Some(name) => duration_of(global, &name).await?,
    };
    if is_of_a_lock && deadline >= duration {
        // What nobody could hold it by; it is held by another program than that.
        (deadline, period) = (duration * 2 / 3, duration * 2 / 15);
    }
    if is_of_a_lock && (renew_deadline.is_none() || retry_period.is_none()) {
        ui.note(&format!(
            "a lease tells only its duration; the rest is assumed to be as client-go's: {} and {} \
             (--renew-deadline, --retry-period)",
            seconds(renew_deadline.unwrap_or(deadline)),
            seconds(retry_period.unwrap_or(period)),
        ));
    }
    let timing = Timing::new(
        duration,
        renew_deadline.unwrap_or(deadline),
        retry_period.unwrap_or(period),
    )
    .map_err(|error| {
        Failure::error("no lock can work with these durations")
            .cause(error.to_string())
            .hint("change --duration, --renew-deadline or --retry-period")
    })?;
    Ok(ui.data(&table(&timing))?)
}

async fn duration_of(global: &GlobalArgs, name: &str) -> Result<Duration, Failure> {
    let name = lock_name::parse(name)?;
    let session = Session::open(global).await?;
    let attempted = Attempted {
        verb: "time",
        name: &name,
        namespace: &session.namespace,
        identity: None,
    };
    let reading = read(&session.locks, &session.namespace, &name).await?;
    let lease = reading.lease.ok_or_else(|| attempted.not_found())?;
    lease
        .snapshot()
        .record
        .duration()
        .ok_or_else(|| Failure::error(format!("\"{name}\" has no duration: it never expires")))
}

fn table(timing: &Timing) -> String {
    let Tolerance {
        clock_skew,
        retries,
        api_downtime,
        graceful,
        graceful_with_jitter,
        crash,
        crash_with_jitter,
        crash_since_renewal,
    } = Tolerance::of(timing);
    format!(
        "lease duration {}, renew deadline {}, retry period {}\n\n\
         {:<44}{:<12}with jitter\n\
         {:<44}{}\n\
         {:<44}{retries}\n\
         {:<44}{}\n\
         {:<44}{:<12}{}\n\
         {:<44}{:<12}{}\n\
         {:<44}{:<12}{}\n",
        seconds(timing.lease_duration()),
        seconds(timing.renew_deadline()),
        seconds(timing.retry_period()),
        "",
        "guidance",
        "clock drift and pauses tolerated",
        seconds(clock_skew),
        "tries of a holder before it gives up",
        "API server may be away for",
        seconds(api_downtime),
        "next holder after a release, at worst",
        seconds(graceful),
        seconds(graceful_with_jitter),
        "next holder after a crash, at worst",
        seconds(crash),
        seconds(crash_with_jitter),
        "  the same, counted from the last renewal",
        "",
        seconds(crash_since_renewal),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openshift_s_figures_stand_beside_the_corrected_ones() {
        insta::assert_snapshot!("openshift", table(&PresetArg::Openshift.timing()));
        insta::assert_snapshot!("openshift-sno", table(&PresetArg::OpenshiftSno.timing()));
    }
}
