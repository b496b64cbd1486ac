//! The terminal, lent to the command: only its foreground group can read from it, and gets what
//! ctrl-c and ctrl-z send.

use std::fs::{File, OpenOptions};

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, getpgrp, tcgetpgrp, tcsetpgrp};

/// The terminal that this process was started on.
pub(super) struct Terminal {
    tty: File,
}

impl Terminal {
    /// `None` where there is none.
    pub(super) fn find() -> Option<Self> {
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .ok()?;
        Some(Self { tty })
    }

    /// Whether it is with our own group. If not, a shell has us in the background, or the command
    /// has it.
    pub(super) fn is_ours(&self) -> bool {
        self.is_with(getpgrp())
    }

    /// Whether a group has it.
    pub(super) fn is_with(&self, group: Pid) -> bool {
        tcgetpgrp(&self.tty) == Ok(group)
    }

    /// Gives it to a group, if it is with us.
    pub(super) fn lend(&self, group: Pid) {
        if self.is_ours() {
            self.give(group);
        }
    }

    /// Takes it back from a group, and tells whether that had it still.
    pub(super) fn take_back(&self, group: Pid) -> bool {
        let had_it = self.is_with(group);
        if had_it {
            self.give(getpgrp());
        }
        had_it
    }

    /// Whoever is not in the foreground is stopped for this (SIGTTOU), unless it is blocked.
    fn give(&self, group: Pid) {
        let stopped_for_that = SigSet::from(Signal::SIGTTOU);
        let is_blocked = stopped_for_that.thread_block().is_ok();
        // A terminal that went away needs nothing any more.
        let _ = tcsetpgrp(&self.tty, group);
        if is_blocked {
            let _ = stopped_for_that.thread_unblock();
        }
    }
}
