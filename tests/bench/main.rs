//! Measures what PERFORMANCE asks for beside kubectl, in one run, and writes the page of results.
//!
//! Only ratios within one run mean something: server, programs and load share one machine.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that meets a surprise should fail"
)]

mod listing;
mod page;
mod sample;
mod seed;
mod starting;

use std::path::PathBuf;

use lease_tests::ApiServer;

/// How many leases a large cluster has.
const MANY: usize = 10_000;
/// More than any cluster should have.
const VERY_MANY: usize = 100_000;

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == sample::RUN).is_some() {
        sample::run_and_tell(arguments);
        return;
    }
    let (arguments, flags): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .map(PathBuf::from)
        .partition(|argument| argument.as_os_str() != "--large");
    let [plugin, target] = arguments.as_slice() else {
        eprintln!(
            "usage: bench [--large] KUBECTL-LEASE PAGE; `cargo xtask bench` builds both and calls \
             this"
        );
        std::process::exit(1);
    };
    let is_large = !flags.is_empty();
    // The programs are started in another folder.
    let plugin = plugin.canonicalize().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    println!("starting the API server");
    let server = ApiServer::start();
    let admin = server.admin();

    println!("measuring the start");
    let mut tables = vec![starting::measure(admin, &plugin)];
    println!("creating {MANY} leases");
    runtime.block_on(seed::create(admin.kubeconfig(), 0..MANY));
    println!("measuring lists");
    tables.push(listing::one(admin, &plugin));
    tables.push(listing::all(&runtime, admin, &plugin, MANY));
    if is_large {
        println!("creating more, up to {VERY_MANY} leases");
        runtime.block_on(seed::create(admin.kubeconfig(), MANY..VERY_MANY));
        println!("measuring their list");
        tables.push(listing::all(&runtime, admin, &plugin, VERY_MANY));
    }

    let text = page::render(&tables);
    print!("\n{text}");
    std::fs::write(target, text).unwrap();
    println!("written to {}", target.display());
}
