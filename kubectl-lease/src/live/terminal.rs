//! The terminal while the table is on it.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::state::State;
use super::view;
use crate::screen::restore_on_panic;

/// The terminal's second screen, with keys and the mouse. What was there comes back when this is
/// dropped, suspended, or when the program panics.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    pub(crate) fn open() -> io::Result<Self> {
        static ONCE: Once = Once::new();
        restore_on_panic(&ONCE, leave);
        enter()?;
        // Made first, so that whatever fails from here on is undone.
        let mut screen = Self {
            terminal: terminal(Rect::ZERO)?,
        };
        screen.begin_anew()?;
        Ok(screen)
    }

    /// How many columns and lines there are, as they were when it was begun anew.
    pub(crate) fn size(&mut self) -> (u16, u16) {
        let area = self.terminal.get_frame().area();
        (area.width, area.height)
    }

    /// Shows the state. Only what is different is written.
    pub(crate) fn draw(&mut self, state: &State) -> io::Result<()> {
        self.terminal.draw(|frame| view::render(frame, state))?;
        Ok(())
    }

    /// Clears the screen, and draws all of it the next time, in the size that it has now.
    ///
    /// ratatui would do so by itself when the size changes, but asks the terminal for its cursor
    /// for that: one that is far away may answer too late.
    pub(crate) fn begin_anew(&mut self) -> io::Result<()> {
        let (columns, lines) = size()?;
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = terminal(Rect::new(0, 0, columns, lines))?;
        Ok(())
    }

    /// Gives the terminal back while something is done that may have to ask the user.
    pub(crate) async fn without<T>(&mut self, work: impl Future<Output = T>) -> io::Result<T> {
        leave();
        let done = work.await;
        enter()?;
        self.begin_anew()?;
        Ok(done)
    }

    /// Gives the terminal back and stops, as a shell's ctrl-z does, until the shell goes on with it.
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        leave();
        #[cfg(unix)]
        {
            use nix::sys::signal::{Signal, kill};
            use nix::unistd::Pid;
            // The whole group, as the terminal itself would.
            kill(Pid::from_raw(0), Signal::SIGTSTP)?;
        }
        enter()?;
        self.begin_anew()
    }
}

fn terminal(area: Rect) -> io::Result<Terminal<CrosstermBackend<BufWriter<Stdout>>>> {
    let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
    let viewport = Viewport::Fixed(area);
    Terminal::with_options(backend, TerminalOptions { viewport })
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    let entered = execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableMouseCapture,
        cursor::Hide
    );
    if entered.is_err() {
        leave();
    }
    entered
}

/// There is nothing to do about a terminal that went away.
fn leave() {
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        cursor::Show,
        LeaveAlternateScreen
    );
    let _ = io::stdout().flush();
    let _ = disable_raw_mode();
}
