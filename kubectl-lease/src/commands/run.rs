mod child;
mod deadlines;
mod notes;
mod supervision;
mod terminal;

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::time::Duration;

use clap::ValueHint;
use lease_client::{Lock, OuterLock, fresh_identity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use self::child::{Guardian, NotBegun};
use self::deadlines::Deadlines;
use self::notes::Notes;
use self::supervision::{Ended, Supervision};
use self::terminal::Terminal;
use super::contending::{Acquired, ContendArgs, Waited, wait_for};
use super::holding_time::HoldingTimeArgs;
use super::inherited::{LEASE_HELD, inherited};
use super::keeping::{give_back, leave_lost, lost};
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::guardian::Ending;
use crate::human;
use crate::lock_name;
use crate::policy::Verb;
use crate::session::Session;
use crate::signals::{Signals, end_by};
use crate::ui::Ui;

/// Run a command while a lock is held: flock for a cluster
///
/// Waits in line for the lock, runs the command, and gives the lock back when the command has
/// ended. Should the lock be lost meanwhile, the command is ended: by SIGTERM when the renew
/// deadline has passed, by SIGKILL one second before the lease is over and others may begin. It is
/// ended by SIGTERM too when somebody asks for the lock (`release`), which waits for it.
///
/// What the command starts and leaves behind in the background is not waited for. But once a signal
/// has told it to end, be it one of these, ctrl-c or one that is passed on, the lock is held until
/// all of its process group has ended.
///
/// A guardian, a process of its own, ends the command in the same way when this process is killed
/// or stands still. Beyond it are a machine that stands still as a whole, a guardian that is killed
/// in the same moment, what `sudo` runs, and on macOS what leaves the process group: give the token
/// to what the lock protects.
///
/// The command gets `LEASE_NAME`, `LEASE_NAMESPACE`, `LEASE_IDENTITY`, `LEASE_UID` and
/// `LEASE_FENCING_TOKEN`, so that `check` and `renew` work in it without arguments, and `LEASE_HELD`,
/// so that `doctor` can tell where such commands wait for each other.
///
/// stdin, stdout and stderr are the command's own, and so is the terminal. To hold a lock without
/// a command, there is `acquire --hold`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Run a script while nobody else does, and wait for that at most 30 seconds
  kubectl lease run backup --timeout 30s -- sh -c 'echo backing up'

  # Skip it if it runs elsewhere already (exit 124)
  kubectl lease run ledger-writer -n payments --try -- sh -c 'echo writing'

  # Write only if nobody has written under a later hold of the lock
  kubectl lease run report -- sh -c 'echo token: $LEASE_FENCING_TOKEN'

Exit codes:
  that of the command, or 128 and the number of the signal that ended it
  122  the lock was lost while the command ran
  124  not acquired: not in time, or at once with --try
  125  an error of kubectl lease itself, wrong usage included
  126  the command cannot be run
  127  the command was not found")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
    #[command(flatten)]
    contend: ContendArgs,
    // Last, since it has a heading.
    #[command(flatten)]
    time: HoldingTimeArgs,
}

/// How long it may take at the end to say what was to be said.
const PARTING_WORDS: Duration = Duration::from_secs(1);
/// The exit code where the lock was lost while the command ran.
const LOST: u8 = 122;
/// env(1)'s exit code of a command that was found and cannot be run.
const CANNOT_RUN: u8 = 126;
/// env(1)'s exit code of a command that was not found.
const NOT_FOUND: u8 = 127;

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        name,
        command,
        contend,
        time,
    } = args;
    let name = lock_name::parse(&name)?;
    let timing = time.timing()?;
    let identity = contend.identity()?.unwrap_or_else(fresh_identity);
    let mode = contend.mode();
    let mut session = Session::open(global).await?;
    contend.owner.find(&mut session, &name).await?;
    let intent = session.intends(Verb::Run).as_whom(&identity);
    Box::pin(intent.review_unread(ui, &session.locks, &session.namespace, &name)).await?;
    let lock = Lock::new(session.locks.clone(), &session.namespace, &name)
        .timing(timing)
        .under(inherited())
        .record_events(session.recorder.clone())
        .identity(identity);
    let mut signals = Signals::all()?;
    let notes = Notes::to(ui)?;
    let guardian = Guardian::start(&command).map_err(|error| no_guardian(&error))?;
    let guard = match wait_for(ui, &session, &lock, mode, &mut signals).await? {
        Waited::Acquired(Acquired { guard, waited, .. }) => {
            if let Some(waited) = waited {
                notes.note(&format!(
                    "acquired \"{name}\" after {}",
                    human::seconds(waited)
                ));
            }
            guard
        }
        Waited::Interrupted(signal) => return Ok(end_by(signal)),
    };
    // Whether it is held, the clock tells.
    let (Some(token), Some(uid), Some(until), true) =
        (guard.token(), guard.uid(), guard.until(), guard.is_held())
    else {
        let loss = guard.lost().await;
        leave_lost(guard).await;
        session.settle().await;
        return Err(lost(&name, &loss).with_code(LOST));
    };
    let mut held = inherited();
    held.push(OuterLock {
        lock: uid.clone(),
        holder: guard.identity().as_str().to_owned(),
    });
    let environment = [
        ("LEASE_NAME", name.as_str()),
        ("LEASE_NAMESPACE", &session.namespace),
        ("LEASE_IDENTITY", guard.identity().as_str()),
        ("LEASE_UID", uid.as_str()),
        ("LEASE_FENCING_TOKEN", &token.to_string()),
        (LEASE_HELD, &OuterLock::write_all(&held)),
    ];
    let deadlines = Deadlines::of(until, timing);
    let child = match guardian.begin(&environment, deadlines).await {
        Ok(child) => child,
        Err(error) => {
            give_back(ui, guard, &mut signals).await;
            session.settle().await;
            return Err(match error {
                NotBegun::CannotRun(error) => cannot_run(&command[0], &error),
                NotBegun::Guardian(error) => no_guardian(&error),
            });
        }
    };
    let held = guard.held();
    let terminal = Terminal::find();
    let supervision = Supervision::new(&notes, held, timing, deadlines, child, terminal);
    let ended = supervision.run(&mut signals).await?;
    match &ended.loss {
        None => {
            give_back(ui, guard, &mut signals).await;
            session.settle().await;
            notes.settle(PARTING_WORDS);
            if ended.was_unguarded {
                return Err(
                    Failure::error("the guardian of the command was killed").hint(
                        "nothing but the guardian ends a command when this process stands still",
                    ),
                );
            }
            share_key(&ended)?;
            Ok(match ended.ending {
                Ending::Exited(code) => code,
                Ending::Signalled(signal) => end_by(signal),
            })
        }
        Some(loss) => {
            leave_lost(guard).await;
            session.settle().await;
            notes.settle(PARTING_WORDS);
            Err(lost(&name, loss).with_code(LOST))
        }
    }
}

/// The command alone got what a key sent (ctrl-c), since it had the terminal. Whoever would have got
/// that too gets it now: the shell script that runs this, or the rest of a pipeline.
fn share_key(ended: &Ended) -> io::Result<()> {
    match ended.ending {
        Ending::Signalled(key @ (Signal::SIGINT | Signal::SIGQUIT)) if ended.was_alone => {
            Ok(kill(Pid::from_raw(0), key)?)
        }
        _ => Ok(()),
    }
}

fn no_guardian(error: &io::Error) -> Failure {
    Failure::error("the guardian of the command could not start it").cause(error.to_string())
}

fn cannot_run(program: &OsString, error: &io::Error) -> Failure {
    let program = program.to_string_lossy();
    let failure = Failure::error(format!("\"{program}\" cannot be run")).cause(error.to_string());
    if error.kind() == ErrorKind::NotFound {
        failure.with_code(NOT_FOUND)
    } else {
        failure.with_code(CANNOT_RUN)
    }
}
