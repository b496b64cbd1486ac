//! What the verbs that take a lock share: who takes it, for how long, and what they print.

use std::time::Duration;

use lease_client::{Machine, ThisMachine, clock, fresh_identity};
use lease_core::{Claim, FencingToken, Identity};

use crate::dry_run::DryRun;
use crate::durations;
use crate::escape;
use crate::failure::Failure;
use crate::human;
use crate::invocation;
use crate::lock_name;
use crate::lock_owner::OwnerArgs;
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
    #[command(flatten)]
    owner: OwnerArgs,
}

impl ClaimArgs {
    /// The claim, and who a new lock belongs to.
    pub(crate) fn claim(self) -> Result<(Claim, OwnerArgs), Failure> {
        let Self {
            identity,
            duration,
            owner,
        } = self;
        let identity = match identity {
            Some(identity) => parse_identity(&identity)?,
            None => fresh_identity(),
        };
        Ok((unattended(identity, duration), owner))
    }
}

/// The claim of somebody who takes a lock and goes away.
pub(crate) fn unattended(identity: Identity, duration_seconds: i32) -> Claim {
    Claim {
        identity,
        duration_seconds,
        number: ThisMachine.unique().as_u64_pair().1,
        attends: false,
    }
}

/// An identity as a user gave it.
pub(crate) fn parse_identity(identity: &str) -> Result<Identity, Failure> {
    Identity::new(identity).map_err(|error| {
        Failure::error(format!("\"{identity}\" cannot be an identity")).cause(error.to_string())
    })
}

/// What is told of a lock that was taken.
pub(super) struct Taken<'a> {
    /// What was done.
    pub(super) headline: &'a str,
    /// Why it could be taken from somebody.
    pub(super) proof: Option<&'a str>,
    pub(super) identity: &'a Identity,
    /// None of what was not written.
    pub(super) token: Option<&'a FencingToken>,
    /// When it ends.
    pub(super) ends: &'a str,
}

impl Taken<'_> {
    /// The text for people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.headline);
        let mut line = |key: &str, value: &str| {
            text += &format!("  {key:<9} {}\n", escape::shown(value));
        };
        if let Some(proof) = self.proof {
            line("proof:", proof);
        }
        line("identity:", self.identity.as_str());
        if let Some(token) = self.token {
            line("token:", &token.to_string());
        }
        line("ends:", self.ends);
        text
    }
}

/// Says how a lock is kept that nobody renews.
pub(super) fn tell_how_to_keep(ui: &Ui, name: &str, namespace: &str, identity: &Identity) {
    let identity = invocation::quoted(identity.as_str());
    let command = |verb| invocation::command(verb, name, namespace);
    ui.note("nobody renews it; keep it or give it back with");
    ui.note(&format!("  {} --identity {identity}", command("renew")));
    ui.note(&format!("  {} --identity {identity}", command("release")));
}

/// A lock that was taken whose lease is over already, since the reply took so long.
pub(super) fn over_before_the_reply(name: &str) -> Failure {
    Failure::not_acquired(format!(
        "\"{name}\" was acquired, but its lease was over before the reply came"
    ))
    .hint("a longer --duration outlasts a slow API server")
}

/// Says what became of a lock that was taken in one write: the proof if it was somebody else's,
/// the identity, the fencing token and the end.
///
/// # Errors
/// A lease that is over already, since the reply took so long.
pub(super) fn report(
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
        return Err(over_before_the_reply(&lock_name::of(lock)));
    }
    let token = FencingToken::new(lock.version.resource_version.clone());
    let token = Some(&token).filter(|_| dry_run == DryRun::None);
    let text = output::one(output, &done.after, &done.standing, token, None, || {
        Taken {
            headline,
            proof,
            identity: &claim.identity,
            token,
            ends: &human::ends(lock.record.renew_time, lasts, left),
        }
        .text()
    })?;
    ui.data(&text)?;
    if output.is_for_people() && dry_run == DryRun::None {
        tell_how_to_keep(ui, &lock_name::of(lock), &lock.namespace, &claim.identity);
    }
    Ok(())
}
