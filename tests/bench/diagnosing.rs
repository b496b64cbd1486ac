//! What a diagnosis of a whole cluster costs.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use lease_tests::{ApiServer, Client, Fate, FaultProxy, Output};
use tokio::runtime::Runtime;

use crate::figures::milliseconds;
use crate::page::{Section, verdict};
use crate::programs::megabytes;
use crate::sample::{Sample, interleaved, program};
use crate::{MANY, cluster, seed};

const PODS: usize = 5000;
const NODES: usize = 500;
/// A tenth of all, whose leases are over.
const FEW: usize = MANY / 10;
/// Until they are: they last two seconds, and the margin is five.
const OVER: Duration = Duration::from_secs(8);
/// What a diagnosis of all may take.
const LONGEST: Duration = Duration::from_secs(3);
const MOST_MEMORY: u64 = 150_000_000;
const ROUNDS: usize = 5;

const DOCTOR: &[&str] = &["doctor", "-A"];
const WIDE: &[&str] = &["ls", "-A", "-o", "wide"];
const KUBECTL: &[&str] = &["get", "leases,pods,nodes", "-A"];

pub(crate) fn measure(runtime: &Runtime, plugin: &Path) -> Section {
    println!("starting an API server");
    let server = ApiServer::start();
    let admin = server.admin();
    println!("creating {NODES} nodes, {PODS} pods and {FEW} leases");
    runtime.block_on(async {
        let client = cluster::client(admin.kubeconfig()).await;
        cluster::create(&client, NODES, PODS).await;
    });
    let create = |numbers: Range<usize>, seconds| {
        let names = numbers.map(|number| format!("lock-{number:05}"));
        runtime.block_on(seed::create(admin.kubeconfig(), "default", names, seconds));
    };
    create(0..FEW, 2);
    std::thread::sleep(OVER);
    println!("measuring their diagnosis");
    let few = [DOCTOR, WIDE].map(|args| requests(&server, plugin, args));
    let of_few = samples(admin, plugin, FEW, &[]);
    println!("creating more, up to {MANY} leases");
    create(FEW..MANY, 3600);
    println!("measuring their diagnosis");
    let many = [DOCTOR, WIDE].map(|args| requests(&server, plugin, args));
    let of_many = samples(admin, plugin, MANY, KUBECTL);
    section(&of_few, &of_many, few, many)
}

/// How many requests a command sends.
fn requests(server: &ApiServer, plugin: &Path, args: &[&str]) -> usize {
    let proxy = FaultProxy::before(server, |_| Fate::Forward);
    let output = Output::of(proxy.client(server.admin()).command(plugin).args(args));
    // 2 is what was found.
    assert!(matches!(output.code, Some(0 | 2)), "{}", output.stderr);
    proxy.seen().len()
}

/// Both commands of ours, and one of kubectl's if it is to be measured.
fn samples(admin: &Client, plugin: &Path, locks: usize, kubectl: &[&str]) -> Vec<Sample> {
    let mut work: Vec<(Sample, Box<dyn FnMut() -> _>)> = Vec::new();
    for args in [DOCTOR, WIDE] {
        let label = format!("`kubectl-lease {}`, {locks} leases", args.join(" "));
        work.push((
            Sample::new(label),
            Box::new(move || program(admin, admin.command(plugin).args(args))),
        ));
    }
    if !kubectl.is_empty() {
        let label = format!("`kubectl {}`, {locks} leases", kubectl.join(" "));
        work.push((
            Sample::new(label),
            Box::new(move || program(admin, admin.kubectl_command().args(kubectl))),
        ));
    }
    interleaved(ROUNDS, work)
}

fn section(of_few: &[Sample], of_many: &[Sample], few: [usize; 2], many: [usize; 2]) -> Section {
    let row = |sample: &Sample, requests: Option<usize>, goal: String| {
        vec![
            sample.label.clone(),
            milliseconds(sample.median()),
            megabytes(sample.peak()),
            requests.map_or_else(String::new, |count| count.to_string()),
            goal,
        ]
    };
    let within = |sample: &Sample| {
        format!(
            "under {} s {}; under {} {}",
            LONGEST.as_secs(),
            verdict(sample.median() < LONGEST),
            megabytes(MOST_MEMORY),
            verdict(sample.peak() < MOST_MEMORY)
        )
    };
    let mut rows = Vec::new();
    for (at, sample) in of_many.iter().enumerate() {
        let goal = if at == 0 {
            within(sample)
        } else {
            String::new()
        };
        rows.push(row(sample, many.get(at).copied(), goal));
    }
    for (at, sample) in of_few.iter().enumerate() {
        let goal = format!(
            "as many requests as for {MANY} {}",
            verdict(few[at] == many[at])
        );
        rows.push(row(sample, Some(few[at]), goal));
    }
    Section {
        title: format!("Diagnosis in a cluster of {PODS} pods and {NODES} nodes, whole process"),
        note: "Ten nodes are not ready, and a thousand leases are over; all others are held. Requests \
               are counted\nby a proxy, in a run of its own.",
        columns: &["", "median", "peak memory", "requests", "goal"],
        rows,
    }
}
