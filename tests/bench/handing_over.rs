//! How long a lock is idle between two of those who wait for it.

use std::time::Duration;

use lease_tests::{ApiServer, Kind, LeaseRequests, Namespace, What, Witness};

use crate::figures::{Figures, milliseconds};
use crate::page::{Section, verdict};

/// Far longer than a run takes.
const LIMIT: Duration = Duration::from_secs(300);

/// How many contend, and what they do.
pub(crate) struct Contest {
    pub(crate) contenders: u32,
    /// How long the first one holds the lock: until all others wait for it.
    pub(crate) first: Duration,
    pub(crate) hold: Duration,
    pub(crate) rounds: usize,
    pub(crate) kinds: &'static [Kind],
}

/// All runs of one kind.
struct Runs {
    kind: Kind,
    gaps: Vec<Duration>,
    requests: Vec<LeaseRequests>,
}

pub(crate) fn measure(server: &ApiServer, contest: &Contest) -> Section {
    let namespace = server.namespace("hand-over");
    let mut all: Vec<_> = contest.kinds.iter().map(|&kind| Runs::new(kind)).collect();
    for round in 0..contest.rounds {
        for runs in &mut all {
            contest.run(server, &namespace, round, runs);
        }
    }
    let all: Vec<_> = all.into_iter().map(Runs::summed_up).collect();
    let ours = &all[0];
    let rows = all.iter().map(|other| row(ours, other, contest)).collect();
    Section {
        title: format!(
            "Hand-over among {} contenders that hold {} ms each",
            contest.contenders,
            contest.hold.as_millis()
        ),
        note: "From the last act of one holder's script to the first act of the next one's. \
               Lease duration,\nrenew deadline and retry period are 15 s, 10 s and 2 s, \
               leaselocker's own 60 s, 10 s and 2 s.\nRequests are the API server's count, for \
               each contender from its start to its end; etcd's own\nare not counted.",
        columns: &[
            "", "p50", "p99", "mean", "max", "requests", "ours is", "goal",
        ],
        rows,
    }
}

impl Contest {
    fn run(&self, server: &ApiServer, namespace: &Namespace<'_>, round: usize, runs: &mut Runs) {
        let lock = format!("{}-{}-{round}", runs.kind.name(), self.contenders);
        let witness = Witness::new();
        let before = server.lease_requests();
        let mut contenders = namespace
            .contenders(runs.kind, &lock, &witness)
            .many(self.contenders)
            .first(self.first)
            .hold(self.hold)
            .rounds(1)
            .start();
        contenders.wait(LIMIT);
        assert_eq!(witness.overlap(), None, "{:?}", runs.kind);
        let gaps = gaps(&witness);
        assert_eq!(gaps.len() + 1, self.contenders as usize, "{:?}", runs.kind);
        runs.gaps.extend(gaps);
        runs.requests.push(server.lease_requests().since(&before));
    }
}

/// From each end of a section to the begin of the next one.
fn gaps(witness: &Witness) -> Vec<Duration> {
    let marks = witness.marks();
    let pairs = marks.iter().zip(marks.iter().skip(1));
    pairs
        .filter(|(ended, began)| (ended.what, began.what) == (What::Ended, What::Began))
        .map(|(ended, began)| Duration::from_micros(began.at.saturating_sub(ended.at)))
        .collect()
}

struct Sum {
    kind: Kind,
    gaps: Figures,
    /// For all contenders of all runs.
    requests: u64,
}

impl Runs {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            gaps: Vec::new(),
            requests: Vec::new(),
        }
    }

    fn summed_up(self) -> Sum {
        Sum {
            kind: self.kind,
            gaps: Figures::of(self.gaps),
            requests: self.requests.iter().map(LeaseRequests::total).sum(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts here are small")]
fn row(ours: &Sum, other: &Sum, contest: &Contest) -> Vec<String> {
    let median = ratio(ours.gaps.median(), other.gaps.median());
    let mean = ratio(ours.gaps.mean(), other.gaps.mean());
    let lives = f64::from(contest.contenders) * contest.rounds as f64;
    let requests = other.requests as f64 / lives;
    let (label, is, goal) = match other.kind {
        Kind::Run => (
            "`kubectl-lease run NAME -- bash -c ...`",
            String::new(),
            format!(
                "p99 under 50 ms {}; at most 8 requests {}",
                verdict(ours.gaps.percentile(99) < Duration::from_millis(50)),
                verdict(requests <= 8.0)
            ),
        ),
        Kind::Node | Kind::Python => (
            "the component, in a host",
            format!("x {median:.2} by p50"),
            String::new(),
        ),
        Kind::Library => (
            "our library, in one process",
            format!("x {median:.2} by p50"),
            String::new(),
        ),
        Kind::Etcdctl => (
            "`etcdctl lock NAME -- bash -c ...`",
            format!("x {median:.2} by p50"),
            format!("x 1 {}", verdict(median <= 1.0)),
        ),
        Kind::ClientGo => (
            "client-go, in one process",
            format!("x {mean:.3} by mean"),
            format!("x 0.02 {}", verdict(mean <= 0.02)),
        ),
        // Nobody waits in line for that.
        Kind::ConfigMapLock => ("kvdi's ways, in one process", String::new(), String::new()),
        Kind::Leaselocker => (
            "leaselocker, in one process",
            format!("x {mean:.3} by mean"),
            String::new(),
        ),
    };
    let gaps = &other.gaps;
    let requests = match other.kind {
        Kind::Etcdctl => String::new(),
        _ => format!("{requests:.1}"),
    };
    vec![
        label.to_owned(),
        milliseconds(gaps.median()),
        milliseconds(gaps.percentile(99)),
        milliseconds(gaps.mean()),
        milliseconds(gaps.longest()),
        requests,
        is,
        goal,
    ]
}

fn ratio(ours: Duration, other: Duration) -> f64 {
    ours.as_secs_f64() / other.as_secs_f64()
}
