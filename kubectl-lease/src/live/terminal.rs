//! The terminal while the table is on it.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::state::State;
use super::view;

/// The terminal's second screen, with keys and the mouse. What was there comes back when this is
/// dropped, suspended, or when the program panics.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    pub(crate) fn open() -> io::Result<Self> {
        restore_on_panic();
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        let terminal = Terminal::new(backend)?;
        enter()?;
        Ok(Self { terminal })
    }

    /// How many columns and lines there are.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Shows the state. Only what is different is written.
    pub(crate) fn draw(&mut self, state: &State) -> io::Result<()> {
        self.terminal.draw(|frame| view::render(frame, state))?;
        Ok(())
    }

    /// Gives the terminal back while something is done that may have to ask the user.
    pub(crate) async fn without<T>(&mut self, work: impl Future<Output = T>) -> io::Result<T> {
        leave();
        let done = work.await;
        enter()?;
        self.terminal.clear()?;
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
        self.terminal.clear()
    }
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

/// So that what a panic says can be read.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            leave();
            before(info);
        }));
    });
}
