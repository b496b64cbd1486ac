//! Data to stdout, chatter to stderr.

use std::io::{self, BufWriter, IsTerminal, Write};

use terminal_size::{Width, terminal_size_of};

use crate::escape;
use crate::failure::Failure;
use crate::screen;

/// How much data is collected before it is written.
const BUFFER: usize = 64 * 1024;

/// Where the program talks to people and to other programs.
#[derive(Clone)]
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

    /// Whether stdout is a terminal that can place its cursor.
    pub(crate) fn can_draw(&self) -> bool {
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// How many columns a terminal has that stdout is; `None` if it is none, or does not say.
    pub(crate) fn columns(&self) -> Option<usize> {
        let (Width(columns), _) = terminal_size_of(io::stdout())?;
        (columns > 0).then_some(columns.into())
    }

    /// Writes data. A reader that went away (`| head`) is no failure of ours.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        self.data_from(|out| out.write_all(text.as_bytes()))
    }

    /// Writes data as it is made.
    pub(crate) fn data_from(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        self.data_if_read(write).map(drop)
    }

    /// Writes data as it is made, and says whether there still is a reader.
    pub(crate) fn data_if_read(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<bool> {
        let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                // What is left in the buffer has no reader either.
                drop(out.into_parts());
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }

    /// Says something to the person at the terminal.
    pub(crate) fn note(&self, text: &str) {
        // If stderr is closed, nobody listens.
        let _ = writeln!(io::stderr(), "{}", escape::shown(text));
    }

    /// Asks the person at the terminal, who answers in the same line.
    pub(crate) fn ask(&self, text: &str) {
        let _ = write!(io::stderr(), "{}", escape::shown(text));
    }

    /// Whether somebody can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.stderr_is_terminal && io::stdin().is_terminal()
    }

    /// Says why something did not work.
    pub(crate) fn failure(&self, failure: &Failure) {
        // A failure escapes what it quotes, and has lines of its own.
        let _ = writeln!(io::stderr(), "{failure}");
    }

    /// Whether progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.stderr_is_terminal
    }

    /// Shows progress that the next call replaces; where there is no terminal, nothing.
    ///
    /// It is one line: what does not fit is cut, since only one is replaced.
    pub(crate) fn progress(&self, text: &str) {
        if self.stderr_is_terminal {
            let shown = escape::shown(text);
            let line = screen::cut(&shown, Self::progress_columns());
            let _ = write!(io::stderr(), "\r{line}\x1b[K");
        }
    }

    /// How many columns progress may have: in the last one, some terminals go on to the next line.
    pub(crate) fn progress_columns() -> usize {
        let columns = terminal_size_of(io::stderr()).map_or(80, |(Width(columns), _)| columns);
        usize::from(columns).saturating_sub(1)
    }

    /// Removes the progress line.
    pub(crate) fn end_progress(&self) {
        if self.stderr_is_terminal {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
