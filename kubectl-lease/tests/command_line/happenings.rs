//! `watch` without a terminal: a line, or an object, for each thing that happens.

use std::process::Command;
use std::time::{Duration, Instant};

use lease_sandbox::DeleteOptions;
use serde_json::{Value, json};

use crate::cluster::{Sandbox, lease};
use crate::shell::Said;
use crate::transcript::Transcript;
use crate::watched::{LIMIT, Stream, Watched};
use lease_terminal::Terminal;

fn watch(sandbox: &Sandbox, line: &str) -> Watched {
    let args = format!("watch {line}");
    Watched::start(&mut sandbox.shell.command(args.split_whitespace()))
}

fn hold(sandbox: &Sandbox, name: &str, holder: &str, seconds: i32) {
    sandbox.change(name, |lease| {
        let transitions = lease["spec"]["leaseTransitions"].clone();
        lease["spec"] = sandbox.record(holder, seconds, 0);
        lease["spec"]["leaseTransitions"] = transitions;
    });
}

fn delete(sandbox: &Sandbox, name: &str) {
    let options = DeleteOptions::default();
    sandbox.cluster.delete("work", name, &options).unwrap();
}

/// The next line without its time, which has to be one of the day.
#[track_caller]
fn next(watched: &mut Watched) -> String {
    let line = watched.line(Stream::Stdout);
    let (time, rest) = line.split_once("  ").unwrap();
    let time_of_day = regex::Regex::new(r"^\d\d:\d\d:\d\d\.\d{3}$").unwrap();
    assert!(time_of_day.is_match(time), "{line}");
    rest.to_owned()
}

fn next_object(watched: &mut Watched) -> Value {
    serde_json::from_str(&watched.line(Stream::Stdout)).unwrap()
}

#[test]
fn each_thing_that_happens_is_a_line() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    sandbox.lock("free", "", 1, 600);
    sandbox.lock("dead", "dan", 15, 600);
    let mut watched = watch(&sandbox, "");
    // How all stand, by name.
    assert_eq!(
        next(&mut watched),
        "work/dead  expired, held by dan, renewed 10m ago"
    );
    assert_eq!(next(&mut watched), "work/free  free");
    assert_eq!(
        next(&mut watched),
        "work/one  held by alice, renewed 3s ago"
    );

    hold(&sandbox, "one", "bob", 600);
    assert_eq!(next(&mut watched), "work/one  acquired by bob from alice");
    sandbox.change("one", |lease| {
        lease["spec"]["renewTime"] = json!("2020-01-02T10:00:01.000000Z");
    });
    let renewed = next(&mut watched);
    assert!(
        renewed.starts_with("work/one  renewed after 0."),
        "{renewed}"
    );
    sandbox.change("one", |lease| {
        lease["metadata"]["labels"] = json!({"a": "b"});
    });
    assert_eq!(next(&mut watched), "work/one  changed");
    sandbox.ticket("one", "carol", 1);
    assert_eq!(next(&mut watched), "work/one  1 waits");
    sandbox.ticket("one", "erin", 1);
    assert_eq!(next(&mut watched), "work/one  2 wait");
    delete(&sandbox, "one-ticket-carol");
    delete(&sandbox, "one-ticket-erin");
    assert_eq!(next(&mut watched), "work/one  1 waits");
    assert_eq!(next(&mut watched), "work/one  nobody waits");
    // As a release hands it over to who waits.
    sandbox.change("one", |lease| {
        lease["spec"]["holderIdentity"] = json!("frank");
        lease["metadata"]["annotations"] = json!({
            "kubectl-lease.io/granted-to": "frank",
            "kubectl-lease.io/granted-ticket": "ticket/uid",
        });
    });
    assert_eq!(next(&mut watched), "work/one  offered to frank");
    sandbox.change("one", |lease| {
        lease["spec"]["holderIdentity"] = json!("");
        lease["metadata"]["annotations"] = json!({});
    });
    assert_eq!(next(&mut watched), "work/one  released by frank");
    delete(&sandbox, "one");
    assert_eq!(next(&mut watched), "work/one  deleted");
    sandbox.lock("two", "gina", 600, 0);
    assert_eq!(
        next(&mut watched),
        "work/two  created, held by gina, renewed 0s ago"
    );
    // What only time does.
    hold(&sandbox, "two", "gina", 1);
    assert!(next(&mut watched).starts_with("work/two  "));
    sandbox.change("two", |lease| {
        lease["spec"]["renewTime"] = json!("2020-01-02T10:00:05.000000Z");
    });
    assert!(next(&mut watched).starts_with("work/two  renewed after "));
    assert_eq!(next(&mut watched), "work/two  late");
    assert_eq!(next(&mut watched), "work/two  expired");
}

#[test]
fn each_thing_that_happens_is_an_object() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "ali\u{1b}ce", 600, 3);
    let mut watched = watch(&sandbox, "-o json");
    let line = watched.line(Stream::Stdout);
    assert!(line.contains(r"ali\u001bce"), "{line}");
    let first: Value = serde_json::from_str(&line).unwrap();
    let version = |name: &str| {
        sandbox.cluster.get("work", name).unwrap()["metadata"]["resourceVersion"].clone()
    };
    let expected = |first: &Value, what: &str, holder: Value, from: Value| {
        json!({
            "time": first["time"], "namespace": "work", "name": "one", "what": what,
            "holder": holder, "from": from, "after_seconds": null, "waiters": 0,
            "state": "held", "resourceVersion": version("one"),
        })
    };
    assert_eq!(
        first,
        expected(&first, "listed", json!("ali\u{1b}ce"), json!(null))
    );
    // As any reader of dates has it.
    let time: jiff::Timestamp = first["time"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(time).as_secs() < 600);
    // In the order of the words, for people.
    assert!(line.starts_with("{\"time\":\""), "{line}");

    hold(&sandbox, "one", "bob", 600);
    let acquired = next_object(&mut watched);
    assert_eq!(
        acquired,
        expected(&acquired, "acquired", json!("bob"), json!("ali\u{1b}ce"))
    );
    sandbox.change("one", |lease| {
        lease["spec"]["renewTime"] = json!("2020-01-02T10:00:01.000000Z");
    });
    let mut renewed = next_object(&mut watched);
    let after = renewed["after_seconds"].take().as_f64().unwrap();
    assert!((0.0..LIMIT.as_secs_f64()).contains(&after), "{after}");
    assert_eq!(
        renewed,
        expected(&renewed, "renewed", json!("bob"), json!(null))
    );
    sandbox.change("one", |lease| lease["spec"]["holderIdentity"] = json!(""));
    let released = next_object(&mut watched);
    assert_eq!(released["what"], "released");
    assert_eq!(
        (&released["holder"], &released["from"]),
        (&json!(null), &json!("bob"))
    );
    assert_eq!(released["state"], "free");
    sandbox.ticket("one", "carol", 1);
    let waiters = next_object(&mut watched);
    assert_eq!(
        (&waiters["what"], &waiters["waiters"]),
        (&json!("waiters"), &json!(1))
    );
}

#[test]
fn a_terminal_that_cannot_place_its_cursor_gets_lines() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    for how in ["env TERM=dumb PROGRAM watch", "env PROGRAM watch -o json"] {
        let line = how.replace("PROGRAM", env!("CARGO_BIN_EXE_kubectl-lease"));
        let mut words = line.split_whitespace();
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .env("KUBECONFIG", sandbox.shell.kubeconfig());
        let mut terminal = Terminal::start(&command, 120, 10);
        let text = terminal.wait_for(|text| text.contains("alice"));
        assert!(!text.contains("EXPIRES"), "{text}");
        assert!(terminal.is_restored(), "{how}");
    }
}

#[test]
fn formats_of_leases_are_refused_with_what_prints_them() {
    let sandbox = Sandbox::new();
    let mut typed = Transcript::new(&sandbox.shell);
    for format in ["yaml", "wide", "name", "csv"] {
        typed.run(&format!("watch -o {format}"));
    }
    insta::assert_snapshot!("formats", typed.end());
}

#[test]
fn heartbeats_of_nodes_are_left_out() {
    let sandbox = Sandbox::new();
    let heartbeat = |name: &str| lease(name, json!({"holderIdentity": name}));
    sandbox.seed(5, "kube-node-lease", &heartbeat("node-1"));
    sandbox.lock("one", "alice", 600, 1);
    let mut all = watch(&sandbox, "-A");
    assert!(next(&mut all).starts_with("work/one  held by alice"));
    assert_eq!(
        all.line(Stream::Stderr),
        "1 heartbeat of a node is left out; see with \
         `kubectl-lease watch -n kube-node-lease`"
    );
    let mut some = watch(&sandbox, "-n kube-node-lease");
    assert!(next(&mut some).starts_with("kube-node-lease/node-1  "));
    sandbox.seed(0, "kube-node-lease", &heartbeat("node-2"));
    assert!(next(&mut some).starts_with("kube-node-lease/node-2  created"));
    hold(&sandbox, "one", "bob", 600);
    assert_eq!(next(&mut all), "work/one  acquired by bob from alice");
}

#[test]
fn an_interruption_is_told_once_and_so_is_its_end() {
    let mut sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    sandbox.lock("two", "bob", 600, 1);
    let mut watched = watch(&sandbox, "");
    next(&mut watched);
    next(&mut watched);
    hold(&sandbox, "two", "bob", 3);
    let held = Instant::now();
    assert_eq!(next(&mut watched), "work/two  renewed");
    sandbox.unplug();
    let told = watched.line(Stream::Stderr);
    let ending = "; until it is back, what was told is as old as this";
    assert!(told.ends_with(ending), "{told}");
    // It would be over by now, but its holder may renew unseen.
    std::thread::sleep(Duration::from_millis(3_500).saturating_sub(held.elapsed()));
    sandbox.change("two", |lease| {
        lease["spec"]["renewTime"] = json!("2020-01-02T10:00:01.000000Z");
    });
    hold(&sandbox, "one", "carol", 600);
    sandbox.plug_in();
    assert_eq!(
        watched.line(Stream::Stderr),
        "connected to the API server again"
    );
    watched.until(|said| {
        said.stdout
            .contains("work/one  acquired by carol from alice")
            && said.stdout.contains("work/two  renewed after ")
    });
    let said = watched.said();
    assert_eq!(said.stderr.lines().count(), 2, "{said:?}");
    assert!(!said.stdout.contains("expired"), "{said:?}");
}

#[test]
fn what_cannot_be_heard_is_an_error() {
    let mut sandbox = Sandbox::new();
    sandbox.unplug();
    let said = watch(&sandbox, "").end();
    assert_eq!(said.code, Some(1), "{said:?}");
    let expected = "error: cannot connect to the API server";
    assert!(said.stderr.starts_with(expected), "{said:?}");
}

/// As with `| head`: who has read enough goes away.
#[test]
fn a_reader_that_goes_away_ends_it() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sandbox.shell.command(["watch"]);
    let mut child = command.stdout(writer).spawn().unwrap();
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it tells nobody");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(0));
}

/// Times are those of whoever reads them; programs are told in UTC.
#[test]
fn times_are_where_the_reader_is() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    let file = sandbox.shell.home().join("incident.jsonl");
    let header = r#"{"recording":"kubectl-lease","version":1,"program":"0.1.0","time":"2026-11-21T10:00:00Z","context":"","namespace":"work"}"#;
    let lease = sandbox.cluster.get("work", "one").unwrap();
    let listed = json!({
        "ms": 0, "time": "2026-11-21T22:00:00.123456Z", "what": "listed", "leases": [*lease],
    });
    std::fs::write(&file, format!("{header}\n{listed}\n")).unwrap();
    let replay = |zone: &str, more: &[&str]| {
        let mut command = sandbox.shell.command(["watch", "--replay"]);
        command.arg(&file).args(more).env("TZ", zone);
        Said::of(&mut command).stdout
    };
    assert!(replay("UTC0", &[]).starts_with("22:00:00.123  work/one  "));
    assert!(replay("JST-9", &[]).starts_with("07:00:00.123  work/one  "));
    let json = replay("JST-9", &["-o", "json"]);
    assert!(
        json.starts_with("{\"time\":\"2026-11-21T22:00:00.123456Z\""),
        "{json}"
    );
}
