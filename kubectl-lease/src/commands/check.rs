use std::time::Duration;

use lease_core::{Expiry, Standing, State, judge};

use super::describe;
use super::holding::LockArgs;
use crate::durations;
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::one_shot::{Reading, read};
use crate::output::{self, Output};
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Tell whether the holder of a lock renews it, for probes and scripts
///
/// Exit 0: it does, or nobody holds the lock. Exit 2: its lease has been over for longer than is
/// tolerated, or somebody else than --identity holds the lock. Exit 1: that cannot be told, since
/// the API server did not answer or the lock bears no stamp of its last change.
///
/// It is judged by the API server's own stamps, whatever the holder's clock says.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Is there a holder that has stopped to renew? (exit 2)
  kubectl lease check billing-batch -n payments

  # Give it a minute more than its lease
  kubectl lease check ledger-writer -n payments --tolerance 1m

  # Does this one still hold it?
  kubectl lease check deploy --identity \"$LEASE_IDENTITY\"")]
pub(crate) struct Args {
    #[command(flatten)]
    lock: LockArgs,
    /// How long the lease may be over
    #[arg(long, default_value = "0s", value_parser = durations::parse)]
    tolerance: Duration,
    /// Who must be the holder; without a NAME, `LEASE_IDENTITY`
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// The exit code of a finding.
const FINDING: u8 = 2;

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        lock,
        tolerance,
        identity,
        output,
    } = args;
    let identity = identity.or_else(|| lock.identity_of_environment());
    let (name, global) = lock.name(global)?;
    let session = Session::open(&global).await?;
    let Reading { lease, look, .. } = read(&session.locks, &session.namespace, &name).await?;
    if lease.is_none() && lock_name::config_map(&name).is_some() {
        // It is there while somebody holds it.
        let text = format!("{name} is free: there is no holder to check\n");
        return Ok(ui.data(&text).map(|()| 0)?);
    }
    let lease = lease.ok_or_else(|| {
        Attempted {
            verb: "check",
            name: &name,
            namespace: &session.namespace,
            identity: None,
        }
        .not_found()
    })?;
    let record = &lease.snapshot().record;
    let standing = *judge(lease.snapshot(), look).standing();
    let holder = record.holder().unwrap_or("nobody");
    let verdict = match identity {
        Some(identity) if record.holder() != Some(&identity) => {
            Verdict::Finding(format!("{holder} holds it, not {identity}"))
        }
        _ if lease.snapshot().tombstone().is_some() => Verdict::Finding(format!(
            "it was broken by force, and nobody holds it until that is over: {holder}, {}",
            describe::ends(&standing)
        )),
        _ => Verdict::of(&standing, holder, tolerance),
    };
    let (words, code) = match verdict {
        Verdict::Free => ("is free: there is no holder to check".to_owned(), 0),
        Verdict::Healthy(words) => (format!("is healthy: {words}"), 0),
        Verdict::Finding(words) => (format!("is not healthy: {words}"), FINDING),
        Verdict::Unknown => {
            return Err(Failure::error(format!(
                "whether {holder}, who holds \"{name}\", is alive cannot be told at first sight"
            ))
            .cause(evidence::sentence(&standing, record.duration_seconds))
            .hint(match standing.state {
                State::Unbounded => format!(
                    "it never expires; see who would lose it with `{}`",
                    crate::invocation::command(
                        "force-release --dry-run",
                        &name,
                        &session.namespace
                    )
                ),
                _ => format!(
                    "watch it for as long as its lease lasts, with `{}`",
                    crate::invocation::command("wait --for held", &name, &session.namespace)
                ),
            }));
        }
    };
    let text = output::one(output, &lease, &standing, None, None, || {
        format!(
            "{} {}\n",
            lock_name::object(&name),
            escape::cut(&words, 1000)
        )
    })?;
    ui.data(&text)?;
    Ok(code)
}

/// What is to be said of a holder.
enum Verdict {
    Finding(String),
    Free,
    Healthy(String),
    Unknown,
}

impl Verdict {
    fn of(standing: &Standing, holder: &str, tolerance: Duration) -> Self {
        match (standing.state, standing.expiry) {
            (State::Free, _) => Self::Free,
            (State::Held | State::Late, _) => {
                Self::Healthy(format!("{holder} holds it, {}", describe::ends(standing)))
            }
            (State::Offered, _) => Self::Healthy(format!(
                "it was handed over to {holder}, who has not confirmed that yet"
            )),
            (State::Expired, Some(Expiry::Ago(over))) if over <= tolerance => {
                Self::Healthy(format!(
                    "the lease of {holder} has been over for {}, which is tolerated",
                    human::duration(over)
                ))
            }
            (State::Expired, Some(Expiry::Ago(over))) => Self::Finding(format!(
                "the lease of {holder} has been over for {}",
                human::duration(over)
            )),
            (State::Unknown | State::Unbounded, _) => Self::Unknown,
            (State::Expired | State::Malformed, _) => {
                Self::Finding("its record contradicts itself".to_owned())
            }
        }
    }
}
