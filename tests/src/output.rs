//! What a program said, and how it ended.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

/// The result of a program that has ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// All of its stderr.
    pub stderr: String,
    /// All of its stdout.
    pub stdout: String,
}

impl Output {
    /// Runs a command to its end, with an empty stdin.
    pub fn of(command: &mut Command) -> Self {
        Self::with_stdin(command, "")
    }

    /// Runs a command to its end, with this text as its stdin.
    ///
    /// The program must read it all before it says much, as kubectl does with `-f -`.
    pub(crate) fn with_stdin(command: &mut Command, text: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {}: {e}", command.get_program().display()));
        // A program that ends without reading says why on stderr; the broken pipe is no news.
        let _ = child
            .stdin
            .take()
            .map(|mut stdin| stdin.write_all(text.as_bytes()));
        child
            .wait_with_output()
            .expect("a child can be waited for")
            .into()
    }

    /// Runs a command that must end by itself within `limit`. If it does not, it is killed, with all
    /// that it started, and this panics.
    pub fn within(command: &mut Command, limit: Duration) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {}: {e}", command.get_program().display()));
        let group = Pid::from_child(&child);
        let (ended, end) = channel::<()>();
        let guard = thread::spawn(move || {
            let is_late = end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            if is_late {
                // Ended just now, it is not there any more.
                let _ = kill_process_group(group, Signal::KILL);
            }
            is_late
        });
        let output = child.wait_with_output().expect("a child can be waited for");
        drop(ended);
        let output = Self::from(output);
        let is_late = guard.join().expect("the guard does not panic");
        assert!(!is_late, "still running after {limit:?}: {output:?}");
        output
    }

    /// Itself, if the exit code was 0. Panics with all that was said otherwise.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "an assertion, often a whole statement"
    )]
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Its stdout as JSON, if the exit code was 0.
    pub fn json(self) -> Value {
        let output = self.success();
        serde_json::from_str(&output.stdout)
            .unwrap_or_else(|e| panic!("stdout is not JSON: {e}: {}", output.stdout))
    }
}

impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        }
    }
}
