//! What the verbs that take a lock share: who takes it, for how long, and what they print.

use std::time::Duration;

use lease_client::{Lease, fresh_identity};
use lease_core::{Claim, FencingToken, Identity, Look, judge};

use crate::durations;
use crate::failure::Failure;
use crate::human;
use crate::invocation;
use crate::output::{self, Output};
use crate::status;
use crate::ui::Ui;

/// Who takes the lock, and for how long.
#[derive(clap::Args)]
pub(crate) struct ClaimArgs {
    /// Who will hold it; by default a fresh name each time: user, host (or pod) and a uuid
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    /// How long it is held; nobody renews it unless `renew` is called
    #[arg(long, default_value = "5m", value_parser = durations::parse_lease)]
    duration: i32,
}

impl ClaimArgs {
    pub(crate) fn claim(self) -> Result<Claim, Failure> {
        let Self { identity, duration } = self;
        let identity = match identity {
            Some(identity) => parse_identity(&identity)?,
            None => fresh_identity(),
        };
        Ok(Claim {
            identity,
            duration_seconds: duration,
        })
    }
}

/// An identity as a user gave it.
pub(crate) fn parse_identity(identity: &str) -> Result<Identity, Failure> {
    Identity::new(identity).map_err(|error| {
        Failure::error(format!("\"{identity}\" cannot be an identity")).cause(error.to_string())
    })
}

/// Says what became of a lock that was taken: the proof if it was somebody else's, the identity,
/// the fencing token and the end.
pub(crate) fn report(
    ui: &Ui,
    headline: &str,
    proof: Option<&str>,
    claim: &Claim,
    lease: &Lease,
    output: Output,
) -> Result<(), Failure> {
    let lock = lease.snapshot();
    let token = FencingToken::new(lock.version.resource_version.clone());
    let text = match output {
        Output::Json | Output::Yaml => {
            // The server's stamp of this very write, judged at that stamp.
            let look = lock
                .stamp
                .map_or(Look::FIRST, |date| Look::Stamped { date });
            let object = status::object(lease, judge(lock, look).standing(), Some(&token)).into();
            if output == Output::Json {
                output::json(&object)
            } else {
                output::yaml(&object)?
            }
        }
        Output::Name => output::name(&lock.name),
        Output::Table | Output::Wide => {
            let duration = Duration::from_secs(claim.duration_seconds.unsigned_abs().into());
            let ends = lock.record.renew_time.map_or_else(String::new, |renewed| {
                human::time(renewed.saturating_add(duration))
            });
            let mut text = format!("{headline}\n");
            if let Some(proof) = proof {
                text += &format!("  proof:    {proof}\n");
            }
            text += &format!("  identity: {}\n", claim.identity);
            text += &format!("  token:    {token}\n");
            text += &format!(
                "  ends:     {ends} (in {}) unless renewed\n",
                human::duration(duration)
            );
            text
        }
    };
    ui.data(&text)?;
    if matches!(output, Output::Table | Output::Wide) {
        ui.note(&format!(
            "nobody renews it: `{name} renew {lock} -n {namespace} --identity {id}` does, \
             `{name} release` with the same flags gives it back",
            name = *invocation::NAME,
            lock = lock.name,
            namespace = lock.namespace,
            id = claim.identity,
        ));
    }
    Ok(())
}
