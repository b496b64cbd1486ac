//! What those ask of a server who wait for a lock.

use std::time::Duration;

use lease_tests::{ApiServer, Kind};
use tokio::runtime::Runtime;

use crate::page::{Section, verdict};
use crate::seed;

const KINDS: [Kind; 3] = [Kind::Run, Kind::ClientGo, Kind::Leaselocker];
const WAITERS: u32 = 10;
/// Until all wait.
const SETTLED: Duration = Duration::from_secs(5);
const WHILE: Duration = Duration::from_secs(20);

pub(crate) fn measure(runtime: &Runtime, server: &ApiServer) -> Section {
    let namespace = server.namespace("waiting");
    let names = KINDS.iter().map(|kind| kind.name().to_owned());
    let kubeconfig = namespace.admin().kubeconfig();
    // Nobody renews them.
    runtime.block_on(seed::create(kubeconfig, namespace.name(), names, 3600));
    let witness = lease_tests::Witness::new();
    let rows = KINDS.map(|kind| {
        let contenders = namespace.contenders(kind, kind.name(), &witness);
        let _waiting = contenders.many(WAITERS).start();
        std::thread::sleep(SETTLED);
        let before = server.lease_requests();
        std::thread::sleep(WHILE);
        let requests = server.lease_requests().since(&before).total();
        let a_minute = f64::from(u32::try_from(requests).unwrap()) / f64::from(WAITERS)
            * (60.0 / WHILE.as_secs_f64());
        let (label, goal) = match kind {
            Kind::Run => (
                "`kubectl-lease run NAME -- bash -c ...`",
                format!("none {}", verdict(requests == 0)),
            ),
            Kind::ClientGo => ("client-go", String::new()),
            _ => ("leaselocker", String::new()),
        };
        vec![label.to_owned(), format!("{a_minute:.1}"), goal]
    });
    Section {
        title: "Waiting".to_owned(),
        note: "Requests of each waiter in a minute, with a retry period of 2 s.",
        columns: &["", "requests", "goal"],
        rows: rows.to_vec(),
    }
}
