//! What becomes of a command, told to its parent.

use std::io;

use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    /// It ended.
    Ended(Ending),
    /// It was stopped, and may go on.
    Stopped(Signal),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// With an exit code.
    Exited(u8),
    /// By a signal.
    Signalled(Signal),
}

/// The changes of a child of this process.
pub(crate) struct Changes {
    command: Option<Pid>,
    has_ended: bool,
    /// Whether all other children are to be asked how they ended, so that they do not stay.
    reaps_others: bool,
    /// Tells that some child of ours has changed.
    told: tokio::signal::unix::Signal,
}

impl Changes {
    /// From now on; of which child is [said](Self::of) when it is there.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            command: None,
            has_ended: false,
            reaps_others: false,
            told: signal(SignalKind::child())?,
        })
    }

    /// Says whose changes these are.
    pub(crate) fn of(&mut self, command: Pid) {
        self.command = Some(command);
    }

    /// Asks how other children ended, too: those that were adopted would stay.
    pub(super) fn reap_others(&mut self) {
        self.reaps_others = true;
    }

    /// The next one. It may be dropped and asked again.
    ///
    /// Where that can be had, one that ended is not reaped: its number stays that of its process
    /// group for as long as this process lives, and can be signalled.
    pub(crate) async fn next(&mut self) -> io::Result<Change> {
        loop {
            if let (Some(command), false) = (self.command, self.has_ended) {
                let change = change(command)?;
                self.has_ended = matches!(change, Some(Change::Ended(_)));
                if let Some(change) = change {
                    return Ok(change);
                }
                if self.reaps_others {
                    reap_others(command);
                }
            }
            if self.told.recv().await.is_none() {
                return Err(io::Error::other("the end of a process cannot be heard of"));
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn change(command: Pid) -> io::Result<Option<Change>> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};

    let pid =
        rustix::process::Pid::from_raw(command.as_raw()).ok_or(io::ErrorKind::InvalidInput)?;
    let ask = |options| match waitid(WaitId::Pid(pid), options | WaitIdOptions::NOHANG) {
        Err(rustix::io::Errno::INTR) => Ok(None),
        result => result,
    };
    let ended = match ask(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
        // Whoever reaped it did not tell.
        Err(rustix::io::Errno::CHILD) => {
            return Ok(Some(Change::Ended(Ending::Signalled(Signal::SIGKILL))));
        }
        result => result?,
    };
    if let Some(status) = ended {
        let ending = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ending::Exited(u8::try_from(code).unwrap_or(u8::MAX)),
            (None, number) => ended_by(number.unwrap_or_default()),
        };
        return Ok(Some(Change::Ended(ending)));
    }
    let stopped = match ask(WaitIdOptions::STOPPED) {
        // It has ended just now, which is told again.
        Err(rustix::io::Errno::CHILD) => None,
        result => result?.and_then(|status| status.stopping_signal()),
    };
    let signal = stopped.and_then(|number| Signal::try_from(number).ok());
    Ok(signal.map(Change::Stopped))
}

/// The end by a signal; by one that has no name (those for real time), as a shell tells it.
#[cfg(target_os = "linux")]
fn ended_by(number: i32) -> Ending {
    Signal::try_from(number).map_or_else(
        |_| Ending::Exited(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        Ending::Signalled,
    )
}

#[cfg(not(target_os = "linux"))]
fn change(command: Pid) -> io::Result<Option<Change>> {
    use nix::errno::Errno;
    use nix::sys::wait::WaitStatus;

    let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED;
    let change = match waitpid(command, Some(flags)) {
        Ok(WaitStatus::Exited(_, code)) => {
            let code = u8::try_from(code).unwrap_or(u8::MAX);
            Change::Ended(Ending::Exited(code))
        }
        Ok(WaitStatus::Signaled(_, signal, _)) => Change::Ended(Ending::Signalled(signal)),
        Ok(WaitStatus::Stopped(_, signal)) => Change::Stopped(signal),
        Ok(_) | Err(Errno::EINTR) => return Ok(None),
        // Whoever reaped it did not tell.
        Err(Errno::ECHILD) => Change::Ended(Ending::Signalled(Signal::SIGKILL)),
        Err(error) => return Err(error.into()),
    };
    Ok(Some(change))
}

#[cfg(target_os = "linux")]
fn reap_others(command: Pid) {
    use nix::sys::wait::{Id, waitid};

    let ended = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while let Ok(status) = waitid(Id::All, ended) {
        match status.pid() {
            Some(pid) if pid != command => {
                let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
            }
            _ => break,
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn reap_others(_: Pid) {}
