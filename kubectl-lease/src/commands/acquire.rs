use lease_core::{Refusal, decide};

use super::taking::{ClaimArgs, report};
use crate::dry_run::DryRunArgs;
use crate::evidence;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_name;
use crate::one_shot::{Stop, attempt, read};
use crate::output::Output;
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Take a lock that is free, expired or not there yet
///
/// Prints the identity that holds the lock now, its fencing token and when it ends. A lock whose
/// lease is over is taken only where the API server's stamps prove that.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Take a lock for an hour, if nobody has it
  kubectl lease acquire nightly --try --duration 1h

  # Take it by a name of your own, which `renew` and `release` read from LEASE_IDENTITY
  export LEASE_IDENTITY=reindex-$$
  kubectl lease acquire reindex --try --identity \"$LEASE_IDENTITY\"

  # Somebody else has it: that is told at once (exit 4)
  kubectl lease acquire ledger-writer -n payments --try")]
pub(crate) struct Args {
    /// The lock: NAME or lease/NAME
    name: String,
    /// Try once and do not wait; exit 4 if somebody else holds the lock
    #[arg(long = "try")]
    try_once: bool,
    #[command(flatten)]
    claim: ClaimArgs,
    #[command(flatten)]
    dry_run: DryRunArgs,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        name,
        try_once,
        claim,
        dry_run: DryRunArgs { dry_run },
        output,
    } = args;
    if !try_once {
        return Err(Failure::error("acquire cannot wait for a lock yet")
            .hint("--try takes it if that is possible at once, and exits 4 if not"));
    }
    let name = lock_name::parse(&name)?;
    let claim = claim.claim()?;
    let session = Session::open(global).await?;
    let attempted = Attempted {
        verb: "acquire",
        name: &name,
        namespace: &session.namespace,
        identity: Some(claim.identity.as_str()),
    };
    let first = read(&session.store, &session.namespace, &name).await?;
    let result = attempt(&session.store, dry_run, &attempted, first, |judged, now| {
        decide::acquire(judged, &claim, now)
    })
    .await;
    match result {
        Ok(done) => {
            let taken_over = done.before.as_ref().filter(|(lease, _)| {
                let lock = lease.snapshot();
                !lock.dialect.is_free(&lock.record)
            });
            let proof = taken_over.map(|(lease, standing)| {
                evidence::sentence(standing, lease.snapshot().record.duration_seconds)
            });
            let headline = format!("lease/{name} acquired{}", dry_run.mark());
            report(
                ui,
                &headline,
                proof.as_deref(),
                &claim,
                dry_run,
                &done,
                output,
            )
        }
        Err(stop) => {
            // Somebody else has it, which is no fault of the one who asks.
            let is_taken = matches!(
                stop,
                Stop::Refused {
                    refusal: Refusal::DateAhead { .. }
                        | Refusal::Held { .. }
                        | Refusal::RecordAhead { .. }
                        | Refusal::Unbounded
                        | Refusal::Unproven,
                    ..
                }
            );
            let failure = stop.failure(&attempted);
            Err(if is_taken {
                failure.into_not_acquired()
            } else {
                failure
            })
        }
    }
}
