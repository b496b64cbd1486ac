//! Contenders that take one lock again and again, before a witness.

use std::process::Command;
use std::time::Duration;

use lease_core::Timing;

use crate::library::{Library, Rounds};
use crate::{Client, Namespace, Process, Witness, hosts, parts};

/// Of which kind contenders are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// client-go's leader election.
    ClientGo,
    /// What kvdi's contenders do for a lock that is a config map, once a second.
    ConfigMapLock,
    /// `etcdctl lock`, with bash, on the etcd below the API server.
    Etcdctl,
    /// leaselocker, which has its own timing: 60 s, 10 s, 2 s.
    Leaselocker,
    /// Our library, in this process.
    Library,
    /// The component, driven by Node.
    Node,
    /// The component, driven by Python.
    Python,
    /// `kubectl lease run`, with bash.
    Run,
}

impl Kind {
    /// As the witness notes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::ConfigMapLock => "configmaplock",
            Self::Etcdctl => "etcdctl",
            Self::Leaselocker => "leaselocker",
            Self::Library => "library",
            Self::Node => "node",
            Self::Python => "python",
            Self::Run => "run",
        }
    }
}

/// Contenders that are to be started: one, for ever, without pauses, and out at once.
#[derive(Debug)]
pub struct ContendersBuilder<'a> {
    client: &'a Client,
    contenders: u32,
    etcd: &'a str,
    first: Option<Duration>,
    hold: Duration,
    identity: String,
    kind: Kind,
    lock: String,
    namespace: &'a str,
    pause: Duration,
    pod: Option<String>,
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
            etcd: self.server().etcd(),
            first: None,
            hold: Duration::ZERO,
            identity: kind.name().to_owned(),
            kind,
            lock: lock.to_owned(),
            namespace: self.name(),
            pause: Duration::ZERO,
            pod: None,
            rounds: 0,
            timing: None,
            witness,
        }
    }
}

impl Namespace<'_> {
    /// A program in Go that is a peer, as somebody in this namespace, to be told which lock and how.
    pub fn peer(&self, part: &str) -> Command {
        let client = self.admin();
        let mut command = client.command(parts::part(part));
        command
            .arg("--kubeconfig")
            .arg(client.kubeconfig())
            .arg(format!("--namespace={}", self.name()))
            .arg("--identity=peer");
        command
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

    /// How long the very first critical section takes, whoever has it: until all others wait.
    #[must_use]
    pub fn first(mut self, first: Duration) -> Self {
        self.first = Some(first);
        self
    }

    /// How long each waits after a release.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// The pod that the lock belongs to, which is a config map then.
    #[must_use]
    pub fn pod(mut self, pod: &str) -> Self {
        self.pod = Some(pod.to_owned());
        self
    }

    /// How often each takes the lock.
    #[must_use]
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds;
        self
    }

    /// Lease duration, renew deadline and retry period; client-go's and our own.
    #[must_use]
    pub fn timing(mut self, duration: Duration, deadline: Duration, retry: Duration) -> Self {
        let is_timed = !matches!(
            self.kind,
            Kind::ConfigMapLock | Kind::Etcdctl | Kind::Leaselocker
        );
        assert!(is_timed, "{self:?}");
        self.timing = Some([duration, deadline, retry]);
        self
    }

    /// Starts them.
    pub fn start(self) -> Contenders {
        let commands = match self.kind {
            Kind::ClientGo => vec![self.peer("elector")],
            Kind::ConfigMapLock => {
                let mut peer = self.peer("configmaplock");
                let pod = self.pod.as_deref().expect("such a lock belongs to a pod");
                // Longer than anybody waits here: what is created later than that is over at once.
                peer.arg(format!("--pod={pod}")).arg("--timeout=15m");
                vec![peer]
            }
            Kind::Leaselocker => vec![self.peer("leaselocker")],
            Kind::Library => Vec::new(),
            Kind::Node | Kind::Python => (1..=self.contenders).map(|_| self.host()).collect(),
            Kind::Etcdctl | Kind::Run => (1..=self.contenders).map(|n| self.shell(n)).collect(),
        };
        let start = |mut command| Process::start(&mut command);
        Contenders {
            library: (self.kind == Kind::Library).then(|| self.library().start()),
            processes: commands.into_iter().map(start).collect(),
        }
    }

    fn library(&self) -> Rounds {
        let timing = |[duration, deadline, retry]: [Duration; 3]| {
            Timing::new(duration, deadline, retry).expect("a test's timing keeps the rules")
        };
        Rounds {
            client: self.client.clone(),
            contenders: self.contenders,
            first: self.first_hold(),
            hold: self.hold,
            kind: self.kind.name(),
            lock: self.lock.clone(),
            namespace: self.namespace.to_owned(),
            pause: self.pause,
            pod: self.pod.clone(),
            count: self.rounds,
            timing: self.timing.map(timing),
            witness: self.witness.clone(),
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
            .arg(format!("--first={}us", self.first_hold().as_micros()))
            .arg(format!("--hold={}us", self.hold.as_micros()))
            .arg(format!("--pause={}us", self.pause.as_micros()))
            .arg("--witness")
            .arg(self.witness.folder());
        command.args(self.timing_flags());
        command
    }

    /// A shell that goes on until its stdin ends, as the programs in Go do: it pauses by reading.
    fn shell(&self, number: u32) -> Command {
        let rounds = r#"
            for ((round = 0; ROUNDS == 0 || round < ROUNDS; round++)); do
                "$@" bash -c "$SCRIPT" < /dev/null || exit
                read -r -t "$PAUSE"
                [ $? -gt 128 ] || exit
            done
        "#;
        let mut command = self.client.command("bash");
        command.args(["-c", rounds, "bash"]);
        if self.kind == Kind::Etcdctl {
            command
                .arg(parts::part("etcdctl"))
                .arg(format!("--endpoints={}", self.etcd))
                .args(["lock", &self.lock, "--"])
                // Ours are told theirs by `run`.
                .env("LEASE_IDENTITY", format!("{}-{number}", self.identity));
        } else {
            command
                .arg(parts::plugin())
                .arg("run")
                .args(self.lock_arguments())
                // Whatever becomes of those who started it, it does not wait for ever.
                .arg("--timeout=15m")
                .args(self.timing_flags())
                .arg("--");
        }
        command
            .env("FIRST", seconds(self.first_hold()))
            .env("HOLD", seconds(self.hold))
            .env("KIND", self.kind.name())
            .env("PAUSE", seconds(self.pause.max(Duration::from_millis(1))))
            .env("ROUNDS", self.rounds.to_string())
            .env("SCRIPT", Witness::SCRIPT)
            .env("WITNESS", self.witness.folder());
        command
    }

    fn lock_arguments(&self) -> Vec<String> {
        match &self.pod {
            None => vec![self.lock.clone()],
            Some(pod) => vec![
                format!("configmap/{}", self.lock),
                format!("--owner=pod/{pod}"),
            ],
        }
    }

    /// A program that drives the component, which goes on until its stdin ends.
    fn host(&self) -> Command {
        let mut command = if self.kind == Kind::Python {
            let mut command = hosts::python("contend.py");
            command.arg(hosts::component());
            command
        } else {
            hosts::node("contend.mjs")
        };
        let [duration, deadline, retry] = self.timing.expect("a host is told its timing");
        command
            .arg(self.client.kubeconfig())
            .args([self.namespace, &self.lock])
            .arg(self.witness.folder());
        for time in [self.hold, self.pause, duration, deadline, retry] {
            command.arg(seconds(time));
        }
        command
    }

    fn first_hold(&self) -> Duration {
        self.first.unwrap_or(self.hold)
    }

    fn timing_flags(&self) -> Vec<String> {
        let duration = match self.kind {
            Kind::Run => "--duration",
            _ => "--lease-duration",
        };
        let names = [duration, "--renew-deadline", "--retry-period"];
        let times = self.timing.into_iter().flatten();
        let flag = |(name, time): (&str, Duration)| format!("{name}={}ms", time.as_millis());
        names.into_iter().zip(times).map(flag).collect()
    }
}

fn seconds(time: Duration) -> String {
    time.as_secs_f64().to_string()
}

/// Running contenders. Dropping them is a crash.
#[derive(Debug)]
pub struct Contenders {
    library: Option<Library>,
    processes: Vec<Process>,
}

impl Contenders {
    /// Panics with what they said if any has ended, which contenders without an end never should.
    pub fn assert_running(&mut self) {
        let has_ended = self.library.as_ref().is_some_and(Library::has_ended);
        assert!(!has_ended, "contenders of the library have ended");
        for process in &mut self.processes {
            if let Some(status) = process.ended() {
                panic!("a contender ended, {status}: {}", process.stderr());
            }
        }
    }

    /// The programs among them.
    pub fn processes(&mut self) -> &mut [Process] {
        &mut self.processes
    }

    /// Waits until all have done their rounds. Panics with what one said that failed.
    pub fn wait(&mut self, limit: Duration) {
        if let Some(library) = &mut self.library {
            library.join();
        }
        for process in &mut self.processes {
            let status = process.wait(limit);
            let said = process.stderr();
            assert!(status.success(), "a contender failed, {status}: {said}");
        }
    }
}
