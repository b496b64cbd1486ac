//! Commands that run under a lock and wait for another one.

use lease_tests::{ApiServer, Client, Namespace, Process};
use serde_json::Value;

use super::world::{findings, only, silent, type_next};
use crate::lock::{LIMIT, until};

/// A command that holds `outer` and, when its stdin ends, waits for `inner` under it. Both are a name,
/// and flags that say where.
fn nested(client: &Client, who: &str, outer: &str, inner: &str) -> Process {
    let mut command = client.plugin_command();
    let plugin = command.get_program().to_str().unwrap().to_owned();
    let script =
        format!("echo held; cat; {plugin} run {inner} --identity {who}-inside -- echo both");
    command.arg("run").args(outer.split(' '));
    command.args(["--identity", who, "--", "sh", "-c", &script]);
    let mut process = Process::start(&mut command);
    assert_eq!(process.line(LIMIT).as_deref(), Some("held"));
    process
}

/// Whether somebody waits for a lock.
fn waiting(client: &Client, lock: &str) -> bool {
    let locks = client.plugin(["ls", lock, "-o", "json"]).json();
    locks["status"]["waiters"] == 1
}

fn names(finding: &Value) -> Vec<String> {
    let locks = finding["locks"].as_array().unwrap().iter();
    let name = |key: &str, lock: &Value| lock[key].as_str().unwrap().to_owned();
    locks
        .map(|lock| format!("{}/{}", name("namespace", lock), name("name", lock)))
        .collect()
}

/// Over two namespaces, so that who looks at one has to look farther.
#[test]
fn two_commands_that_wait_for_each_other_are_told_as_a_circle() {
    let server = ApiServer::shared();
    let [here, there] = [(); 2].map(|()| server.namespace("doctor"));
    let client = here.admin();
    let in_place =
        |namespace: &Namespace<'_>, name: &str| format!("{name} -n {}", namespace.name());
    let [x, y] = [in_place(&here, "x"), in_place(&there, "y")];
    let mut ann = nested(client, "ann", &x, &y);
    let mut bob = nested(client, "bob", &y, &x);
    ann.close_stdin();
    until("ann waits", || waiting(there.admin(), "y"));
    // A chain.
    silent(client, "x");
    silent(there.admin(), "y");

    bob.close_stdin();
    until("bob waits", || waiting(client, "x"));

    let finding = only(client, "x", "DEADLOCK");
    assert_eq!(finding["severity"], "warning");
    let circle = names(&finding);
    assert_eq!(circle.len(), 2, "{finding:#}");
    let message = finding["message"].as_str().unwrap();
    let [x, y] = [format!("{}/x", here.name()), format!("{}/y", there.name())];
    for turn in [
        format!("ann holds {x} and waits for {y}"),
        format!("bob holds {y} and waits for {x}"),
    ] {
        assert!(message.contains(&turn), "{message}");
    }
    // From the other side it is the same, and of all locks it is one.
    assert_eq!(names(&only(there.admin(), "y", "DEADLOCK")), circle);
    assert_eq!(findings(client, &[]).len(), 1);
    let all = findings(client, &["-A"]);
    let circles = all.iter().filter(|finding| names(finding) == circle);
    assert_eq!(circles.count(), 1, "{all:#?}");
    let shown = type_next(client, &finding).success().stdout;
    assert!(shown.contains("-inside"), "{shown}");

    // What the explanation advises, to the one holder that is to give up.
    client
        .plugin(["release", "x", "--identity", "ann"])
        .success();
    assert_eq!(bob.line(LIMIT).as_deref(), Some("both"));
    assert!(bob.wait(LIMIT).success());
    silent(client, "x");
    let remedy = client.plugin(["doctor", "--explain", "deadlock"]).stdout;
    assert!(
        remedy.contains("kubectl lease release NAME --identity HOLDER"),
        "{remedy}"
    );
}

#[test]
fn a_command_that_waits_for_its_own_lock_is_told_so() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let mut ann = nested(client, "ann", "x", "x");
    silent(client, "x");
    ann.close_stdin();
    until("ann waits", || waiting(client, "x"));
    let finding = only(client, "x", "DEADLOCK");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("waits for itself"), "{message}");
    assert_eq!(findings(client, &[]).len(), 1);
    ann.terminate();
    ann.wait(LIMIT);
    silent(client, "x");
}
