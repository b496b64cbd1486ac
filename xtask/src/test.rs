//! Every layer of the tests, in order.

use crate::report::Report;
use crate::{components, hosts, parts, policies, program, toolchain};

/// Run every layer of the tests, bringing what they need
///
/// A failing step does not keep the next ones from running. Exit code 1 if any failed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Layers to leave out
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LAYERS")]
    without: Vec<Layer>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Layer {
    /// The real API server, kubectl and client-go: all that needs Go
    Cluster,
    /// The component in Python and Node, and a policy in JavaScript
    Hosts,
}

const CLUSTER_TESTS: &str = "cluster tests";
const HOSTS: &str = "hosts";
const PARTS: &str = "parts";

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { without } = args;
    let mut report = Report::default();

    report.step("rustfmt", || cargo(&["fmt", "--all", "--check"]));
    report.step("clippy", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    });
    report.step("lean build", || {
        // Without policies, of which little may be left, and nothing that runs them.
        let lean = ["-p", "kubectl-lease", "--no-default-features"];
        let lints = ["--all-targets", "--", "-D", "warnings"];
        cargo(&[&["clippy"][..], &lean, &lints].concat())?;
        cargo(&[&["test"][..], &lean, &["--test", "command_line", "lean"]].concat())
    });
    report.step("core for wasm", || {
        toolchain::ensure_target(toolchain::WASM)?;
        cargo(&["build", "-p", "lease-core", "--target", toolchain::WASM])
    });
    report.step("component", || {
        components::run(&components::Args::default())?;
        // What is compiled for nothing else.
        let mut clippy = vec!["clippy", "--target", toolchain::WASM, "-p", "lease-lock"];
        clippy.extend(policies::names().flat_map(|name| ["-p", name]));
        clippy.extend(["--", "-D", "warnings"]);
        cargo(&clippy)
    });
    report.step("documentation", || {
        program::run(
            program::cargo()
                .args(["doc", "--no-deps", "--workspace"])
                .env("RUSTDOCFLAGS", "-Dwarnings"),
        )
    });
    report.step("tests of the crates", || {
        // All of them, whichever fails first.
        let all = ["--workspace", "--exclude", "lease-tests"];
        cargo(&[&["test", "--no-fail-fast"][..], &all].concat())
    });

    let has_hosts = if without.contains(&Layer::Hosts) {
        report.skip(HOSTS, "--without hosts");
        false
    } else {
        report.step(HOSTS, || {
            hosts::bring()?;
            components::run(&components::Args::with_javascript())
        })
    };

    if without.contains(&Layer::Cluster) {
        report.skip(PARTS, "--without cluster");
        report.skip(CLUSTER_TESTS, "--without cluster");
    } else if report.step(PARTS, || parts::run(&parts::Args {})) {
        report.step(CLUSTER_TESTS, || {
            // The tests run these; being other crates', they are not built for them.
            cargo(&["build", "-p", "kubectl-lease"])?;
            cargo(&["build", "-p", "lease-wall-clock"])?;
            let mut tests = program::cargo();
            tests.args(["test", "-p", "lease-tests"]);
            if !has_hosts {
                tests.args(["--", "--skip", "hosts::", "--skip", "javascript::"]);
            }
            program::run(&mut tests)
        });
    } else {
        report.skip(CLUSTER_TESTS, "the parts are missing");
    }
    report.finish()
}

fn cargo(args: &[&str]) -> anyhow::Result<()> {
    program::run(program::cargo().args(args))
}
