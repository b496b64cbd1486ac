//! How long after its lease a crashed holder's lock is somebody else's.

use std::time::Duration;

use lease_client::Store;
use lease_tests::{ApiServer, Kind, Mark, Namespace, Process, What, Witness};
use tokio::runtime::Runtime;

use crate::figures::{Figures, milliseconds};
use crate::page::{Section, verdict};

const ROUNDS: usize = 6;
const DURATION: u32 = 6;
const DEADLINE: u32 = 4;
const RETRY: u32 = 1;
/// Until whoever waits does.
const SETTLED: Duration = Duration::from_secs(4);
const LIMIT: Duration = Duration::from_secs(60);
/// How long after the lease's end a waiter of ours may take.
const GOAL: Duration = Duration::from_millis(250);

pub(crate) fn measure(runtime: &Runtime, server: &ApiServer) -> Section {
    let namespace = server.namespace("take-over");
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for round in 0..ROUNDS {
        let name = format!("ours-{round}");
        let mut holder = hold(&namespace, &name);
        let mut elector = namespace
            .elector(&format!("theirs-{round}"), "holder")
            .timing(DURATION, DEADLINE, RETRY)
            .start();
        elector.wait_for("started", LIMIT);
        let waiters = [
            (Kind::Run, name),
            (Kind::ClientGo, format!("theirs-{round}")),
        ]
        .map(|(kind, name)| (wait(&namespace, kind, &name), name));
        std::thread::sleep(SETTLED);
        holder.kill();
        elector.kill();
        let ends = waiters.map(|((witness, contenders), name)| {
            let end = end_of_lease(runtime, &namespace, &name);
            (witness, contenders, end)
        });
        for ((witness, mut contenders, end), late) in ends.into_iter().zip([&mut ours, &mut theirs])
        {
            contenders.wait(LIMIT);
            let marks = witness.marks();
            let began = marks.iter().find(|mark| mark.what == What::Began);
            let began = began.map(|mark: &Mark| mark.at).unwrap();
            assert!(began >= end, "{began} is before {end}");
            late.push(Duration::from_micros(began - end));
        }
    }
    let [ours, theirs] = [ours, theirs].map(Figures::of);
    Section {
        title: "Takeover from a holder that was killed".to_owned(),
        note: "From the end of its lease (6 s after its last renewal; it renewed each second) to \
               the first act\nof the one that waited.",
        columns: &["", "median", "longest", "goal"],
        rows: vec![
            vec![
                "`kubectl-lease run NAME -- bash -c ...`".to_owned(),
                milliseconds(ours.median()),
                milliseconds(ours.longest()),
                format!("under 250 ms {}", verdict(ours.longest() < GOAL)),
            ],
            vec![
                "client-go".to_owned(),
                milliseconds(theirs.median()),
                milliseconds(theirs.longest()),
                String::new(),
            ],
        ],
    }
}

/// A holder of ours that renews until it is killed.
fn hold(namespace: &Namespace<'_>, lock: &str) -> Process {
    let mut command = namespace.admin().plugin_command();
    command.args(["acquire", lock, "--hold"]);
    command.args(["--duration", &format!("{DURATION}s")]);
    command.args(["--renew-deadline", &format!("{DEADLINE}s")]);
    command.args(["--retry-period", &format!("{RETRY}s")]);
    let mut holder = Process::start(&mut command);
    holder.line(LIMIT).expect("it tells that it holds the lock");
    holder
}

fn wait(namespace: &Namespace<'_>, kind: Kind, lock: &str) -> (Witness, lease_tests::Contenders) {
    let [duration, deadline, retry] =
        [DURATION, DEADLINE, RETRY].map(|seconds| Duration::from_secs(seconds.into()));
    let witness = Witness::new();
    let contenders = namespace.contenders(kind, lock, &witness);
    let contenders = contenders.timing(duration, deadline, retry).rounds(1);
    let contenders = contenders.start();
    (witness, contenders)
}

/// When a lease ends that nobody renews any more, in microseconds since 1970: the clock is one.
fn end_of_lease(runtime: &Runtime, namespace: &Namespace<'_>, lock: &str) -> u64 {
    let record = runtime.block_on(async {
        let store = namespace.admin().store().await;
        let lease = store.get(namespace.name(), lock).await.unwrap();
        lease.value.unwrap().snapshot().record.clone()
    });
    let end = record.renew_time.unwrap().as_micros();
    u64::try_from(end).unwrap() + u64::from(DURATION) * 1_000_000
}
