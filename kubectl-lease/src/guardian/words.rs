//! What `run` and its guardian tell each other: one JSON object per line, through two pipes.

use std::io;

use nix::sys::signal::Signal;
use nix::unistd::close;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe::{OpenOptions, Receiver, Sender};

/// The descriptor at which a guardian finds what it is told.
pub(crate) const ORDERS: i32 = 3;
/// The descriptor at which a guardian tells.
pub(crate) const REPORTS: i32 = 4;

/// What `run` tells its guardian.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Order {
    /// Start the command, with this in its environment.
    Start {
        /// Names and values.
        environment: Vec<(String, String)>,
    },
    /// The lock was renewed: until when it is believed in, and when the command is to be dead; in
    /// nanoseconds of the local clock, which is one for all processes of a machine.
    Renewed { end_at: u64, kill_at: u64 },
    /// All is over. Without this, the end of the pipe is that of `run`.
    Done,
}

/// What a guardian tells `run`.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Report {
    /// The command was started, in a process group of this number.
    Started { group: i32 },
    /// The command cannot be started, by errno.
    Failed { errno: i32 },
    /// The command was stopped by this signal, and may go on.
    Stopped { signal: i32 },
    /// The command has ended with this code.
    Exited { code: u8 },
    /// The command was ended by this signal.
    Signalled { signal: i32 },
    /// No renewal was heard of in time: all that was started is sent SIGTERM. Said before that is
    /// done, and so before anything that comes of it.
    OutOfTime,
}

/// A signal by its number.
pub(crate) fn signal(number: i32) -> io::Result<Signal> {
    Signal::try_from(number).map_err(io::Error::from)
}

/// Where words are heard.
pub(crate) struct Ear {
    lines: Lines<BufReader<Receiver>>,
}

impl Ear {
    pub(crate) fn of(pipe: Receiver) -> Self {
        Self {
            lines: BufReader::new(pipe).lines(),
        }
    }

    /// The next word; `None` once nobody is there to say one. It may be dropped and asked again.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        match self.lines.next_line().await? {
            Some(line) => Ok(Some(serde_json::from_str(&line)?)),
            None => Ok(None),
        }
    }
}

/// Where words are said.
pub(crate) struct Mouth {
    pipe: Sender,
}

impl Mouth {
    pub(crate) fn of(pipe: Sender) -> Self {
        Self { pipe }
    }

    /// Says a word at once: a pipe takes one of less than a page as a whole or not at all.
    ///
    /// # Errors
    /// Nobody is there to hear it, or has heard none for long.
    pub(crate) fn say<T: Serialize>(&self, word: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        let said = self.pipe.try_write(&line)?;
        if said < line.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(())
    }
}

/// The two pipes that a guardian was started with.
///
/// They are opened anew, so that the command does not inherit them too.
pub(super) fn inherited() -> io::Result<(Ear, Mouth)> {
    let orders = OpenOptions::new().open_receiver(format!("/dev/fd/{ORDERS}"))?;
    let reports = OpenOptions::new().open_sender(format!("/dev/fd/{REPORTS}"))?;
    close(ORDERS)?;
    close(REPORTS)?;
    Ok((Ear::of(orders), Mouth::of(reports)))
}
