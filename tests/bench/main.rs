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

/// How many leases the large list has.
const LEASES: usize = 10_000;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(plugin), Some(target)) = (arguments.next(), arguments.next()) else {
        eprintln!(
            "usage: bench KUBECTL-LEASE PAGE; `cargo xtask bench` builds both and calls this"
        );
        std::process::exit(1);
    };
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
    println!("creating {LEASES} leases");
    runtime.block_on(seed::create(admin.kubeconfig(), LEASES));
    println!("measuring lists");
    tables.push(listing::one(admin, &plugin));
    tables.push(listing::all(&runtime, admin, &plugin));

    let text = page::render(&tables);
    print!("\n{text}");
    std::fs::write(&target, text).unwrap();
    println!("written to {}", target.display());
}
