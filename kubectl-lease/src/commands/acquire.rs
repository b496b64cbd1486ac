use lease_core::{Refusal, decide};

use super::taking::{ClaimArgs, report};
use crate::cli::GlobalArgs;
use crate::evidence;
use crate::failure::Failure;
use crate::lock_name;
use crate::one_shot::{Done, Stop, attempt, read};
use crate::output::Output;
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Take a lock that is free, expired or not there yet
///
/// Prints the identity that holds the lock now, its fencing token and when it ends. A lock whose
/// lease is over is taken only where the API server's stamps prove that.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The lock: NAME or lease/NAME
    name: String,
    /// Try once and do not wait; exit 4 if somebody else holds the lock
    #[arg(long = "try", required = true)]
    try_once: bool,
    #[command(flatten)]
    claim: ClaimArgs,
    #[arg(short, long, default_value = "table")]
    output: Output,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        name,
        try_once: _,
        claim,
        output,
    } = args;
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
    let result = attempt(
        &session.store,
        &session.namespace,
        &name,
        first,
        |judged, now| decide::acquire(judged, &claim, now),
    )
    .await;
    match result {
        Ok(Done { before, after }) => {
            let proof = before.as_ref().and_then(|(lease, standing)| {
                let record = &lease.snapshot().record;
                record
                    .holder()
                    .map(|_| evidence::sentence(standing, record.duration_seconds))
            });
            report(
                ui,
                &format!("lease/{name} acquired"),
                proof.as_deref(),
                &claim,
                &after,
                output,
            )
        }
        Err(Stop::Refused {
            lease,
            standing,
            refusal,
        }) => {
            let (Some(lease), Some(standing)) = (lease, standing) else {
                return Err(attempted.not_found());
            };
            let failure = attempted.refused(&lease, &standing, &refusal);
            Err(match refusal {
                // Somebody else has it, which is no fault of the one who asks.
                Refusal::Held { .. }
                | Refusal::Unproven
                | Refusal::RecordAhead { .. }
                | Refusal::Unbounded => failure.into_not_acquired(),
                _ => failure,
            })
        }
        Err(Stop::Deleted) => Err(attempted.deleted()),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}
