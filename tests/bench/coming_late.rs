//! How long a newcomer takes that meets a lock whose lease has been over for long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lease_tests::{ApiServer, Kind, Namespace, What, Witness};
use tokio::runtime::Runtime;

use crate::figures::{Figures, milliseconds};
use crate::page::{Section, verdict};
use crate::seed;

const ROUNDS: usize = 3;
/// How long the leases last, in seconds.
pub(crate) const DURATION: i32 = 15;
const KINDS: [Kind; 3] = [Kind::Run, Kind::ClientGo, Kind::Leaselocker];
const LIMIT: Duration = Duration::from_secs(60);
/// Whoever waits for anything takes longer.
const GOAL: Duration = Duration::from_secs(1);

/// Locks whose holders are gone, to be met long after their leases are over.
pub(crate) struct Expired<'a> {
    namespace: Namespace<'a>,
}

impl<'a> Expired<'a> {
    pub(crate) fn create(runtime: &Runtime, server: &'a ApiServer) -> Self {
        let namespace = server.namespace("late");
        let names = KINDS
            .iter()
            .flat_map(|&kind| (0..ROUNDS).map(move |n| name(kind, n)));
        let kubeconfig = namespace.admin().kubeconfig();
        runtime.block_on(seed::create(kubeconfig, namespace.name(), names, DURATION));
        Self { namespace }
    }

    pub(crate) fn measure(&self, server: &ApiServer) -> Section {
        let mut took = KINDS.map(|_| Vec::new());
        let mut requests = KINDS.map(|_| 0);
        for round in 0..ROUNDS {
            for (index, kind) in KINDS.into_iter().enumerate() {
                let before = server.lease_requests();
                took[index].push(self.meet(kind, round));
                requests[index] += server.lease_requests().since(&before).total();
            }
        }
        let rows = KINDS.into_iter().zip(took).zip(requests);
        let rows = rows.map(|((kind, took), requests)| row(kind, &Figures::of(took), requests));
        Section {
            title: "A newcomer at a lock whose lease has been over for long".to_owned(),
            note: "From its start to its first act under the lock, of which the lease was of 15 s. \
                   Requests are\nthose of its whole life.",
            columns: &["", "median", "longest", "requests", "goal"],
            rows: rows.collect(),
        }
    }

    fn meet(&self, kind: Kind, round: usize) -> Duration {
        let witness = Witness::new();
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let contenders = self
            .namespace
            .contenders(kind, &name(kind, round), &witness);
        contenders.rounds(1).start().wait(LIMIT);
        let marks = witness.marks();
        let began = marks.iter().find(|mark| mark.what == What::Began).unwrap();
        Duration::from_micros(began.at).saturating_sub(started)
    }
}

fn row(kind: Kind, took: &Figures, requests: u64) -> Vec<String> {
    let (label, goal) = match kind {
        Kind::Run => (
            "`kubectl-lease run NAME -- bash -c ...`",
            format!("no waiting {}", verdict(took.longest() < GOAL)),
        ),
        Kind::ClientGo => ("client-go", String::new()),
        _ => ("leaselocker, by the holder's clock", String::new()),
    };
    let rounds = u64::try_from(ROUNDS).unwrap();
    vec![
        label.to_owned(),
        milliseconds(took.median()),
        milliseconds(took.longest()),
        format!("{}.{}", requests / rounds, requests * 10 / rounds % 10),
        goal,
    ]
}

fn name(kind: Kind, round: usize) -> String {
    format!("{}-{round}", kind.name())
}
