//! What the verbs that take a lock share: who takes it, for how long, and what they print.

use std::time::Duration;

use lease_client::{clock, fresh_identity};
use lease_core::{Claim, FencingToken, Identity};

use crate::dry_run::DryRun;
use crate::durations;
use crate::escape;
use crate::failure::Failure;
use crate::human;
use crate::invocation;
use crate::one_shot::Done;
use crate::output::{self, Output};
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
            attended: None,
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
///
/// # Errors
/// A lease that is over already, since the reply took so long.
pub(crate) fn report(
    ui: &Ui,
    headline: &str,
    proof: Option<&str>,
    claim: &Claim,
    dry_run: DryRun,
    done: &Done,
    output: Output,
) -> Result<(), Failure> {
    let lock = done.after.snapshot();
    let lasts = Duration::from_secs(claim.duration_seconds.unsigned_abs().into());
    // It counts from before the write was sent: others may count from there.
    let left = lasts.saturating_sub(clock::local().since(done.decided));
    if left.is_zero() {
        return Err(Failure::not_acquired(format!(
            "\"{}\" was acquired, but its lease was over before the reply came",
            lock.name
        ))
        .hint("a longer --duration outlasts a slow API server"));
    }
    let token = FencingToken::new(lock.version.resource_version.clone());
    // What was not written has none.
    let token = Some(token).filter(|_| dry_run == DryRun::None);
    let text = output::one(
        output,
        &done.after,
        &done.standing,
        token.as_ref(),
        None,
        || {
            let mut text = format!("{headline}\n");
            let mut line = |key: &str, value: &str| {
                text += &format!("  {key:<9} {}\n", escape::shown(value));
            };
            if let Some(proof) = proof {
                line("proof:", proof);
            }
            line("identity:", claim.identity.as_str());
            if let Some(token) = &token {
                line("token:", &token.to_string());
            }
            line("ends:", &human::ends(lock.record.renew_time, lasts, left));
            text
        },
    )?;
    ui.data(&text)?;
    if output.is_for_people() && dry_run == DryRun::None {
        let identity = invocation::quoted(claim.identity.as_str());
        let command = |verb| invocation::command(verb, &lock.name, &lock.namespace);
        ui.note("nobody renews it; keep it or give it back with");
        ui.note(&format!("  {} --identity {identity}", command("renew")));
        ui.note(&format!("  {} --identity {identity}", command("release")));
    }
    Ok(())
}
