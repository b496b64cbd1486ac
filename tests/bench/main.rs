//! Measures what PERFORMANCE asks for beside kubectl and the peers, in one run, and writes the page
//! of results.
//!
//! Only ratios within one run mean something: server, programs and load share one machine.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that meets a surprise should fail"
)]

mod cluster;
mod coming_late;
mod crowd;
mod diagnosing;
mod embedding;
mod figures;
mod handing_over;
mod judging;
mod listing;
mod live_table;
mod page;
mod programs;
mod sample;
mod seed;
mod starting;
mod taking_over;
mod waiting;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lease_tests::{ApiServer, Kind, LeaseRequests};
use tokio::runtime::Runtime;

use self::coming_late::Expired;
use self::handing_over::Contest;
use self::page::Section;

/// How many leases a large cluster has.
const MANY: usize = 10_000;
/// More than any cluster should have.
const VERY_MANY: usize = 100_000;

const CONTESTS: [Contest; 2] = [
    Contest {
        contenders: 20,
        first: Duration::from_secs(4),
        hold: Duration::from_millis(200),
        rounds: 5,
        kinds: &[Kind::Run, Kind::Etcdctl, Kind::ClientGo, Kind::Leaselocker],
    },
    Contest {
        contenders: 100,
        first: Duration::from_secs(10),
        hold: Duration::from_millis(100),
        rounds: 2,
        kinds: &[Kind::Run, Kind::Etcdctl, Kind::ClientGo],
    },
];

/// What can be measured alone.
const DIAGNOSIS: &str = "--diagnosis";
const HOSTS: &str = "--hosts";
const LISTS: &str = "--lists";
const LIVE: &str = "--live";
const LOCKS: &str = "--locks";

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == sample::RUN).is_some() {
        sample::run_and_tell(arguments);
        return;
    }
    let (flags, paths): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .map(PathBuf::from)
        .partition(|argument| argument.to_string_lossy().starts_with("--"));
    let [plugin, host, target] = paths.as_slice() else {
        eprintln!(
            "usage: bench [--large] [--diagnosis|--hosts|--lists|--live|--locks] KUBECTL-LEASE \
             MEASURE PAGE; `cargo xtask bench` builds all and calls this"
        );
        std::process::exit(1);
    };
    // The programs are started in another folder.
    let plugin = plugin.canonicalize().unwrap();
    let is_given = |flag: &str| flags.iter().any(|given| given.as_os_str() == flag);

    let is_part = [DIAGNOSIS, HOSTS, LISTS, LIVE, LOCKS]
        .into_iter()
        .any(is_given);
    let is_wanted = |part: &str| !is_part || is_given(part);

    let mut sections = Vec::new();
    if is_wanted(LISTS) {
        sections.extend(lists(&plugin, is_given("--large")));
    }
    if is_wanted(DIAGNOSIS) {
        sections.push(diagnosing::measure(&runtime(), &plugin));
    }
    if is_wanted(LIVE) {
        sections.extend(live_table::measure(&runtime(), &plugin));
    }
    if is_wanted(LOCKS) {
        sections.extend(locks());
    }
    if is_wanted(HOSTS) {
        println!("measuring the component");
        sections.push(embedding::measure(host));
    }

    let text = page::render(&sections);
    print!("\n{text}");
    let text = if is_part {
        page::update(&std::fs::read_to_string(target).unwrap(), &sections)
    } else {
        text
    };
    std::fs::write(target, text).unwrap();
    println!("written to {}", target.display());
}

/// What many leases cost.
fn lists(plugin: &Path, is_large: bool) -> Vec<Section> {
    let runtime = runtime();
    println!("starting an API server");
    let server = ApiServer::start();
    let admin = server.admin();

    println!("measuring the start");
    let mut tables = vec![starting::measure(admin, plugin)];
    println!("measuring policies");
    let lock = std::iter::once(judging::LOCK.to_owned());
    runtime.block_on(seed::create(admin.kubeconfig(), "default", lock, 3600));
    let policies = judging::measure(admin, plugin);
    println!("creating {MANY} leases");
    let create = |numbers: Range<usize>| {
        let names = numbers.map(|number| format!("lock-{number:05}"));
        runtime.block_on(seed::create(admin.kubeconfig(), "default", names, 3600));
    };
    create(0..MANY);
    println!("measuring lists");
    tables.push(listing::one(admin, plugin));
    tables.push(listing::all(&runtime, admin, plugin, MANY));
    if is_large {
        println!("creating more, up to {VERY_MANY} leases");
        create(MANY..VERY_MANY);
        println!("measuring their list");
        tables.push(listing::all(&runtime, admin, plugin, VERY_MANY));
    }
    let mut sections: Vec<_> = tables.into_iter().map(programs::Table::section).collect();
    sections.insert(1, policies);
    sections
}

/// What contending for a lock costs.
fn locks() -> Vec<Section> {
    let runtime = runtime();
    println!("starting an API server");
    let server = ApiServer::builder()
        .flag(LeaseRequests::ONLY_OTHERS)
        .start();
    let expired = Expired::create(&runtime, &server);
    let mut sections = Vec::new();
    // It takes minutes: told as it comes.
    let mut tell = |section: Section| {
        print!("{}", page::render_section(&section));
        sections.push(section);
    };
    for contest in &CONTESTS {
        println!("measuring hand-overs among {}", contest.contenders);
        tell(handing_over::measure(&server, contest));
    }
    println!("measuring hand-overs in crowds");
    tell(crowd::measure(&runtime, &server));
    println!("measuring who waits");
    tell(waiting::measure(&runtime, &server));
    println!("measuring takeovers");
    tell(taking_over::measure(&runtime, &server));
    println!("measuring newcomers");
    tell(expired.measure(&server));
    sections
}

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}
