//! The command that runs while the lock is held: a process with a group of its own.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

/// A command that was started and is not reaped yet.
pub(super) struct Child {
    /// Its process, and the group of all that it starts and does not put into others.
    pub(super) group: Pid,
    /// Tells that some child of ours has changed.
    changes: tokio::signal::unix::Signal,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// It ended.
    Ended(Ending),
    /// It was stopped, and may go on.
    Stopped(Signal),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// With an exit code.
    Exited(u8),
    /// By a signal.
    Signalled(Signal),
}

impl Child {
    /// Starts a command, with more in its environment.
    pub(super) fn start(
        program: &OsString,
        arguments: &[OsString],
        environment: &[(&str, &str)],
    ) -> io::Result<Self> {
        // Before it can change.
        let changes = signal(SignalKind::child())?;
        let child = Command::new(program)
            .args(arguments)
            .envs(environment.iter().copied())
            .process_group(0)
            .spawn()?;
        let id = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self {
            group: Pid::from_raw(id),
            changes,
        })
    }

    /// Waits until it ends or stops. Once it has ended, it is reaped, and its group must not be
    /// signalled once that [is gone](Self::is_gone) too.
    pub(super) async fn changed(&mut self) -> io::Result<Change> {
        loop {
            let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED;
            match waitpid(self.group, Some(flags))? {
                WaitStatus::Exited(_, code) => {
                    let code = u8::try_from(code).unwrap_or(u8::MAX);
                    return Ok(Change::Ended(Ending::Exited(code)));
                }
                WaitStatus::Signaled(_, signal, _) => {
                    return Ok(Change::Ended(Ending::Signalled(signal)));
                }
                WaitStatus::Stopped(_, signal) => return Ok(Change::Stopped(signal)),
                _ => {}
            }
            if self.changes.recv().await.is_none() {
                return Err(io::Error::other("the end of a process cannot be heard of"));
            }
        }
    }

    /// Sends a signal to it and to all of its group.
    pub(super) fn signal(&self, signal: Signal) -> nix::Result<()> {
        match killpg(self.group, signal) {
            // It has ended, which is told in time.
            Err(Errno::ESRCH) => Ok(()),
            // On macOS, that of a group of which only an ended process is left.
            Err(Errno::EPERM) if cfg!(target_os = "macos") => Ok(()),
            result => result,
        }
    }

    /// Whether nothing that runs is left of it and of all of its group.
    pub(super) fn is_gone(&self) -> bool {
        match killpg(self.group, None) {
            Err(Errno::ESRCH) => true,
            // See `signal`.
            Err(Errno::EPERM) => cfg!(target_os = "macos"),
            _ => has_ended(self.group),
        }
    }
}

/// Whether all of a group has ended and nobody asks how, as the first process of many a container
/// does not. Only Linux tells.
fn has_ended(group: Pid) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else {
        return false;
    };
    let mut members = processes
        .flatten()
        .filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            // Before that comes a name, which may hold anything.
            let (_, stat) = stat.rsplit_once(')')?;
            let fields: Vec<_> = stat.split_whitespace().collect();
            let (state, group_of_it, threads) = (fields.first()?, fields.get(2)?, fields.get(17)?);
            // Its first thread may have ended before others.
            let has_ended = matches!(*state, "Z" | "X") && matches!(*threads, "0" | "1");
            (group_of_it.parse() == Ok(group.as_raw())).then_some(has_ended)
        })
        .peekable();
    members.peek().is_some() && members.all(|has_ended| has_ended)
}
