//! The command that runs while the lock is held, as `run` sees it through the command's guardian.

use std::env;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::process::Command;

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgrp, getpid};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::deadlines::Deadlines;
use crate::guardian::{
    Change, Changes, Ear, Ending, Family, Mouth, ORDERS, Order, REPORTS, Report, adopt, signal,
};

/// A guardian that is ready to start a command: whoever waits for a lock need not wait for that.
pub(super) struct Guardian {
    process: std::process::Child,
    orders: Mouth,
    reports: Ear,
}

/// A command that was started.
pub(super) struct Child {
    family: Family,
    orders: Mouth,
    told_by: ToldBy,
    /// What the guardian was told last.
    told: Deadlines,
    /// Its number stays its own until this is asked how it ended.
    guardian: std::process::Child,
}

/// By whom is told what becomes of a command.
enum ToldBy {
    Guardian(Ear),
    /// Its guardian is gone, and it is a child of ours.
    System(Changes),
}

/// Why there is no command that runs.
pub(super) enum NotBegun {
    /// It cannot be run.
    CannotRun(io::Error),
    /// Its guardian has failed.
    Guardian(io::Error),
}

impl From<io::Error> for NotBegun {
    fn from(error: io::Error) -> Self {
        Self::Guardian(error)
    }
}

/// What is told of a command.
pub(super) enum Told {
    Change(Change),
    /// Its guardian has heard of no renewal in time, and sends SIGTERM to all that was started.
    OutOfTime,
    /// Its guardian is gone, and nobody ends it should this process stand still.
    Unguarded,
}

impl Guardian {
    /// Starts one, in a process group of its own: no key of a terminal reaches it.
    pub(super) fn start(command: &[OsString]) -> io::Result<Self> {
        // Should it be killed, what it guards becomes ours.
        adopt();
        let (orders_in, orders) = io::pipe()?;
        let (reports, reports_out) = io::pipe()?;
        let mut guardian = Command::new(env::current_exe()?);
        guardian
            .args(["guardian", "--"])
            .args(command)
            .process_group(0)
            .fd_mappings(vec![
                FdMapping {
                    parent_fd: orders_in.into(),
                    child_fd: ORDERS,
                },
                FdMapping {
                    parent_fd: reports_out.into(),
                    child_fd: REPORTS,
                },
            ])
            .map_err(io::Error::other)?;
        Ok(Self {
            process: guardian.spawn()?,
            orders: Mouth::of(Sender::from_owned_fd(orders.into())?),
            reports: Ear::of(Receiver::from_owned_fd(reports.into())?),
        })
    }

    /// Has the command started, with more in its environment. From its first moment on it is ended
    /// in time.
    pub(super) async fn begin(
        mut self,
        environment: &[(&str, &str)],
        deadlines: Deadlines,
    ) -> Result<Child, NotBegun> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.orders.say(&renewed(deadlines))?;
        self.orders.say(&Order::Start {
            environment: environment.iter().map(owned).collect(),
        })?;
        match self.reports.next().await? {
            Some(Report::Started { group }) => Ok(Child {
                family: Family {
                    root: pid(&self.process)?,
                    group: Pid::from_raw(group),
                },
                orders: self.orders,
                told_by: ToldBy::Guardian(self.reports),
                told: deadlines,
                guardian: self.process,
            }),
            Some(Report::Failed { errno }) => {
                Err(NotBegun::CannotRun(io::Error::from_raw_os_error(errno)))
            }
            _ => {
                // It may have started the command, which is ours then; in a group of its own.
                self.process.wait()?;
                let family = Family {
                    root: getpid(),
                    group: getpgrp(),
                };
                family.kill_strays();
                Err(io::Error::other("it was killed").into())
            }
        }
    }
}

fn pid(process: &std::process::Child) -> io::Result<Pid> {
    let id = i32::try_from(process.id()).map_err(io::Error::other)?;
    Ok(Pid::from_raw(id))
}

fn renewed(Deadlines { end_at, kill_at }: Deadlines) -> Order {
    Order::Renewed {
        end_at: end_at.as_nanos(),
        kill_at: kill_at.as_nanos(),
    }
}

impl Child {
    /// Its process group.
    pub(super) fn group(&self) -> Pid {
        self.family.group
    }

    /// Waits until something becomes of it. It may be dropped and asked again.
    pub(super) async fn changed(&mut self) -> io::Result<Told> {
        let report = match &mut self.told_by {
            ToldBy::System(changes) => return changes.next().await.map(Told::Change),
            ToldBy::Guardian(reports) => reports.next().await?,
        };
        let change = match report {
            Some(Report::Exited { code }) => Change::Ended(Ending::Exited(code)),
            Some(Report::Signalled { signal: number }) => {
                Change::Ended(Ending::Signalled(signal(number)?))
            }
            Some(Report::Stopped { signal: number }) => Change::Stopped(signal(number)?),
            Some(Report::OutOfTime) => return Ok(Told::OutOfTime),
            Some(Report::Started { .. } | Report::Failed { .. }) => {
                return Err(ErrorKind::InvalidData.into());
            }
            None => {
                // Only then what it guarded is ours.
                self.guardian.wait()?;
                self.family.root = getpid();
                let mut changes = Changes::new()?;
                changes.of(self.family.group);
                self.told_by = ToldBy::System(changes);
                return Ok(Told::Unguarded);
            }
        };
        Ok(Told::Change(change))
    }

    /// Tells its guardian that the lock was renewed.
    pub(super) fn renewed(&mut self, deadlines: Deadlines) {
        // What cannot be said now is said the next time. A guardian that is gone has told so by that.
        if self.told != deadlines && self.orders.say(&renewed(deadlines)).is_ok() {
            self.told = deadlines;
        }
    }

    /// Lets the guardian end.
    pub(super) fn done(&self) {
        // It may be gone.
        let _ = self.orders.say(&Order::Done);
    }

    /// Sends a signal to its process group, as the terminal does.
    pub(super) fn signal(&self, signal: Signal) -> nix::Result<()> {
        self.family.signal_group(signal)
    }

    /// Sends a signal to it and to all that it started.
    pub(super) fn signal_all(&self, signal: Signal) -> nix::Result<()> {
        self.family.signal(signal)
    }

    /// Whether nothing that runs is left of it and of all of its group.
    pub(super) fn is_group_gone(&self) -> bool {
        self.family.is_group_gone()
    }

    /// Whether nothing that runs is left of it and of all that it started.
    pub(super) fn is_gone(&self) -> bool {
        self.family.is_gone()
    }
}
