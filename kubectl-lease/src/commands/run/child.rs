//! The command that runs while the lock is held: a process with a group of its own.

use std::ffi::OsString;
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

    /// Waits until it ends or stops. Once it has ended, it is reaped and must not be signalled.
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
    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        match killpg(self.group, signal) {
            // It has ended, which is told in time.
            Err(Errno::ESRCH) => Ok(()),
            // On macOS, that of a group of which only an ended process is left.
            Err(Errno::EPERM) if cfg!(target_os = "macos") => Ok(()),
            result => Ok(result?),
        }
    }
}
