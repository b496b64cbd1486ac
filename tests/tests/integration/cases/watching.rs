//! A watch of kubectl on both sides, while leases come, change and go.

use std::time::Duration;

use lease_tests::{ApiServer, Process};

use super::normal::normal;
use super::sandbox::Sandbox;
use super::side::{Side, Tool};

/// How long a line of the watch may take.
const LIMIT: Duration = Duration::from_secs(30);

const SEEN: &str = "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: seen}, \
    spec: {holderIdentity: alice}}";

/// Each line of the watch is waited for before the next thing is done.
fn watched(side: &Side) -> Vec<String> {
    let run = |tool, line: &str| side.run(tool, line, SEEN).success();
    run(Tool::Kubectl, "create -f -");
    let line = "get leases -w --output-watch-events";
    let mut watch = Process::start(&mut side.command(Tool::Kubectl, line));
    let mut lines = Vec::new();
    let mut next = |count: usize| {
        for _ in 0..count {
            let line = watch.line(LIMIT).expect("the watch goes on");
            lines.push(normal(&format!("{line}\n"), side));
        }
    };
    // The heading, and what was there before.
    next(2);
    for (tool, line) in [
        (Tool::Plugin, "acquire --try lock --identity me"),
        (Tool::Plugin, "renew lock --identity me"),
        (Tool::Plugin, "release lock --identity me"),
        (Tool::Kubectl, "delete lease seen"),
        (Tool::Kubectl, "create -f -"),
        (Tool::Kubectl, "delete lease lock"),
    ] {
        run(tool, line);
        next(1);
    }
    lines
}

#[test]
fn a_watch_sees_the_same_on_both() {
    let sandbox = Sandbox::start();
    let namespace = ApiServer::shared().namespace("watch");
    let real = watched(&Side::real(&namespace));
    let imitated = watched(&Side::imitated(&namespace, &sandbox));
    assert_eq!(real, imitated);
    let events: Vec<_> = real
        .iter()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        events,
        [
            "EVENT", "ADDED", "ADDED", "MODIFIED", "MODIFIED", "DELETED", "ADDED", "DELETED"
        ]
    );
}
