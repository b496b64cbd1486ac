use lease_core::{Expiry, Refusal, State, decide};

use super::holding::{HolderArgs, LockArgs};
use crate::dry_run::DryRunArgs;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::one_shot::{Stop, attempt, read};
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Set a lock free that you hold
///
/// Whoever does not hold it is refused (exit 3). A lock that is free already stays so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Give back what `acquire` or `steal` took in the name of $LEASE_IDENTITY
  kubectl lease release deploy

  # Somebody else's lock stays theirs (exit 3)
  kubectl lease release ledger-writer -n payments")]
pub(crate) struct Args {
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    holder: HolderArgs,
    #[command(flatten)]
    dry_run: DryRunArgs,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        lock,
        holder,
        dry_run: DryRunArgs { dry_run },
    } = args;
    let (name, global) = lock.name(global)?;
    let identity = holder.identity()?;
    let session = Session::open(&global).await?;
    let attempted = Attempted {
        verb: "release",
        name: &name,
        namespace: &session.namespace,
        identity: Some(identity.as_str()),
    };
    let first = read(&session.store, &session.namespace, &name).await?;
    if first.lease.is_none() {
        return Err(attempted.not_found());
    }
    let result = attempt(&session.store, dry_run, &attempted, first, |judged, now| {
        let judged = judged.ok_or(Refusal::AlreadyFree)?;
        decide::release(judged.lock(), &identity, now)
    })
    .await;
    match result {
        Ok(done) => {
            ui.data(&format!("lease/{name} released{}\n", dry_run.mark()))?;
            if let Some((_, standing)) = done.before
                && let (State::Expired, Some(Expiry::Ago(over))) = (standing.state, standing.expiry)
            {
                ui.note(&format!(
                    "its lease had been over for {}: nobody took it, but anybody could have",
                    human::duration(over)
                ));
            }
            Ok(())
        }
        Err(Stop::Refused {
            refusal: Refusal::AlreadyFree,
            ..
        }) => Ok(ui.data(&format!("lease/{name} is free already\n"))?),
        // We held it, and the reply was lost: whoever holds it now came after us.
        Err(Stop::Refused {
            refusal: Refusal::NotHolder,
            reply_lost: true,
            ..
        }) => Ok(ui.data(&format!(
            "lease/{name} released; somebody else has it already\n"
        ))?),
        Err(Stop::Deleted) => Err(attempted.not_found()),
        Err(stop) => Err(stop.failure(&attempted)),
    }
}
