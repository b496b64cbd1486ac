mod at_once;

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use lease_client::{
    Dated, Guard, Lock, Notice, Released, Store, ThisMachine, clock, fresh_identity,
};
use lease_core::{Event, Evidence, Expiry, Look, Mode, Standing, Timing, judge};
use tokio::time::timeout;

use super::contending::{Acquired, CLEARING, ContendArgs, Waited, wait_for};
use super::holding_time::{self, HoldingTimeArgs};
use super::inherited::inherited;
use super::keeping::{at_risk, could_not_be_given_back, give_back, leave_lost, lost};
use super::taking::{Taken, over_before_the_reply, tell_how_to_keep, unattended};
use crate::dry_run::{DryRun, DryRunArgs};
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::output::{self, Output};
use crate::policy::{Intent, Verb};
use crate::session::Session;
use crate::signals::{Signals, end_by};
use crate::ui::Ui;

/// Take a lock, and wait in line for it if somebody has it
///
/// Prints the identity that holds the lock now, its fencing token and when it ends. Nobody renews
/// it, so it ends after --duration unless `renew` is called; with --hold, it is renewed until
/// ctrl-c or SIGTERM, and then given back. To run a command while a lock is held, there is `run`.
#[derive(clap::Args)]
#[command(mut_arg("duration", |arg| arg.help(DURATION)), after_help = "\
Examples:
  # Take a lock for an hour, waiting for it as long as it takes
  kubectl lease acquire nightly --duration 1h

  # Take it by a name of your own, which `renew` and `release` read from LEASE_IDENTITY
  export LEASE_IDENTITY=reindex-$$
  kubectl lease acquire reindex --identity \"$LEASE_IDENTITY\"

  # Hold it until this is stopped
  kubectl lease acquire maintenance --hold & holding=$!
  sleep 1; kill $holding; wait

  # Somebody else has it: that is told at once, or after two seconds (exit 4)
  kubectl lease acquire ledger-writer -n payments --try ||
  kubectl lease acquire ledger-writer -n payments --timeout 2s")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    #[command(flatten)]
    contend: ContendArgs,
    /// Renew it until ctrl-c or SIGTERM, and then give it back
    #[arg(long, conflicts_with = "dry_run")]
    hold: bool,
    #[command(flatten)]
    dry_run: DryRunArgs,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
    // Last, since it has a heading.
    #[command(flatten)]
    time: HoldingTimeArgs,
}

const DURATION: &str = "How long it is held [default: 5m]; with --hold, how long others wait after \
                        the last renewal [default: 15s]";
/// How long a lock is held that nobody renews.
const ONE_SHOT: Duration = Duration::from_secs(300);

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        name,
        contend,
        hold,
        time,
        dry_run: DryRunArgs { dry_run },
        output,
    } = args;
    let name = lock_name::parse(&name)?;
    let identity = contend.identity()?.unwrap_or_else(fresh_identity);
    let timing = if hold {
        time.timing()?
    } else if time.is_bare() {
        holding_time::one_shot(time.duration.unwrap_or(ONE_SHOT))?
    } else {
        return Err(Failure::error(
            "--renew-deadline, --retry-period and --preset are about renewing, which nobody does",
        )
        .hint("with --hold, it is renewed until ctrl-c or SIGTERM"));
    };
    let mode = contend.mode();
    let mut session = Session::open(global).await?;
    contend.owner.find(&mut session, &name).await?;
    let intent = Intent {
        identity: Some(identity.as_str()),
        dry_run,
        ..session.intends(Verb::Acquire)
    };
    // Once: whoever waits for a lock does not ask again when their turn comes.
    let reviewed =
        Box::pin(intent.review_unread(ui, &session.locks, &session.namespace, &name)).await?;
    // A dry run does not wait: nobody knows how things will stand when the turn comes.
    if dry_run != DryRun::None || (mode == Mode::Try && !hold) {
        let seconds = timing.lease_duration().as_secs();
        let claim = unattended(identity, i32::try_from(seconds).unwrap_or(i32::MAX));
        let at_once = at_once::take(ui, &session, &name, dry_run, &claim, output, &reviewed).await;
        return at_once.map(|()| 0);
    }
    let mut lock = Lock::new(session.locks.clone(), &session.namespace, &name)
        .timing(timing)
        .under(inherited())
        .record_events(session.recorder.clone())
        .identity(identity);
    if !hold {
        lock = lock.unattended();
    }
    let mut signals = Signals::ending()?;
    let acquired = match wait_for(ui, &session, &lock, mode, &mut signals).await? {
        Waited::Acquired(acquired) => acquired,
        Waited::Interrupted(signal) => return Ok(end_by(signal)),
    };
    let identity = acquired.guard.identity().clone();
    let told = tokio::select! {
        biased;
        signal = signals.ending_one() => Err(signal),
        told = tell(ui, &session, &acquired, &timing, output) => Ok(told),
    };
    let told = match told {
        Ok(told) => told,
        Err(signal) => {
            give_back_unwanted(ui, &session, acquired.guard, &mut signals).await;
            return Ok(end_by(signal));
        }
    };
    if let Err(failure) = told {
        give_back(ui, acquired.guard, &mut signals).await;
        session.settle().await;
        return Err(failure);
    }
    if !hold {
        if let Some(signal) = signals.ending_one().now_or_never() {
            give_back_unwanted(ui, &session, acquired.guard, &mut signals).await;
            return Ok(end_by(signal));
        }
        if output.is_for_people() {
            tell_how_to_keep(ui, &name, &session.namespace, &identity);
        }
        // The lock is told of already; what is left of a place in line others pass.
        let leave = async { tokio::join!(acquired.guard.leave(), session.settle()) };
        let _ = timeout(CLEARING, leave).await;
        return Ok(0);
    }
    if output.is_for_people() {
        ui.note("it is renewed until ctrl-c or SIGTERM, and then given back");
    }
    let kept = keep(ui, acquired.guard, &mut signals).await;
    session.settle().await;
    kept
}

/// Gives back what was acquired just when somebody left: whoever does not want to wait for it any
/// more does not want to have it either.
async fn give_back_unwanted(
    ui: &Ui,
    session: &Session,
    guard: Guard<ThisMachine>,
    signals: &mut Signals,
) {
    let name = guard.name().to_owned();
    match timeout(CLEARING, Box::pin(give_back(ui, guard, signals))).await {
        Ok(Some(_)) => {
            let lock = lock_name::object(&name);
            ui.note(&format!("{lock} was acquired just then, and given back"));
        }
        // That was told.
        Ok(None) => {}
        Err(_) => ui.note(&could_not_be_given_back(&name)),
    }
    session.settle().await;
}

/// Says what was acquired.
async fn tell(
    ui: &Ui,
    session: &Session,
    acquired: &Acquired,
    timing: &Timing,
    output: Output,
) -> Result<(), Failure> {
    let Acquired { guard, from, .. } = acquired;
    let name = guard.name();
    let slack = timing
        .lease_duration()
        .saturating_sub(timing.renew_deadline());
    let (Some(left), Some(token)) = (guard.remaining(), guard.token()) else {
        return Err(over_before_the_reply(name));
    };
    let text = match output {
        Output::Name => output::name(name),
        Output::Table | Output::Wide => Taken {
            headline: &format!("{} acquired", lock_name::object(name)),
            proof: from
                .as_ref()
                .map(|(_, standing)| proof(standing))
                .as_deref(),
            identity: guard.identity(),
            token: Some(&token),
            ends: &human::ends(Some(clock::wall()), left + slack, left + slack),
        }
        .text(),
        Output::Json | Output::Yaml => {
            let Dated { value, date } = session.locks.get(guard.namespace(), name).await?;
            let lease = value.ok_or_else(|| over_before_the_reply(name))?;
            let look = Look::stamped_or_first(lease.snapshot(), date);
            let standing = *judge(lease.snapshot(), look).standing();
            output::one(output, &lease, &standing, Some(&token), None, String::new)?
        }
    };
    Ok(ui.data(&text)?)
}

/// Why a lease could be taken from somebody.
fn proof(standing: &Standing) -> String {
    let age = standing.evidence.as_ref().map(Evidence::age);
    let over = match standing.expiry {
        Some(Expiry::Ago(over)) => over,
        _ => Duration::ZERO,
    };
    // So long it lasted.
    let lasted = age.unwrap_or_default().saturating_sub(over);
    evidence::sentence(standing, i32::try_from(lasted.as_secs()).ok())
}

/// Holds a lock until somebody has enough of that.
async fn keep(ui: &Ui, guard: Guard<ThisMachine>, signals: &mut Signals) -> Result<u8, Failure> {
    let mut notices = guard.notices().boxed();
    loop {
        tokio::select! {
            biased;
            loss = guard.lost() => {
                let failure = lost(guard.name(), &loss);
                leave_lost(guard).await;
                return Err(failure);
            }
            () = guard.release_asked() => {
                ui.note("somebody asked for it to be released");
                break;
            }
            _ = signals.next() => break,
            Some(notice) = notices.next() => {
                if let Notice::Told(Event::AtRisk { .. }) = notice {
                    ui.note(&at_risk(guard.remaining()));
                }
            }
        }
    }
    let name = guard.name().to_owned();
    match give_back(ui, guard, signals).await {
        Some(Released::To { identity }) => {
            ui.note(&format!(
                "{} released to {}",
                lock_name::object(&name),
                escape::cut(&identity, 200)
            ));
        }
        Some(Released::Open | Released::NotHeld) => {
            ui.note(&format!("{} released", lock_name::object(&name)));
        }
        None => {}
    }
    Ok(0)
}
