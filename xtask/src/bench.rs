//! The measurements beside the peers.

use crate::{parts, program, workspace};

/// Measure the program beside kubectl and write docs/performance.md
///
/// Builds everything for release first. Let the machine be idle meanwhile.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure a list of 100,000 leases too, which takes some minutes more
    #[arg(long)]
    large: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { large } = args;
    parts::run(&parts::Args {})?;
    program::run(program::cargo().args(["build", "--release", "-p", "kubectl-lease"]))?;
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
            .args(large.then_some("--large"))
            .arg(target.join("release/kubectl-lease"))
            .arg(workspace::root().join("docs/performance.md")),
    )
}
