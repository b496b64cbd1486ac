//! A lock, its holder, and who waits behind it.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lease_tests::{ApiServer, Client, Namespace, Process, WallClock};
use rustix::process::{Pid, Signal, kill_process};

use crate::lock::{LIMIT, get, until};

/// What flock(1) ends with where another command still lives.
const OVERLAP: i32 = 99;
/// So many rounds go on at the same time.
const ABREAST: usize = 4;

/// A command that ends when it is told to.
pub(super) const OBEDIENT: &str = "exec sleep 1000";
/// One that does not.
pub(super) const DEAF: &str = "trap '' TERM; sleep 1000";
/// One whose offspring does not.
pub(super) const FORKING: &str = "(trap '' TERM; sleep 1000) & (trap '' TERM; sleep 1000) & wait";
/// One whose offspring has left its process group and its session, and does not.
pub(super) const STRAYING: &str = "setsid sh -c \"trap '' TERM; sleep 1000\" & wait";

/// Where one round is played.
pub(super) struct Stage<'a> {
    pub(super) namespace: Namespace<'a>,
    witness: PathBuf,
    folder: tempfile::TempDir,
}

/// A call of `run`.
pub(super) struct Run {
    pub(super) process: Process,
    /// When its command began.
    pub(super) begun: Option<Timestamp>,
}

/// How long a lease is.
const LEASE: Duration = Duration::from_secs(4);

impl<'a> Stage<'a> {
    pub(super) fn on(server: &'a ApiServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            namespace: server.namespace("guarded"),
            witness: folder.path().join("witness"),
            folder,
        }
    }

    pub(super) fn client(&self) -> &Client {
        self.namespace.admin()
    }

    /// Leaves it, and keeps what its commands need.
    pub(super) fn leave(self) -> tempfile::TempDir {
        self.folder
    }

    /// Starts a call of `run` in this name, with a lease of four seconds.
    pub(super) fn run(&self, client: &Client, name: &str, script: &str) -> Run {
        self.run_for(client, name, script, "4s")
    }

    pub(super) fn run_for(&self, client: &Client, name: &str, script: &str, lease: &str) -> Run {
        self.start(client.plugin_command(), name, script, lease)
    }

    /// Starts one that goes by this wall clock.
    pub(super) fn run_by(&self, clock: &WallClock, name: &str, script: &str) -> Run {
        let mut command = self.client().plugin_command();
        clock.lend(&mut command);
        self.start(command, name, script, "4s")
    }

    fn start(&self, mut command: Command, name: &str, script: &str, lease: &str) -> Run {
        command
            .current_dir(self.folder.path())
            .args(["run", "lock", "--identity", name, "--duration", lease, "--"])
            .args(["flock", "-n", "-E"])
            .arg(OVERLAP.to_string())
            .arg(&self.witness)
            .args(["sh", "-c", &format!("echo begun; {script}")]);
        Run {
            process: Process::start(&mut command),
            begun: None,
        }
    }

    /// A holder that has begun, and one that waits behind it.
    pub(super) fn pair(&self, client: &Client, script: &str) -> (Run, Run) {
        let mut holder = self.run(client, "holder", script);
        holder.begin();
        let next = self.run(self.client(), "next", "true");
        next.waits();
        (holder, next)
    }

    /// When the lease is over as it was renewed last, by its holder's wall clock.
    pub(super) fn over(&self) -> Timestamp {
        let lease = get(self.client(), "lock");
        assert_eq!(lease["spec"]["holderIdentity"], "holder", "{lease:#}");
        let renewed: Timestamp = lease["spec"]["renewTime"]
            .as_str()
            .and_then(|time| time.parse().ok())
            .unwrap();
        renewed + LEASE
    }

    /// The guardian of a call, and its command.
    pub(super) fn guardian(run: &Run) -> Pid {
        let id = run.process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let guardian = children.split_whitespace().next().unwrap();
        Pid::from_raw(guardian.parse().unwrap()).unwrap()
    }
}

impl Run {
    /// Waits until its command has begun.
    #[track_caller]
    pub(super) fn begin(&mut self) {
        let line = self.process.line(LIMIT);
        self.begun = Some(Timestamp::now());
        assert_eq!(line.as_deref(), Some("begun"), "{}", self.process.stderr());
    }

    /// Waits until it waits for the lock.
    pub(super) fn waits(&self) {
        until("it waits", || self.process.stderr().contains("waiting for"));
    }

    /// Waits for its end, and gives its exit code.
    #[track_caller]
    pub(super) fn end(mut self) -> i32 {
        let status = self.process.wait(LIMIT);
        let code = status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap());
        assert_ne!(code, OVERLAP, "two commands lived at the same time");
        code
    }

    /// Waits until it has the lock and its command has ended, and tells when that began.
    #[track_caller]
    pub(super) fn takes_over(mut self) -> Timestamp {
        self.begin();
        let begun = self.begun.unwrap();
        assert_eq!(self.end(), 0);
        begun
    }
}

pub(super) fn kill(process: Pid) {
    kill_process(process, Signal::KILL).unwrap();
}

/// Whether a call that was killed is that.
pub(super) fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::KILL.as_raw())
}

/// How many rounds are to be played.
fn rounds() -> usize {
    std::env::var("LEASE_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

/// Plays the rounds of a fault, several at the same time. A round tells how late the next one began,
/// counted from when the lease was over.
pub(super) fn play(fault: &str, round: impl Fn() -> Option<Duration> + Sync) {
    let (rounds, begun) = (rounds(), AtomicUsize::new(0));
    let late = Mutex::new(Vec::new());
    let started = Instant::now();
    let (failed, failures) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..rounds.min(ABREAST) {
            let (failed, late, begun, round) = (failed.clone(), &late, &begun, &round);
            scope.spawn(move || {
                while begun.fetch_add(1, Ordering::Relaxed) < rounds {
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(round));
                    match result {
                        Ok(by) => late.lock().unwrap().extend(by),
                        Err(_) => failed.send(()).unwrap(),
                    }
                }
            });
        }
    });
    drop(failed);
    let failures = failures.iter().count();
    let mut late = late.into_inner().unwrap();
    late.sort_unstable();
    let took = started.elapsed().as_secs();
    let median = late.get(late.len() / 2);
    println!(
        "{fault}: {rounds} rounds in {took} s, {failures} failed; the next one began {median:?} \
         after the end of the lease by the median, {:?} at most",
        late.last()
    );
    assert_eq!(failures, 0, "{fault}: of {rounds}");
}

/// How late something came. A busy machine may be slow, but not early.
#[track_caller]
pub(super) fn lateness(begun: Timestamp, over: Timestamp) -> Duration {
    let late = begun.duration_since(over);
    assert!(!late.is_negative(), "{late:?} before the lease was over");
    late.unsigned_abs()
}
