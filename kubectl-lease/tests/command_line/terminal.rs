//! A terminal that the program runs on, and what a person sees there.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::watched::LIMIT;

/// A program on a terminal of its own. Dropping it kills it.
pub(crate) struct Terminal {
    child: Child,
    /// The side of the terminal on which a person sits.
    keyboard: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// How many bytes came so far.
    pub(crate) received: usize,
}

impl Terminal {
    /// Starts a program on a terminal with so many columns and lines.
    pub(crate) fn start(command: &mut Command, columns: u16, lines: u16) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let keyboard = File::from(keyboard);
        resize(&keyboard, columns, lines);
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let path = OsStr::from_bytes(name.as_bytes());
        let other = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .unwrap();
        let child = command
            .env("TERM", "xterm-256color")
            .stdin(other.try_clone().unwrap())
            .stdout(other.try_clone().unwrap())
            .stderr(other)
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let mut source = keyboard.try_clone().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // At its end, a terminal is an error.
            while let Ok(read @ 1..) = source.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            keyboard,
            output,
            screen: vt100::Parser::new(count(lines), count(columns), 0),
            received: 0,
        }
    }

    /// What is to be seen now.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until what is to be seen is as it should be.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, condition: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let text = self.text();
            if condition(&text) {
                return text;
            }
            assert!(Instant::now() < deadline, "this is to be seen:\n{text}");
            if !self.take_in(Duration::from_millis(100)) {
                let text = self.text();
                assert!(
                    condition(&text),
                    "it has ended; this is to be seen:\n{text}"
                );
                return text;
            }
        }
    }

    /// Takes in what comes within that time; false if nothing can come any more.
    pub(crate) fn take_in(&mut self, time: Duration) -> bool {
        match self.output.recv_timeout(time) {
            Ok(bytes) => {
                self.received += bytes.len();
                self.screen.process(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, lines: u16) {
        resize(&self.keyboard, columns, lines);
        self.screen
            .screen_mut()
            .set_size(count(lines), count(columns));
        // A shell's terminal would tell it.
        self.signal(Signal::WINCH);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end, and gives the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let is_open = self.take_in(Duration::from_millis(10));
            if let Some(status) = self.child.try_wait().unwrap()
                && !is_open
            {
                return status.code();
            }
            assert!(Instant::now() < deadline, "still running:\n{}", self.text());
        }
    }

    /// Whether the first screen is shown, with its cursor.
    pub(crate) fn is_restored(&self) -> bool {
        let screen = self.screen.screen();
        !screen.alternate_screen() && !screen.hide_cursor()
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
    NonZero::new(count).unwrap()
}

fn resize(terminal: &File, columns: u16, lines: u16) {
    let size = Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).unwrap();
}
