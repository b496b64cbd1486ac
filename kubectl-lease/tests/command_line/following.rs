//! `ls --watch` on a pipe.

use std::time::Instant;

use lease_sandbox::DeleteOptions;
use serde_json::{Value, json};

use crate::cluster::{Sandbox, lease};
use crate::transcript::Transcript;
use crate::watched::{LIMIT, Stream, Watched};

fn follow(sandbox: &Sandbox, line: &str) -> Watched {
    let args = format!("ls --watch {line}");
    Watched::start(&mut sandbox.shell.command(args.split_whitespace()))
}

fn delete(sandbox: &Sandbox, name: &str) {
    let options = DeleteOptions::default();
    sandbox.cluster.delete("work", name, &options).unwrap();
}

fn hold(sandbox: &Sandbox, name: &str, holder: &str) {
    sandbox.change(name, |lease| {
        lease["spec"] = sandbox.record(holder, 600, 0);
    });
}

/// The next lines of stdout.
fn lines(watched: &mut Watched, count: usize) -> Vec<String> {
    (0..count).map(|_| watched.line(Stream::Stdout)).collect()
}

/// The first words of a row that has no namespace: name, state and holder.
fn words(row: &str) -> String {
    let words: Vec<&str> = row.split_whitespace().take(3).collect();
    words.join(" ")
}

/// The text that JSON objects make that come one after the other.
fn next_object(watched: &mut Watched) -> Value {
    let mut text = String::new();
    loop {
        let line = watched.line(Stream::Stdout);
        text += &line;
        if line == "}" {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[test]
fn each_change_is_a_row() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    sandbox.lock("two", "bob", 600, 3);
    let mut watched = follow(&sandbox, "");
    assert!(lines(&mut watched, 1)[0].starts_with("NAME    STATE   HOLDER   RENEWED"));
    let first = lines(&mut watched, 2).join("\n");
    assert!(
        first.starts_with("one     held    alice    3s ago    in 9m57s"),
        "{first}"
    );

    hold(&sandbox, "two", "carol");
    let row = lines(&mut watched, 1).remove(0);
    assert!(
        row.starts_with("two     held    carol    0s ago    in 10m"),
        "{row}"
    );
    sandbox.lock("three", "dave", 600, 0);
    assert_eq!(words(&lines(&mut watched, 1)[0]), "three held dave");
    // What is gone is told, too, as it was.
    delete(&sandbox, "one");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held alice");
    // Columns get wider where they have to, and stay so.
    let long = "x".repeat(30);
    sandbox.lock("a-long-name", &long, 600, 0);
    let row = lines(&mut watched, 1).remove(0);
    assert!(
        row.starts_with(&format!("a-long-name    held    {long}   ")),
        "{row}"
    );
    hold(&sandbox, "two", "eve");
    let row = lines(&mut watched, 1).remove(0);
    let expected = format!("two            held    eve{}   0s ago", " ".repeat(27));
    assert!(row.starts_with(&expected), "{row}");
}

#[test]
fn titles_come_with_the_first_row() {
    let sandbox = Sandbox::new();
    let mut watched = follow(&sandbox, "-A");
    sandbox.lock("one", "alice", 600, 0);
    let both = lines(&mut watched, 2);
    assert!(both[0].starts_with("NAMESPACE   NAME    STATE"), "{both:?}");
    assert!(both[1].starts_with("work        one     held"), "{both:?}");
    hold(&sandbox, "one", "bob");
    assert!(lines(&mut watched, 1)[0].starts_with("work        one     held    bob"));
}

#[test]
fn other_formats_are_followed_too() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let mut names = follow(&sandbox, "-o name --sort-by name");
    let mut json = follow(&sandbox, "-o json");
    let mut yaml = follow(&sandbox, "-o yaml");
    assert_eq!(names.line(Stream::Stdout), "lease.coordination.k8s.io/one");
    let first = next_object(&mut json);
    assert_eq!(first["kind"], "Lease");
    assert_eq!(first["metadata"]["managedFields"], json!(null));
    assert_eq!(first["status"]["basis"], "stamped");
    while yaml.line(Stream::Stdout) != "  waiters: 0" {}

    hold(&sandbox, "one", "bob");
    assert_eq!(names.line(Stream::Stdout), "lease.coordination.k8s.io/one");
    let second = next_object(&mut json);
    assert_eq!(second["spec"]["holderIdentity"], "bob");
    assert_eq!(second["status"]["state"], "held");
    assert_eq!(second["status"]["basis"], "observed");
    assert_eq!(
        lines(&mut yaml, 2),
        ["---", "apiVersion: coordination.k8s.io/v1"]
    );

    delete(&sandbox, "one");
    assert_eq!(names.line(Stream::Stdout), "lease.coordination.k8s.io/one");
    let last = next_object(&mut json);
    assert_eq!(last["spec"]["holderIdentity"], "bob");
}

/// Nothing is written to a lock whose holder has died, and yet it stands otherwise.
#[test]
fn a_lock_that_expires_is_a_row() {
    let sandbox = Sandbox::new();
    // With the margin of 5 s, it is over in 3 s.
    sandbox.lock("one", "alice", 15, 18);
    let started = Instant::now();
    let mut watched = follow(&sandbox, "--no-headers");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one ?late alice");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one !expired alice");
    assert!(started.elapsed() < LIMIT);
}

#[test]
fn what_is_wanted_is_shown_until_it_is_not_any_more() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 15, 600);
    sandbox.lock("two", "bob", 15, 600);
    sandbox.lock("live", "carol", 600, 1);
    let mut watched = follow(&sandbox, "--stuck --no-headers --sort-by holder");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one !expired alice");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "two !expired bob");
    hold(&sandbox, "live", "dave");
    // It leaves the list, which is told once, as kubectl does where a selector is left.
    hold(&sandbox, "two", "eve");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "two held eve");
    hold(&sandbox, "two", "frank");
    delete(&sandbox, "live");
    delete(&sandbox, "one");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one !expired alice");
}

#[test]
fn heartbeats_of_nodes_are_left_out_of_rows() {
    let sandbox = Sandbox::new();
    let heartbeat = lease("node-1", json!({"holderIdentity": "node-1"}));
    sandbox.seed(5, "kube-node-lease", &heartbeat);
    sandbox.lock("one", "alice", 600, 1);
    let mut rows = follow(&sandbox, "-A --no-headers");
    let mut names = follow(&sandbox, "-A -o name");
    assert!(rows.line(Stream::Stdout).contains(" alice "));
    assert_eq!(
        names.line(Stream::Stdout),
        "lease.coordination.k8s.io/node-1"
    );
    assert_eq!(names.line(Stream::Stdout), "lease.coordination.k8s.io/one");
    let heartbeat = lease("node-2", json!({"holderIdentity": "node-2"}));
    sandbox.seed(0, "kube-node-lease", &heartbeat);
    assert_eq!(
        names.line(Stream::Stdout),
        "lease.coordination.k8s.io/node-2"
    );
    hold(&sandbox, "one", "bob");
    assert!(rows.line(Stream::Stdout).contains(" bob "));
    let note = "1 heartbeat of a node is left out";
    while !rows.said().stderr.contains(note) {
        rows.line(Stream::Stderr);
    }
}

#[test]
fn one_name_is_followed() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    sandbox.lock("two", "bob", 600, 1);
    let mut watched = follow(&sandbox, "lease/one --no-headers");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held alice");
    hold(&sandbox, "two", "eve");
    hold(&sandbox, "one", "carol");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held carol");
    delete(&sandbox, "one");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held carol");
    // As kubectl, it stays.
    sandbox.lock("one", "dave", 600, 0);
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held dave");
}

#[test]
fn what_cannot_be_followed_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls -w one two");
    typed.run("ls -w missing");
    typed.run("ls -w one -A");
    typed.run("ls -w --field-selector spec.renewTime=0");
    typed.run("ls -w --sort-by .metadata");
    insta::assert_snapshot!("not-followed", typed.end());
}

#[test]
fn an_interruption_is_told_once_and_so_is_its_end() {
    let mut sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    let mut watched = follow(&sandbox, "--no-headers");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held alice");
    sandbox.unplug();
    let told = watched.line(Stream::Stderr);
    assert!(
        told.ends_with("; until it is back, what was shown is as old as this"),
        "{told}"
    );
    hold(&sandbox, "one", "carol");
    sandbox.plug_in();
    assert_eq!(
        watched.line(Stream::Stderr),
        "connected to the API server again"
    );
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held carol");
    let said = watched.said();
    assert_eq!(said.stderr.lines().count(), 2, "{said:?}");
}

/// The server has forgotten what happened meanwhile, so all is listed again.
#[test]
fn after_a_list_anew_only_what_differs_is_told() {
    let mut sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        sandbox.lock(name, "alice", 600, 1);
    }
    let mut watched = follow(&sandbox, "--no-headers");
    lines(&mut watched, 3);
    sandbox.unplug();
    hold(&sandbox, "two", "bob");
    delete(&sandbox, "three");
    sandbox.cluster.compact();
    sandbox.plug_in();
    assert_eq!(words(&lines(&mut watched, 1)[0]), "three held alice");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "two held bob");
    hold(&sandbox, "one", "carol");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one held carol");
}

/// What the API server did not stamp is learned by watching.
#[test]
fn a_lock_without_a_stamp_is_judged_by_what_is_seen_of_it() {
    let sandbox = Sandbox::new();
    // It is looked at once a second, which must not miss that it is late.
    sandbox.unstamped("one", "alice", 4, 600);
    let mut watched = follow(&sandbox, "--no-headers");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one ?unknown alice");
    assert_eq!(words(&lines(&mut watched, 1)[0]), "one !expired alice");
    sandbox.change("one", |lease| {
        lease["spec"] = sandbox.record("bob", 4, 0);
        lease["metadata"]["managedFields"] = json!([]);
    });
    for state in ["held", "?late", "!expired"] {
        let row = lines(&mut watched, 1).remove(0);
        assert_eq!(words(&row), format!("one {state} bob"));
    }
}

#[test]
fn a_server_that_is_not_there_is_not_waited_for() {
    let mut sandbox = Sandbox::new();
    sandbox.unplug();
    let said = follow(&sandbox, "").end();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr
            .starts_with("error: cannot connect to the API server"),
        "{said:?}"
    );
}

/// As with `| head`: who has read enough goes away.
#[test]
fn a_reader_that_goes_away_ends_it() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 1);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = sandbox
        .shell
        .command(["ls", "--watch"])
        .stdout(writer)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it follows for nobody");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(0));
}
