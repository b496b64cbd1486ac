//! `acquire` where it has to wait, and `--hold`.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::cluster::Sandbox;
use crate::shell::Said;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

/// How long nothing may take that somebody waits for who wants to be gone. It is a second, and
/// what a busy machine adds.
const PROMPTLY: Duration = Duration::from_secs(3);

fn start(sandbox: &Sandbox, line: &str) -> Watched {
    Watched::start(&mut sandbox.shell.command(line.split_whitespace()))
}

fn holder(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.cluster.get("work", name).unwrap()["spec"]["holderIdentity"].clone()
}

#[test]
fn a_lock_that_is_held_is_waited_for_in_line() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 600, 3);
    let mut first = start(&sandbox, "acquire lock --identity first");
    sandbox.wait_for_tickets("lock", 1);
    let second = start(&sandbox, "acquire lock --identity second");
    sandbox.wait_for_tickets("lock", 2);
    let told = first.line(Stream::Stderr);
    assert!(
        told.starts_with("waiting for \"lock\", held by alice for "),
        "{told}"
    );
    assert!(told.ends_with(", we are next"), "{told}");

    let released = sandbox.shell.run("release lock --identity alice");
    assert_eq!(released.stdout, "lease/lock released to first\n");
    let said = first.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stdout
            .starts_with("lease/lock acquired\n  identity: first\n"),
        "{said:?}"
    );
    // Nobody renews it, and nobody attends to it.
    let lease = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 300);
    assert_eq!(lease["spec"]["holderIdentity"], "first");
    let annotations = &lease["metadata"]["annotations"];
    let taker = annotations["kubectl-lease.io/taken-by"].as_str().unwrap();
    assert!(!taker.ends_with(" attends"), "{taker}");
    assert_eq!(
        said.stdout.lines().nth(2).unwrap().trim(),
        format!(
            "token:    {}",
            lease["metadata"]["resourceVersion"].as_str().unwrap()
        )
    );
    sandbox.wait_for_tickets("lock", 1);
    sandbox.shell.run("release lock --identity first");
    assert_eq!(second.end().code, Some(0));
    assert_eq!(holder(&sandbox, "lock"), "second");
    sandbox.wait_for_tickets("lock", 0);
}

#[test]
fn nobody_waits_longer_than_they_said() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 600, 3);
    let mut typed = Transcript::new(&sandbox.shell);
    let started = Instant::now();
    assert_eq!(
        typed.run("acquire lock --identity me --timeout 300ms").code,
        Some(4)
    );
    assert!(started.elapsed() < PROMPTLY);
    assert_eq!(
        typed.run("acquire lock --identity me --timeout 0").code,
        Some(4)
    );
    assert_eq!(typed.run("acquire lock --identity me --try").code, Some(4));
    assert_eq!(
        typed.run("acquire lock --identity alice --timeout 1s").code,
        Some(3)
    );
    typed.run("acquire lock --try --timeout 1s");
    typed.run("acquire lock --preset openshift");
    typed.run("acquire lock --hold --duration 3s --renew-deadline 3s");
    typed.run("acquire lock --hold --dry-run");
    insta::assert_snapshot!("impatient", typed.end());
    sandbox.wait_for_tickets("lock", 0);
}

/// A lock that is free just now is theirs who wait already.
#[test]
fn who_does_not_wait_does_not_pass_by_those_who_do() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "", 1, 600);
    sandbox.ticket("lock", "zoe", 5);
    let said = sandbox.shell.run("acquire lock --try --identity me");
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(
        said.stderr.contains("others wait for \"lock\" already"),
        "{said:?}"
    );
    assert_eq!(holder(&sandbox, "lock"), "");
}

#[test]
fn who_has_waited_enough_is_gone_at_once_and_leaves_nothing_behind() {
    for (signal, code) in [
        // As a program that did not catch it: a shell's loop ends with what was interrupted.
        (Signal::INT, None),
        (Signal::TERM, Some(143)),
        (Signal::HUP, Some(129)),
    ] {
        let mut sandbox = Sandbox::new();
        sandbox.lock("lock", "alice", 600, 3);
        let waiting = start(&sandbox, "acquire lock");
        sandbox.wait_for_tickets("lock", 1);
        let started = Instant::now();
        waiting.signal(signal);
        assert_eq!(waiting.end().code, code);
        assert!(started.elapsed() < PROMPTLY, "{:?}", started.elapsed());
        sandbox.wait_for_tickets("lock", 0);

        // If there is nobody to tell, just as soon.
        let mut waiting = start(&sandbox, "acquire lock");
        sandbox.wait_for_tickets("lock", 1);
        sandbox.unplug();
        waiting.until(|said| said.stderr.contains("; trying again"));
        let started = Instant::now();
        waiting.signal(signal);
        assert_eq!(waiting.end().code, code);
        assert!(started.elapsed() < PROMPTLY, "{:?}", started.elapsed());
    }
}

#[test]
fn a_lock_that_is_held_on_is_renewed_and_then_given_back() {
    let sandbox = Sandbox::new();
    let mut holding = start(&sandbox, "acquire lock --hold --identity me --duration 3s");
    holding.until(|said| {
        said.stderr.contains("renewed until ctrl-c") && said.stdout.contains("  token:    ")
    });
    let renewed = |lease: &Value| lease["spec"]["renewTime"].clone();
    let first = renewed(&sandbox.cluster.get("work", "lock").unwrap());
    let lease = sandbox.wait_for("lock", |lease| renewed(lease) != first);
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 3);
    assert_eq!(lease["spec"]["holderIdentity"], "me");

    let next = start(&sandbox, "acquire lock --identity next");
    sandbox.wait_for_tickets("lock", 1);
    holding.signal(Signal::TERM);
    let said = holding.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stderr.ends_with("lease/lock released to next\n"),
        "{said:?}"
    );
    assert_eq!(next.end().code, Some(0));
}

#[test]
fn a_holder_gives_the_lock_back_when_it_is_asked_to() {
    let sandbox = Sandbox::new();
    let mut holding = start(&sandbox, "acquire lock --hold --identity me");
    holding.until(|said| said.stderr.contains("renewed until ctrl-c"));
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("release lock --identity somebody-else");
    typed.run("release lock --identity me --open");
    typed.run("release lock --identity me --to next");
    typed.run("release lock --identity me --dry-run=server");
    typed.run("release lock --identity me --timeout 20s");
    let said = holding.end();
    // Its last line is a time.
    let identity = said.stdout.lines().take(2).collect::<Vec<_>>().join("\n");
    let said = Said {
        stdout: format!("{identity}\n"),
        ..said
    };
    typed.note("acquire lock --hold --identity me", &said);
    insta::assert_snapshot!("asked", typed.end());
    assert_eq!(holder(&sandbox, "lock"), "");
}

/// Its process is gone, so nobody hears of it: that is seen when the lease is over.
#[test]
fn a_dead_holder_is_asked_and_then_done_without() {
    let sandbox = Sandbox::new();
    let mut holding = start(&sandbox, "acquire lock --hold --identity me --duration 3s");
    holding.until(|said| said.stderr.contains("renewed until ctrl-c"));
    holding.signal(Signal::KILL);
    assert_eq!(holding.end().code, None);
    let said = sandbox
        .shell
        .run("release lock --identity me --timeout 100ms");
    assert_eq!(said.code, Some(4), "{said:?}");
    let said = sandbox.shell.run("release lock --identity me");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stderr.contains("it did not, and its lease is over"),
        "{said:?}"
    );
    assert_eq!(said.stdout, "lease/lock released\n");
    assert_eq!(holder(&sandbox, "lock"), "");
}

#[test]
fn a_lock_that_is_lost_ends_the_hold() {
    let sandbox = Sandbox::new();
    let mut holding = start(&sandbox, "acquire lock --hold --identity me");
    holding.until(|said| said.stderr.contains("renewed until ctrl-c"));
    sandbox.change("lock", |lease| {
        lease["spec"] = sandbox.record("mallory", 600, 0);
    });
    let said = holding.end();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr.contains("the lock \"lock\" was lost"),
        "{said:?}"
    );
    assert!(said.stderr.contains("mallory holds it now"), "{said:?}");
    assert_eq!(holder(&sandbox, "lock"), "mallory");
}

#[test]
fn what_is_acquired_is_told_to_programs() {
    let sandbox = Sandbox::new();
    let said = sandbox.shell.run("acquire lock --identity me -o json");
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    let lease = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(told["spec"], lease["spec"]);
    assert_eq!(
        told["status"]["fencingToken"],
        lease["metadata"]["resourceVersion"]
    );
    assert_eq!(told["status"]["state"], "held");
    let said = sandbox.shell.run("acquire other -o name");
    assert_eq!(said.stdout, "lease.coordination.k8s.io/other\n", "{said:?}");
    assert_eq!(json!(said.stderr), "");
}

/// Nothing may overflow, and nobody may flood the API server by a slip.
#[test]
fn a_duration_that_no_lock_can_have_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.lock("held", "alice", 600, 3);
    for (line, code) in [
        ("acquire lock --duration 18446744073709551615", 1),
        ("acquire lock --hold --duration 18446744073709551615", 1),
        ("acquire lock --duration 1s", 1),
        ("acquire lock --try --duration 1999ms", 1),
        ("acquire held --timeout 18446744073709551615", 1),
        ("acquire lock --hold --retry-period 1ns", 1),
        ("acquire lock --hold --retry-period 99ms", 1),
        ("run lock --duration 2147483648 -- true", 125),
        ("run lock --retry-period 0 -- true", 125),
        ("release held --identity alice --timeout 2147483648", 1),
        ("ls --request-timeout 18446744073709551615", 1),
        ("wait held --timeout 18446744073709551615", 1),
        // The longest.
        ("run lock --duration 2147483647 -- true", 0),
        ("ls --request-timeout 2147483647", 0),
        ("release held --identity alice --timeout 2147483647", 0),
    ] {
        let mut command = sandbox.shell.command(line.split_whitespace());
        let said = Said::of(command.env("PATH", "/usr/bin:/bin"));
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        if code != 0 {
            let rules = [
                "is 2147483647s at most",
                "100ms is the shortest",
                "is held for 2s at least",
            ];
            let is_told = rules.iter().any(|rule| said.stderr.contains(rule));
            assert!(is_told, "{line}: {said:?}");
        }
    }
}

/// Nobody was told by which name it is held.
#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_told_is_given_back() {
    let sandbox = Sandbox::new();
    for flags in ["", "-o json", "--hold", "--try", "--try -o name"] {
        let line = format!("acquire lock {flags}");
        let mut command = sandbox.shell.command(line.split_whitespace());
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {output:?}");
        assert_eq!(holder(&sandbox, "lock"), "", "{line}");
    }
}
