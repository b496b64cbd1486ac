//! A terminal that a program runs on in tests, and what a person sees there.
//!
//! The program has a real pseudo-terminal, as its controlling one, so that keys, resizes and a
//! window that is closed reach it as they do at a desk. What it writes is read by a terminal's
//! parser. It answers no questions, such as where the cursor is: a program that asks waits as it
//! would on a slow line.
//!
//! This is a harness: what goes wrong in it panics, and so fails the test that used it.

#![allow(clippy::missing_panics_doc)]

mod modes;
mod pty;
mod reader;
mod usage;

use std::fs::File;
use std::io::Write;
use std::num::NonZero;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process};
use rustix::termios::Termios;

pub use rustix::process::Signal;
pub use vt100::{Cell, Color, Screen};

use self::reader::Reader;
pub use self::usage::Usage;

/// How long a program may take for anything that a test waits for.
const LIMIT: Duration = Duration::from_secs(30);
/// How often a condition without an event of its own is looked at.
const POLL: Duration = Duration::from_millis(5);

/// A program on a terminal of its own. Dropping it kills the program.
pub struct Terminal {
    child: Child,
    /// The side of the terminal on which a person sits; none once the window was closed.
    keyboard: Option<File>,
    /// The terminal as it was before the program.
    before: Termios,
    reader: Reader,
    parser: vt100::Parser,
    written: Vec<u8>,
    /// When the newest of it came.
    newest: Instant,
}

impl Terminal {
    /// Starts a program on a terminal with so many columns and lines.
    ///
    /// The program sees the variables that were set on the command, whatever this process has in
    /// its own environment; `TERM` is xterm-256color unless it is set.
    pub fn start(command: &Command, columns: u16, lines: u16) -> Self {
        let (keyboard, other) = pty::open(columns, lines);
        let before = pty::attributes(&keyboard);
        let mut session = pty::session(command);
        let copy = || other.try_clone().expect("a file can be opened twice");
        let child = session
            .stdin(copy())
            .stdout(copy())
            .stderr(copy())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run setsid (of util-linux): {e}"));
        Self {
            child,
            reader: Reader::start(&keyboard),
            keyboard: Some(keyboard),
            before,
            parser: vt100::Parser::new(count(lines), count(columns), 0),
            written: Vec::new(),
            newest: Instant::now(),
        }
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What is to be seen now, without trailing blanks.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// The cells of what is to be seen now.
    pub fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    /// All that the program has written so far, as it wrote it.
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// Waits until what is to be seen is as it should be, and gives it.
    #[track_caller]
    pub fn wait_for(&mut self, condition: impl Fn(&str) -> bool) -> String {
        self.wait_until(|screen| condition(&screen.contents()));
        self.text()
    }

    /// Waits until what is to be seen is as it should be, and tells when the bytes came that made
    /// it so.
    #[track_caller]
    pub fn wait_until(&mut self, condition: impl Fn(&Screen) -> bool) -> Instant {
        let deadline = Instant::now() + LIMIT;
        loop {
            if condition(self.screen()) {
                return self.newest;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "this is to be seen:\n{}", self.text());
            let is_open = self.take_in(left);
            assert!(
                is_open || condition(self.screen()),
                "it has ended; this is to be seen:\n{}",
                self.text()
            );
        }
    }

    /// Takes in what comes next, and within that time; false if nothing can come any more.
    pub fn take_in(&mut self, time: Duration) -> bool {
        match self.reader.next(time) {
            Ok((at, bytes)) => {
                self.newest = at;
                self.parser.process(&bytes);
                self.written.extend(bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Takes in all that comes during that time.
    pub fn watch(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if !self.take_in(left) {
                thread::sleep(left);
            }
        }
    }

    /// Types these keys: as a terminal sends them, so `\u{1b}` is esc, and `\u{1b}[A` is up.
    pub fn press(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("the window is open");
        keyboard
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
    }

    /// Clicks a cell with the first button, as a terminal with SGR coordinates tells it; the first
    /// column and line are 0.
    pub fn click(&mut self, column: u16, line: u16) {
        let (column, line) = (column + 1, line + 1);
        self.press(&format!(
            "\u{1b}[<0;{column};{line}M\u{1b}[<0;{column};{line}m"
        ));
    }

    /// Turns the wheel by one notch over a cell: downwards, or upwards.
    pub fn turn_wheel(&mut self, column: u16, line: u16, is_down: bool) {
        let button = if is_down { 65 } else { 64 };
        let (column, line) = (column + 1, line + 1);
        self.press(&format!("\u{1b}[<{button};{column};{line}M"));
    }

    /// Gives the terminal another size, of which the system tells the program.
    pub fn resize(&mut self, columns: u16, lines: u16) {
        self.parser
            .screen_mut()
            .set_size(count(lines), count(columns));
        pty::resize(
            self.keyboard.as_ref().expect("the window is open"),
            columns,
            lines,
        );
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal)
            .unwrap_or_else(|e| panic!("cannot send {signal:?}: {e}"));
    }

    /// Closes the window: the system hangs the program up, and whatever it writes fails.
    pub fn close(&mut self) {
        self.reader.stop();
        self.keyboard = None;
    }

    /// Waits for its end, and gives the exit code; none if a signal ended it.
    #[track_caller]
    pub fn end(&mut self) -> Option<i32> {
        self.ended().code()
    }

    /// Waits for its end, and tells how it ended.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LIMIT;
        loop {
            if !self.take_in(POLL) {
                if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                    return status;
                }
                thread::sleep(POLL);
            }
            assert!(Instant::now() < deadline, "still running:\n{}", self.text());
        }
    }

    /// What the program has spent so far. Only while it runs.
    pub fn usage(&self) -> Usage {
        Usage::of(self.id())
    }

    /// Whether the first screen is shown, with its cursor.
    pub fn is_restored(&self) -> bool {
        !self.screen().alternate_screen() && !self.screen().hide_cursor()
    }

    /// What the program has changed about the terminal and not changed back, in words: the second
    /// screen, the hidden cursor, reports of the mouse, keys that are not shown.
    pub fn left_behind(&self) -> Vec<String> {
        let mut left = modes::left_behind(&self.written);
        if let Some(keyboard) = &self.keyboard {
            left.extend(pty::changes(&self.before, &pty::attributes(keyboard)));
        }
        left
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already; a panic here would hide the test's own.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has columns and lines")
}
