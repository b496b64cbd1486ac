//! A call of the program that goes on while the test does something else.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::shell::Said;

/// How long a running program may take for anything that a test waits for.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// How often a condition without an event of its own is looked at.
const POLL: Duration = Duration::from_millis(10);

/// A running program whose output can be waited for. Dropping it kills it.
pub(crate) struct Watched {
    child: Child,
    lines: Receiver<(Stream, String)>,
    said: Said,
    /// Lines of the stream that was not waited for: two streams have no order among them.
    waiting: Vec<(Stream, String)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stream {
    Stderr,
    Stdout,
}

impl Watched {
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stderr(Stdio::piped());
        Self::start_as_it_is(command)
    }

    /// Starts a program whose errors go somewhere else.
    pub(crate) fn start_silent(command: &mut Command, errors: impl Into<Stdio>) -> Self {
        command.stderr(errors);
        Self::start_as_it_is(command)
    }

    fn start_as_it_is(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        let streams: [(Stream, Option<Box<dyn Read + Send>>); 2] = [
            (Stream::Stdout, stdout.map(|stream| Box::new(stream) as _)),
            (Stream::Stderr, stderr.map(|stream| Box::new(stream) as _)),
        ];
        for (stream, source) in streams {
            let Some(source) = source else { continue };
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(source).lines() {
                    if sender.send((stream, line.unwrap())).is_err() {
                        return;
                    }
                }
            });
        }
        Self {
            child,
            lines,
            said: Said {
                code: None,
                stderr: String::new(),
                stdout: String::new(),
            },
            waiting: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What it reads from, if that is a pipe.
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Waits for the next line of a stream. Panics if the program ends or is silent before.
    pub(crate) fn line(&mut self, wanted: Stream) -> String {
        let came = self
            .waiting
            .iter()
            .position(|(stream, _)| *stream == wanted);
        if let Some(at) = came {
            return self.waiting.remove(at).1;
        }
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok((stream, line)) => {
                    self.take(stream, &line);
                    if stream == wanted {
                        return line;
                    }
                    self.waiting.push((stream, line));
                }
                Err(error) => panic!("no line on {wanted:?} ({error}): {:?}", self.said),
            }
        }
    }

    /// Reads on until what it has said is as it should be.
    pub(crate) fn until(&mut self, condition: impl Fn(&Said) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !condition(&self.said) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok((stream, line)) => {
                    self.take(stream, &line);
                    self.waiting.push((stream, line));
                }
                Err(error) => panic!("not said ({error}): {:?}", self.said),
            }
        }
    }

    /// What was read of it so far.
    pub(crate) fn said(&self) -> &Said {
        &self.said
    }

    /// Waits for its end, and gives all that it said.
    pub(crate) fn end(mut self) -> Said {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "still running: {:?}", self.said);
            thread::sleep(POLL);
        };
        while let Ok((stream, line)) = self.lines.recv_timeout(LIMIT) {
            self.take(stream, &line);
        }
        self.said.code = status.code();
        self.said.clone()
    }

    fn take(&mut self, stream: Stream, line: &str) {
        let said = match stream {
            Stream::Stderr => &mut self.said.stderr,
            Stream::Stdout => &mut self.said.stdout,
        };
        *said += line;
        *said += "\n";
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It may have ended already; a panic here would hide the test's own.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
