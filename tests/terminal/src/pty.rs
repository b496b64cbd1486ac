//! The two sides of a pseudo-terminal.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

/// A new terminal: the side of the person, and that of the program.
pub(crate) fn open(columns: u16, lines: u16) -> (File, File) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal is free");
    // A program that had the near side too would keep its own window open.
    fcntl_setfd(&near, FdFlags::CLOEXEC).expect("a file has flags");
    grantpt(&near).expect("it is ours");
    unlockpt(&near).expect("it is ours");
    let near = File::from(near);
    resize(&near, columns, lines);
    let name = ptsname(&near, Vec::new()).expect("it has a name");
    let far = OpenOptions::new()
        .read(true)
        .write(true)
        // It is to be the program's, not ours.
        .custom_flags(OFlags::NOCTTY.bits().cast_signed())
        .open(OsStr::from_bytes(name.as_bytes()))
        .expect("it can be opened");
    (near, far)
}

/// The command in a session of its own, whose terminal is the command's stdin.
///
/// Else a program that asks for its controlling terminal would get the one at which somebody runs
/// the tests. Being no leader of a group, setsid becomes the program, so that the id is the same.
pub(crate) fn session(command: &Command) -> Command {
    let mut session = Command::new("setsid");
    session
        .arg("--ctty")
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => session.env(name, value),
            None => session.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        session.current_dir(folder);
    }
    session
}

pub(crate) fn resize(terminal: &File, columns: u16, lines: u16) {
    let size = Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).expect("a terminal can be resized");
}

/// How the terminal treats what goes through it.
pub(crate) fn attributes(terminal: &File) -> Termios {
    tcgetattr(terminal).expect("a terminal has attributes")
}

/// In which a terminal's attributes differ from what they were before.
pub(crate) fn changes(before: &Termios, after: &Termios) -> Vec<String> {
    let mut changes = Vec::new();
    let mut compare = |what: &str, before: String, after: String| {
        if before != after {
            changes.push(format!("{what} {after}, not {before}"));
        }
    };
    let shown = |modes: LocalModes| format!("{modes:?}");
    compare("keys", shown(before.local_modes), shown(after.local_modes));
    compare(
        "input",
        format!("{:?}", before.input_modes),
        format!("{:?}", after.input_modes),
    );
    compare(
        "output",
        format!("{:?}", before.output_modes),
        format!("{:?}", after.output_modes),
    );
    changes
}
