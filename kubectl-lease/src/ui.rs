//! Data to stdout, chatter to stderr.

use std::io::{self, IsTerminal, Write};

use crate::escape;
use crate::failure::Failure;

/// Where the program talks to people and to other programs.
pub(crate) struct Ui {
    colour: bool,
    stderr_is_terminal: bool,
}

impl Ui {
    /// Colour only for a terminal that wants it (<https://no-color.org>).
    pub(crate) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            colour: wanted && io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
        }
    }

    /// Whether stdout takes colours.
    pub(crate) fn colour(&self) -> bool {
        self.colour
    }

    /// Writes data. A reader that went away (`| head`) is no failure of ours.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Says something to the person at the terminal.
    pub(crate) fn note(&self, text: &str) {
        // If stderr is closed, nobody listens.
        let _ = writeln!(io::stderr(), "{}", escape::shown(text));
    }

    /// Says why something did not work.
    pub(crate) fn failure(&self, failure: &Failure) {
        // A failure escapes what it quotes, and has lines of its own.
        let _ = writeln!(io::stderr(), "{failure}");
    }

    /// Shows progress that the next call replaces; where there is no terminal, nothing.
    pub(crate) fn progress(&self, text: &str) {
        if self.stderr_is_terminal {
            let _ = write!(io::stderr(), "\r{}\x1b[K", escape::shown(text));
        }
    }

    /// Removes the progress line.
    pub(crate) fn end_progress(&self) {
        if self.stderr_is_terminal {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
