//! Contenders that take one lock again and again, before a witness.

use std::process::{Command, ExitStatus};
use std::time::Duration;

use crate::{Client, Namespace, Process, Witness, parts};

/// Of which kind contenders are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// client-go's leader election.
    ClientGo,
    /// leaselocker, which has its own timing: 60 s, 10 s, 2 s.
    Leaselocker,
    /// `kubectl lease run`, with bash.
    Ours,
}

impl Kind {
    /// As the witness notes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::Leaselocker => "leaselocker",
            Self::Ours => "ours",
        }
    }
}

/// Contenders that are to be started: one, for ever, without pauses, and out at once.
#[derive(Debug)]
pub struct ContendersBuilder<'a> {
    client: &'a Client,
    contenders: u32,
    hold: Duration,
    identity: String,
    kind: Kind,
    lock: String,
    namespace: &'a str,
    pause: Duration,
    rounds: u32,
    timing: Option<[Duration; 3]>,
    witness: &'a Witness,
}

impl Namespace<'_> {
    /// Contenders of a kind for a lease here.
    pub fn contenders<'a>(
        &'a self,
        kind: Kind,
        lock: &str,
        witness: &'a Witness,
    ) -> ContendersBuilder<'a> {
        ContendersBuilder {
            client: self.admin(),
            contenders: 1,
            hold: Duration::ZERO,
            identity: kind.name().to_owned(),
            kind,
            lock: lock.to_owned(),
            namespace: self.name(),
            pause: Duration::ZERO,
            rounds: 0,
            timing: None,
            witness,
        }
    }
}

impl ContendersBuilder<'_> {
    /// How many of them.
    #[must_use]
    pub fn many(mut self, contenders: u32) -> Self {
        self.contenders = contenders;
        self
    }

    /// How long a critical section takes.
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }

    /// How long each waits after a release.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// How often each takes the lock.
    #[must_use]
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds;
        self
    }

    /// Lease duration, renew deadline and retry period. Not for leaselocker.
    #[must_use]
    pub fn timing(mut self, duration: Duration, deadline: Duration, retry: Duration) -> Self {
        assert_ne!(self.kind, Kind::Leaselocker, "it has its own timing");
        self.timing = Some([duration, deadline, retry]);
        self
    }

    /// Starts them.
    pub fn start(self) -> Contenders {
        let commands = match self.kind {
            Kind::ClientGo => vec![self.peer("elector")],
            Kind::Leaselocker => vec![self.peer("leaselocker")],
            Kind::Ours => (0..self.contenders).map(|_| self.ours()).collect(),
        };
        let start = |mut command| Process::start(&mut command);
        Contenders {
            processes: commands.into_iter().map(start).collect(),
        }
    }

    /// A program in Go, which has all contenders in one process.
    fn peer(&self, part: &str) -> Command {
        let mut command = self.client.command(parts::part(part));
        command
            .arg("--kubeconfig")
            .arg(self.client.kubeconfig())
            .arg(format!("--namespace={}", self.namespace))
            .arg(format!("--lock={}", self.lock))
            .arg(format!("--identity={}", self.identity))
            .arg(format!("--contenders={}", self.contenders))
            .arg(format!("--rounds={}", self.rounds))
            .arg(format!("--hold={}us", self.hold.as_micros()))
            .arg(format!("--pause={}us", self.pause.as_micros()))
            .arg("--witness")
            .arg(self.witness.folder());
        command.args(self.timing_flags());
        command
    }

    /// A shell that goes on until its stdin ends, as the programs in Go do: it pauses by reading.
    fn ours(&self) -> Command {
        let rounds = r#"
            for ((round = 0; ROUNDS == 0 || round < ROUNDS; round++)); do
                "$@" < /dev/null || exit
                read -r -t "$PAUSE"
                [ $? -gt 128 ] || exit
            done
        "#;
        let mut command = self.client.command("bash");
        command
            .args(["-c", rounds, "bash"])
            .arg(parts::plugin())
            .args(["run", &self.lock])
            .args(self.timing_flags())
            .args(["--", "bash", "-c", Witness::SCRIPT])
            .env("HOLD", self.hold.as_secs_f64().to_string())
            .env("KIND", self.kind.name())
            .env("PAUSE", self.pause.as_secs_f64().max(0.001).to_string())
            .env("ROUNDS", self.rounds.to_string())
            .env("WITNESS", self.witness.folder());
        command
    }

    fn timing_flags(&self) -> Vec<String> {
        let duration = match self.kind {
            Kind::ClientGo | Kind::Leaselocker => "--lease-duration",
            Kind::Ours => "--duration",
        };
        let names = [duration, "--renew-deadline", "--retry-period"];
        let times = self.timing.into_iter().flatten();
        let flag = |(name, time): (&str, Duration)| format!("{name}={}ms", time.as_millis());
        names.into_iter().zip(times).map(flag).collect()
    }
}

/// Running contenders. Dropping them is a crash.
#[derive(Debug)]
pub struct Contenders {
    processes: Vec<Process>,
}

impl Contenders {
    /// Panics with what they said if any has ended, which contenders without an end never should.
    pub fn assert_running(&mut self) {
        for process in &mut self.processes {
            if let Some(status) = process.ended() {
                panic!("a contender ended, {status}: {}", process.stderr());
            }
        }
    }

    /// Waits until all have done their rounds.
    pub fn wait(&mut self, limit: Duration) -> Vec<ExitStatus> {
        let wait = |process: &mut Process| process.wait(limit);
        self.processes.iter_mut().map(wait).collect()
    }
}
