//! client-go's leader election, as its own process.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::{Client, Process, parts};

/// How long an elector may take to end when it is asked to: its release waits for the server, for
/// a renew deadline at most.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What an elector reports.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// When it happened, RFC 3339 with nanoseconds, on the machine's clock whatever the shift.
    pub at: String,
    /// `started`, `stopped` or `new-leader`.
    pub event: String,
    /// Whom it sees holding the lock now; `new-leader` only, empty for nobody.
    #[serde(default)]
    pub identity: String,
}

/// A contender that is to be started. Timing is client-go's default of 15 s / 10 s / 2 s.
#[derive(Debug)]
pub struct ElectorBuilder {
    command: Command,
}

impl ElectorBuilder {
    /// A contender for `lock`, connecting as `client` does.
    pub fn new(client: &Client, namespace: &str, lock: &str, identity: &str) -> Self {
        let mut command = client.command(parts::part("elector"));
        command.arg("--kubeconfig").arg(client.kubeconfig()).args([
            "--namespace",
            namespace,
            "--lock",
            lock,
            "--identity",
            identity,
        ]);
        Self { command }
    }

    /// Writes the lease free when it is stopped.
    #[must_use]
    pub fn release_on_cancel(mut self) -> Self {
        self.command.arg("--release-on-cancel");
        self
    }

    /// Records Events about the lease, as controller-runtime's managers do.
    #[must_use]
    pub fn events(mut self) -> Self {
        self.command.arg("--events");
        self
    }

    /// How many seconds its clock is ahead of everybody's; negative is behind.
    #[must_use]
    pub fn shift_seconds(mut self, seconds: i64) -> Self {
        self.command.arg(format!("--shift={seconds}s"));
        self
    }

    /// Lease duration, renew deadline and retry period, in whole seconds.
    #[must_use]
    pub fn timing(mut self, duration: u32, deadline: u32, retry: u32) -> Self {
        self.command.args([
            format!("--lease-duration={duration}s"),
            format!("--renew-deadline={deadline}s"),
            format!("--retry-period={retry}s"),
        ]);
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Elector {
        Elector {
            pending: Vec::new(),
            process: Process::start(&mut self.command),
        }
    }
}

/// A running contender. Dropping it is a crash: its lease stays held until it expires.
#[derive(Debug)]
pub struct Elector {
    /// Events that came and were not asked for yet.
    pending: Vec<Event>,
    process: Process,
}

impl Elector {
    /// Returns the next event of that name, and leaves the others for later calls: client-go
    /// reports from several goroutines, so the order of two events at one moment is chance.
    ///
    /// Panics if none comes within `limit`.
    pub fn wait_for(&mut self, name: &str, limit: Duration) -> Event {
        self.wait_until(limit, name, |event| event.event == name)
    }

    /// Waits until it sees `identity` as the holder (empty: nobody). Panics after `limit`.
    pub fn wait_for_leader(&mut self, identity: &str, limit: Duration) -> Event {
        self.wait_until(limit, identity, |event| {
            event.event == "new-leader" && event.identity == identity
        })
    }

    fn wait_until(
        &mut self,
        limit: Duration,
        what: &str,
        wanted: impl Fn(&Event) -> bool,
    ) -> Event {
        if let Some(index) = self.pending.iter().position(&wanted) {
            return self.pending.remove(index);
        }
        let deadline = Instant::now() + limit;
        loop {
            let Some(line) = self
                .process
                .line(deadline.saturating_duration_since(Instant::now()))
            else {
                panic!("the elector ended before {what}: {}", self.process.stderr());
            };
            let event: Event = serde_json::from_str(&line)
                .unwrap_or_else(|e| panic!("the elector printed no event: {e}: {line}"));
            if wanted(&event) {
                return event;
            }
            self.pending.push(event);
        }
    }

    /// Ends it as a crash does: nothing is written.
    pub fn kill(&mut self) -> ExitStatus {
        self.process.kill()
    }

    /// Ends it in order: with a release, if it was built so.
    pub fn stop(&mut self) -> ExitStatus {
        self.process.terminate();
        self.process.wait(STOP_LIMIT)
    }

    /// Freezes it, as a long garbage collection or a suspended machine does.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Lets it go on after [`Elector::pause`].
    pub fn resume(&self) {
        self.process.resume();
    }
}
