use lease_client::clock;
use lease_core::{Refusal, decide};

use super::holding::{HolderArgs, LockArgs};
use crate::dry_run::DryRunArgs;
use crate::durations;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::one_shot::{Done, Stop, attempt_unless_left, read};
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Renew a lock that you hold
///
/// Whoever does not hold it is refused (exit 3). The fencing token stays.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Hold it for as long again, in the name of $LEASE_IDENTITY
  kubectl lease renew deploy

  # Hold it for an hour from now
  kubectl lease renew deploy --duration 1h --identity \"$LEASE_IDENTITY\"")]
pub(crate) struct Args {
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    holder: HolderArgs,
    /// How long it is held from now; by default as long as before
    #[arg(long, value_parser = durations::parse_lease)]
    duration: Option<i32>,
    #[command(flatten)]
    dry_run: DryRunArgs,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        lock,
        holder,
        duration,
        dry_run: DryRunArgs { dry_run },
    } = args;
    let (name, global) = lock.name(global)?;
    let identity = holder.identity()?;
    let session = Session::open(&global).await?;
    let attempted = Attempted {
        verb: "renew",
        name: &name,
        namespace: &session.namespace,
        identity: Some(identity.as_str()),
    };
    let first = read(&session.locks, &session.namespace, &name).await?;
    let result = attempt_unless_left(&session.locks, dry_run, &attempted, first, |judged, now| {
        let judged = judged.ok_or(Refusal::AlreadyFree)?;
        decide::renew(judged.lock(), &identity, duration, now)
    })
    .await;
    match result {
        Ok(Done { after, decided, .. }) => {
            let record = &after.snapshot().record;
            let lasts = record.duration().unwrap_or_default();
            let left = lasts.saturating_sub(clock::local().since(decided));
            let ends = human::ends(record.renew_time, lasts, left);
            let mark = dry_run.mark();
            let lock = lock_name::object(&name);
            Ok(ui.data(&format!("{lock} renewed{mark}\n  ends:     {ends}\n"))?)
        }
        Err(Stop::Deleted) => Err(attempted.not_found()),
        Err(stop) => Err(stop.failure(&attempted)),
    }
}
