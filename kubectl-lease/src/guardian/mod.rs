//! The guardian of a command that runs under a lock: a process of its own, between `run` and the
//! command. It starts the command, and ends it when the lock is not renewed in time, or when `run`
//! is gone, however that came: killed, stopped, or stuck.
//!
//! It asks nobody and knows no cluster: it is told at each renewal how long that lasts, and looks at
//! the clock.

mod family;
mod watching;
mod words;

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use futures::FutureExt;
use lease_client::clock;
use lease_core::Instant;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpid};
use tokio::task::yield_now;
use tokio::time::sleep;

pub(crate) use family::{Family, adopt};
pub(crate) use watching::{Change, Changes, Ending};
use words::inherited;
pub(crate) use words::{Ear, Mouth, ORDERS, Order, REPORTS, Report, signal};

use crate::signals::Signals;

/// How often the clock is looked at: timers stand still while a machine is suspended.
const LOOK: Duration = Duration::from_millis(250);
/// How often what is killed is looked for: there may be more of it each time.
const LOOK_FOR_THE_KILLED: Duration = Duration::from_millis(5);
/// How long a command may take to end after `run` is gone, as long as its lease lasts.
const GRACE: Duration = Duration::from_secs(10);

struct Guardian {
    reports: Mouth,
    /// What was started, and its changes.
    started: Option<(Family, Changes)>,
    /// Until when the lock is believed in.
    end_at: Option<Instant>,
    /// When all that was started is to be dead.
    kill_at: Option<Instant>,
    was_told_to_end: bool,
    /// Whether nothing is left of what was killed.
    are_all_dead: bool,
    /// Whether `run` is gone.
    is_alone: bool,
}

/// Guards a command: waits to be told to start it, and comes back when all is over.
///
/// # Errors
/// It was not started by `run`.
pub(crate) async fn guard(command: &[OsString]) -> io::Result<()> {
    let (mut orders, reports) = inherited()?;
    // Whoever wants all of this to end has to end `run`, or the command.
    let mut signals = Signals::all()?;
    adopt();
    let mut guardian = Guardian {
        reports,
        started: None,
        end_at: None,
        kill_at: None,
        was_told_to_end: false,
        are_all_dead: false,
        is_alone: false,
    };
    loop {
        let pause = guardian.pause();
        let order = tokio::select! {
            biased;
            order = orders.next(), if !guardian.is_alone => Some(order?),
            change = changed(&mut guardian.started) => {
                guardian.report(change?);
                None
            }
            _ = signals.next() => None,
            () = sleep(pause.unwrap_or_default()), if pause.is_some() => None,
        };
        if let Some(order) = order
            && guardian.obey(command, order)?.is_break()
        {
            return Ok(());
        }
        // All that was said, before anything is concluded from what was said first: this process may
        // have stood still, and the system is asked for what came meanwhile.
        yield_now().await;
        while !guardian.is_alone
            && let Some(order) = orders.next().now_or_never()
        {
            if guardian.obey(command, order?)?.is_break() {
                return Ok(());
            }
        }
        guardian.look();
        let is_over = |(family, _): &(Family, Changes)| family.is_gone();
        if guardian.is_alone && guardian.started.as_ref().is_none_or(is_over) {
            return Ok(());
        }
    }
}

async fn changed(started: &mut Option<(Family, Changes)>) -> io::Result<Change> {
    match started {
        Some((_, changes)) => changes.next().await,
        None => std::future::pending().await,
    }
}

impl Guardian {
    /// Does what it is told; breaks when all is over.
    fn obey(&mut self, command: &[OsString], order: Option<Order>) -> io::Result<ControlFlow<()>> {
        match order {
            Some(Order::Done) => return Ok(ControlFlow::Break(())),
            Some(Order::Start { environment }) => self.start(command, &environment)?,
            Some(Order::Renewed { end_at, kill_at }) => {
                self.end_at = Some(Instant::from_nanos(end_at));
                self.kill_at = Some(Instant::from_nanos(kill_at));
                self.was_told_to_end = false;
            }
            None => self.is_left_alone(),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn start(&mut self, command: &[OsString], environment: &[(String, String)]) -> io::Result<()> {
        let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        // Before it can change.
        let mut changes = Changes::new()?;
        changes.reap_others();
        let child = Command::new(program)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .process_group(0)
            .spawn();
        let report = match child {
            Ok(child) => {
                let group = i32::try_from(child.id()).map_err(io::Error::other)?;
                changes.of(Pid::from_raw(group));
                let family = Family {
                    root: getpid(),
                    group: Pid::from_raw(group),
                };
                self.started = Some((family, changes));
                Report::Started { group }
            }
            Err(error) => Report::Failed {
                errno: error.raw_os_error().unwrap_or_default(),
            },
        };
        self.say(&report);
        Ok(())
    }

    fn report(&self, change: Change) {
        self.say(&match change {
            Change::Stopped(signal) => Report::Stopped {
                signal: signal as i32,
            },
            Change::Ended(Ending::Exited(code)) => Report::Exited { code },
            Change::Ended(Ending::Signalled(signal)) => Report::Signalled {
                signal: signal as i32,
            },
        });
    }

    fn say(&self, report: &Report) {
        // Whoever cannot hear it is gone, which is told by the end of the orders.
        let _ = self.reports.say(report);
    }

    fn is_left_alone(&mut self) {
        self.is_alone = true;
        let now = clock::local();
        let grace = now.saturating_add(GRACE);
        self.end_at = Some(now);
        self.kill_at = Some(self.kill_at.map_or(grace, |at| at.min(grace)));
    }

    /// How long nothing is to be done; `None` for as long as nothing is said.
    fn pause(&self) -> Option<Duration> {
        self.started.as_ref()?;
        if self.are_all_dead {
            return None;
        }
        let now = clock::local();
        if self.kill_at? <= now || self.is_alone {
            return Some(LOOK_FOR_THE_KILLED);
        }
        let next = if self.was_told_to_end {
            self.kill_at
        } else {
            self.end_at
        };
        Some(next?.since(now).min(LOOK))
    }

    fn look(&mut self) {
        let (Some((family, _)), Some(end_at), Some(kill_at)) =
            (&self.started, self.end_at, self.kill_at)
        else {
            return;
        };
        let now = clock::local();
        // What may not be signalled (sudo) is beyond any guardian.
        if now >= kill_at {
            let _ = family.signal(Signal::SIGKILL);
            // `run` may stand still for long.
            self.are_all_dead = family.is_gone();
        } else if now >= end_at && !self.was_told_to_end {
            self.was_told_to_end = true;
            // Else `run` could take the end of the command for one of its own, and not wait for
            // what the command started.
            self.say(&Report::OutOfTime);
            let _ = family.signal(Signal::SIGTERM);
            // If it is stopped, it would not hear of it.
            let _ = family.signal(Signal::SIGCONT);
        }
    }
}
