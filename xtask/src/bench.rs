//! The measurements beside the peers.

use crate::{components, parts, program, workspace};

/// Measure the program beside kubectl and its peers, and write docs/performance.md
///
/// Builds everything for release first. Let the machine be idle meanwhile, for a quarter of an
/// hour.
#[derive(clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Args {
    /// Measure a list of 100,000 leases too, which takes some minutes more
    #[arg(long)]
    large: bool,
    /// Measure what a diagnosis of a large cluster costs alone, and write its sections of the page anew
    #[arg(long, conflicts_with_all = ["large", "hosts", "lists", "live", "locks"])]
    diagnosis: bool,
    /// Measure the component in its hosts alone, and write its sections of the page anew
    #[arg(long, conflicts_with_all = ["large", "lists", "live", "locks"])]
    hosts: bool,
    /// Measure lists alone, and write its sections of the page anew
    #[arg(long, conflicts_with = "locks")]
    lists: bool,
    /// Measure the live table alone, and write its sections of the page anew
    #[arg(long, conflicts_with_all = ["large", "lists", "locks"])]
    live: bool,
    /// Measure locks alone, and write its sections of the page anew
    #[arg(long, conflicts_with = "large")]
    locks: bool,
}

/// What there is of wasmtime in a program that embeds it, of which a release of ours is made small.
const EMBEDDED: [&str; 7] = [
    "cranelift-codegen",
    "cranelift-frontend",
    "regalloc2",
    "wasmparser",
    "wasmtime",
    "wasmtime-environ",
    "wasmtime-internal-cranelift",
];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Args {
        diagnosis,
        large,
        hosts,
        lists,
        live,
        locks,
    } = args;
    parts::run(&parts::Args {})?;
    components::run(&components::Args::default())?;
    crate::hosts::bring()?;
    program::run(program::cargo().args(["build", "--release", "-p", "kubectl-lease"]))?;
    // A program of somebody else's embeds wasmtime as it is, and not made small.
    let measure = ["-p", "lease-host-wasmtime", "--example", "measure"];
    let mut build = program::cargo();
    build.args(["build", "--release"]).args(measure);
    for package in EMBEDDED {
        let as_it_is = format!("profile.release.package.{package}.opt-level=3");
        build.args(["--config", &as_it_is]);
    }
    program::run(&mut build)?;
    let target = workspace::target()?;
    program::run(
        program::cargo()
            .args([
                "run",
                "--release",
                "-p",
                "lease-tests",
                "--bin",
                "bench",
                "--",
            ])
            .args(diagnosis.then_some("--diagnosis"))
            .args(large.then_some("--large"))
            .args(hosts.then_some("--hosts"))
            .args(lists.then_some("--lists"))
            .args(live.then_some("--live"))
            .args(locks.then_some("--locks"))
            .arg(target.join("release/kubectl-lease"))
            .arg(target.join("release/examples/measure"))
            .arg(workspace::root().join("docs/performance.md")),
    )
}
