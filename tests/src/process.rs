//! A program that runs while a test does.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How often a condition without an event of its own is looked at.
const POLL: Duration = Duration::from_millis(10);

/// A running program, with its stdin held open and its stdout read line by line.
///
/// Dropping it kills it. A static is never dropped; its program then sees the end of its stdin.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// In a mutex only so that a static can hold this: a receiver alone belongs to one thread.
    lines: Mutex<Receiver<String>>,
    stderr: Arc<Mutex<String>>,
    /// Ends with stderr: with the program, unless that left it to another one.
    stderr_reader: Option<JoinHandle<()>>,
    stdin: Option<ChildStdin>,
}

impl Process {
    /// Starts it, with all three streams ours, in a process group of its own: a paused program does
    /// not see the end of its stdin, but when its parent dies the kernel wakes and hangs up a
    /// stopped group that is left without one (POSIX, orphaned process groups).
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run {}: {e}", command.get_program().display()));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");

        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let said = Arc::new(Mutex::new(String::new()));
        let stderr_reader = thread::spawn({
            let said = Arc::clone(&said);
            move || collect(stderr, &said)
        });
        Self {
            child,
            lines: Mutex::new(lines),
            stderr: said,
            stderr_reader: Some(stderr_reader),
            stdin,
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of stdout, or `None` after its last one. Panics after `limit` without either.
    pub fn line(&mut self, limit: Duration) -> Option<String> {
        let lines = self.lines.get_mut().expect("no reader panics inside");
        match lines.recv_timeout(limit) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                panic!("no line within {limit:?}; stderr: {}", self.stderr())
            }
        }
    }

    /// What it has said on stderr so far.
    pub fn stderr(&self) -> String {
        self.stderr
            .lock()
            .expect("the reader does not panic")
            .clone()
    }

    /// Closes its stdin.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Freezes it (SIGSTOP): it keeps its connections and does nothing.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`Process::pause`] (SIGCONT).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Ends it as a crash does (SIGKILL), with all that it started and left in its process group,
    /// and returns when it is gone.
    pub fn kill(&mut self) -> ExitStatus {
        self.kill_group();
        self.child
            .wait()
            .expect("a child that was not reaped can be waited for")
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits until it has ended, and all that it said has been read. Panics if it still runs after
    /// `limit`.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended() {
                if let Some(reader) = self.stderr_reader.take() {
                    reader.join().expect("the reader does not panic");
                }
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "still running after {limit:?}; stderr: {}",
                self.stderr()
            );
            thread::sleep(POLL);
        }
    }

    fn kill_group(&mut self) {
        // Once it has been waited for, the number may be somebody else's.
        if let Ok(None) = self.child.try_wait() {
            // It may have ended on its own just now; the status tells.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal)
            .unwrap_or_else(|e| panic!("cannot send {signal:?}: {e}"));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
        // Nothing to do about a failure, and a panic here would hide the test's own.
        let _ = self.child.wait();
    }
}

fn collect(mut stream: impl Read, into: &Mutex<String>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]);
        into.lock()
            .expect("its readers do not panic")
            .push_str(&text);
    }
}
