//! `-w` on a pipe: what changes, in the order in which it changes.

use std::time::Duration;

use lease_tests::{ApiServer, Client, Process};
use serde_json::json;

use super::row::leases;
use crate::lock::{held, patch};

/// How long a line may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The leases that a watch tells of, while leases come, change and go. Each line is waited for
/// before the next thing is done.
fn told(client: &Client, watch: &mut Process, heading: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut next = |count: usize| {
        for _ in 0..count {
            lines.push(watch.line(LIMIT).expect("the watch goes on"));
        }
    };
    next(2 + usize::from(heading));
    client.create(&held("new", "alice", 600));
    next(1);
    patch(
        client,
        "second",
        "test",
        &json!({"spec": {"holderIdentity": "bob"}}),
    );
    next(1);
    patch(
        client,
        "first",
        "test",
        &json!({"metadata": {"labels": {"a": "b"}}}),
    );
    next(1);
    client.kubectl(["delete", "lease", "new"]).success();
    next(1);
    client.create(&held("new", "carol", 600));
    next(1);
    leases(&lines.join("\n"))
}

#[test]
fn a_watch_tells_of_the_same_leases_in_the_same_order() {
    for (args, heading) in [
        ("-w", true),
        ("-w --no-headers", false),
        ("-w -o name", false),
    ] {
        let watched = |is_kubectl: bool| {
            let namespace = ApiServer::shared().namespace("watch");
            let client = namespace.admin();
            client.create_all(&[held("first", "alice", 600), held("second", "alice", 600)]);
            let mut command = if is_kubectl {
                client.kubectl_command()
            } else {
                client.plugin_command()
            };
            let verb: &[_] = if is_kubectl {
                &["get", "leases"]
            } else {
                &["ls"]
            };
            let mut watch = Process::start(command.args(verb).args(args.split_whitespace()));
            told(client, &mut watch, heading)
        };
        assert_eq!(watched(false), watched(true), "{args}");
    }
}
