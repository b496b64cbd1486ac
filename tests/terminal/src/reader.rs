//! Reading what a program writes as soon as it does.

use std::fs::File;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

/// What is read at once; a frame of a large terminal is less.
const BUFFER: usize = 64 * 1024;

/// Reads on a thread of its own until the terminal is closed, on either side.
pub(crate) struct Reader {
    came: Receiver<(Instant, Vec<u8>)>,
    /// Closing it ends the thread.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    pub(crate) fn start(terminal: &File) -> Self {
        let source = terminal.try_clone().expect("a file can be opened twice");
        let (stop, stopped) = UnixStream::pair().expect("the system has sockets");
        let (sender, came) = channel();
        let thread = thread::spawn(move || read(source, &stopped, &sender));
        Self {
            came,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What comes next within that time, and when it came.
    pub(crate) fn next(&self, time: Duration) -> Result<(Instant, Vec<u8>), RecvTimeoutError> {
        self.came.recv_timeout(time)
    }

    /// Closes its own copy of the terminal.
    pub(crate) fn stop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the reader does not panic");
        }
    }
}

fn read(mut source: File, stopped: &UnixStream, sender: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let mut both = [
            PollFd::new(&source, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        if poll(&mut both, None).is_err() {
            continue;
        }
        let [terminal, stop] = both.map(|one| !one.revents().is_empty());
        if stop {
            return;
        }
        if !terminal {
            continue;
        }
        // Where nobody has the other side open any more, this is an error.
        let Ok(length @ 1..) = source.read(&mut buffer) else {
            return;
        };
        if sender
            .send((Instant::now(), buffer[..length].to_vec()))
            .is_err()
        {
            return;
        }
    }
}
