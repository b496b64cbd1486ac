//! All that a command has started: its process group, and on Linux whatever left that (setsid) too.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A command and what it started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    /// Whose descendants they are, wherever they went: it [adopts](adopt) those whose parents end.
    pub(crate) root: Pid,
    /// The process group of the command.
    pub(crate) group: Pid,
}

/// A process, as the system tells of it.
#[derive(Clone, Copy, Debug)]
struct Process {
    pid: Pid,
    parent: Pid,
    group: Pid,
    has_ended: bool,
}

/// Makes this process the parent of its descendants that lose theirs. Only Linux can.
pub(crate) fn adopt() {
    #[cfg(target_os = "linux")]
    {
        // Without it, what leaves the group is not found. That is how it is elsewhere.
        let _ = nix::sys::prctl::set_child_subreaper(true);
    }
}

impl Family {
    /// Sends a signal to the process group.
    pub(crate) fn signal_group(self, signal: Signal) -> nix::Result<()> {
        match killpg(self.group, signal) {
            // It has ended, which is told in time.
            Err(Errno::ESRCH) => Ok(()),
            // On macOS, that of a group of which only an ended process is left.
            Err(Errno::EPERM) if cfg!(target_os = "macos") => Ok(()),
            result => result,
        }
    }

    /// Sends a signal to the process group, and to all that left it.
    pub(crate) fn signal(self, signal: Signal) -> nix::Result<()> {
        let result = self.signal_group(signal);
        for process in self.strays() {
            process.signal(self, signal);
        }
        result
    }

    /// Kills what is not in the process group, until nothing of that is left.
    pub(crate) fn kill_strays(self) {
        loop {
            let strays = self.strays();
            if strays.is_empty() {
                return;
            }
            for process in strays {
                process.signal(self, Signal::SIGKILL);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether nothing that runs is left of the process group.
    pub(crate) fn is_group_gone(self) -> bool {
        match killpg(self.group, None) {
            Err(Errno::ESRCH) => true,
            // See `signal_group`.
            Err(Errno::EPERM) => cfg!(target_os = "macos"),
            // Those that have ended and nobody asks how are left in it, as those whose parent is
            // the first process of many a container. Only Linux tells.
            _ => {
                let mut members = processes();
                members.retain(|process| process.group == self.group);
                !members.is_empty() && members.iter().all(|process| process.has_ended)
            }
        }
    }

    /// Whether nothing that runs is left, be it in the group or not.
    pub(crate) fn is_gone(self) -> bool {
        self.is_group_gone() && self.strays().is_empty()
    }

    /// What left the group, and runs.
    fn strays(self) -> Vec<Process> {
        let processes = processes();
        let parents: HashMap<Pid, Pid> = processes
            .iter()
            .map(|process| (process.pid, process.parent))
            .collect();
        let is_ours = |process: &&Process| {
            let mut ancestor = process.parent;
            // No line of ancestors is longer, though what is read one after the other may show a
            // circle.
            for _ in 0..processes.len() {
                if ancestor == self.root {
                    return true;
                }
                match parents.get(&ancestor) {
                    Some(parent) => ancestor = *parent,
                    None => return false,
                }
            }
            false
        };
        processes
            .iter()
            .filter(|process| process.group != self.group && !process.has_ended)
            .filter(is_ours)
            .copied()
            .collect()
    }
}

impl Process {
    /// Reads what `/proc` tells of a process.
    fn read(pid: Pid) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Before that comes a name, which may hold anything.
        let (_, stat) = stat.rsplit_once(')')?;
        let fields: Vec<_> = stat.split_whitespace().collect();
        let number = |index: usize| Some(Pid::from_raw(fields.get(index)?.parse().ok()?));
        let (state, threads) = (fields.first()?, fields.get(17)?);
        Some(Self {
            pid,
            parent: number(1)?,
            group: number(2)?,
            // Its first thread may have ended before others.
            has_ended: matches!(*state, "Z" | "X") && matches!(*threads, "0" | "1"),
        })
    }

    /// Sends a signal, unless its number is another one's by now.
    #[cfg(target_os = "linux")]
    fn signal(self, family: Family, signal: Signal) {
        use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};

        let pid = rustix::process::Pid::from_raw(self.pid.as_raw());
        let signal = rustix::process::Signal::from_named_raw(signal as i32);
        let (Some(pid), Some(signal)) = (pid, signal) else {
            return;
        };
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
            return;
        };
        let is_same = |now: Self| now.parent == self.parent || now.parent == family.root;
        if Self::read(self.pid).is_some_and(is_same) {
            // It may be somebody else's (sudo), who was to be asked by the command.
            let _ = pidfd_send_signal(&process, signal);
        }
    }

    /// Nothing that left the group is found there.
    #[cfg(not(target_os = "linux"))]
    fn signal(self, _: Family, _: Signal) {}
}

/// All processes; none where there is no `/proc`.
fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            Process::read(Pid::from_raw(pid))
        })
        .collect()
}
