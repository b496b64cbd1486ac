//! What `run` says while a command runs, from a thread of its own: a reader that stands still
//! (`2>&1 | less`) must keep neither the lock from being renewed nor the command from being ended.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

use crate::ui::Ui;

/// So many wait to be written; what is said after them is not.
const MOST: usize = 32;

/// Notes that are written when there is somebody to read them.
pub(super) struct Notes {
    to_write: SyncSender<ToWrite>,
}

enum ToWrite {
    Note(String),
    /// Dropped when all before it is written.
    Mark(Sender<()>),
}

impl Notes {
    /// Begins to write.
    pub(super) fn to(ui: &Ui) -> io::Result<Self> {
        let (to_write, notes) = sync_channel(MOST);
        let ui = ui.clone();
        thread::Builder::new()
            .name("notes".to_owned())
            .spawn(move || write(&ui, &notes))?;
        Ok(Self { to_write })
    }

    /// Says something, soon.
    pub(super) fn note(&self, text: &str) {
        // Nobody reads it.
        let _ = self.to_write.try_send(ToWrite::Note(text.to_owned()));
    }

    /// Waits until all is written, but no longer than that.
    pub(super) fn settle(&self, at_most: Duration) {
        let (mark, written) = channel();
        if self.to_write.try_send(ToWrite::Mark(mark)).is_ok() {
            // It comes to nothing either way.
            let _ = written.recv_timeout(at_most);
        }
    }
}

fn write(ui: &Ui, notes: &Receiver<ToWrite>) {
    // After `stty tostop`, whoever writes while the command has the terminal is stopped for it,
    // unless that is blocked. If it cannot be, that is how it is.
    let _ = SigSet::from(Signal::SIGTTOU).thread_block();
    for next in notes {
        match next {
            ToWrite::Note(text) => ui.note(&text),
            ToWrite::Mark(mark) => drop(mark),
        }
    }
}
