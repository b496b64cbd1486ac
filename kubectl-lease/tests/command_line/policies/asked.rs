//! Who is asked about which verb, and what comes of the answer.

use lease_policy_guests::Guest;

use super::{add, holder, refused, stuck};
use crate::transcript::Transcript;

#[test]
fn what_a_policy_denies_is_not_done() {
    let sandbox = stuck();
    add(&sandbox, "require-reason", &Guest::require_reason(), "");
    let mut typed = Transcript::new(&sandbox.shell);
    let said = typed.run("steal stuck --identity me");
    refused(&sandbox, &said, "say why, with --reason (reason-missing)");
    let said = typed.run("steal stuck --release --dry-run");
    refused(&sandbox, &said, "policy require-reason denies it");
    let said = typed.run("force-release stuck --yes --resource-version 1");
    refused(&sandbox, &said, "since version 1");
    let version =
        sandbox.cluster.get("work", "stuck").unwrap()["metadata"]["resourceVersion"].clone();
    let version = version.as_str().unwrap();
    let said = sandbox.shell.run(&format!(
        "force-release stuck --yes --resource-version {version}"
    ));
    refused(&sandbox, &said, "policy require-reason denies it");

    let said = typed.run("steal stuck --identity me --reason because");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(holder(&sandbox, "stuck"), "me");
    insta::assert_snapshot!("denied", typed.end());
}

#[test]
fn force_release_is_judged_by_its_reason() {
    let sandbox = stuck();
    add(&sandbox, "require-reason", &Guest::require_reason(), "");
    let version =
        sandbox.cluster.get("work", "stuck").unwrap()["metadata"]["resourceVersion"].clone();
    let line = format!(
        "force-release stuck --yes --resource-version {} --reason because",
        version.as_str().unwrap()
    );
    let said = sandbox.shell.run(&line);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_ne!(holder(&sandbox, "stuck"), "alice");
}

#[test]
fn a_lock_that_its_own_rules_keep_is_not_judged() {
    let sandbox = stuck();
    sandbox.lock("alive", "bob", 60, 3);
    add(
        &sandbox,
        "never",
        &Guest::new("p").review(&Guest::deny("no", "never")),
        "",
    );
    let said = sandbox.shell.run("steal alive");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("held by bob"), "{said:?}");
    assert!(!said.stderr.contains("never"), "{said:?}");
}

#[test]
fn each_verb_is_judged() {
    let sandbox = stuck();
    sandbox.lock("mine", "me", 60, 3);
    let denies = Guest::new("p").review(&Guest::deny("no", "never, ever"));
    add(&sandbox, "never", &denies, "");
    for (line, code) in [
        ("steal stuck", 3),
        ("force-release stuck --dry-run", 3),
        ("release mine --identity me", 3),
        ("acquire new", 3),
        ("acquire new --try", 3),
        ("acquire new --dry-run", 3),
        ("run new -- true", 125),
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        assert!(said.stderr.contains("never, ever (no)"), "{line}: {said:?}");
        assert_eq!(said.stdout, "", "{line}");
    }
    assert!(sandbox.cluster.get("work", "new").is_err());
    assert_eq!(holder(&sandbox, "mine"), "me");

    // What looks or keeps is not their affair.
    for line in [
        "ls",
        "describe mine",
        "renew mine --identity me",
        "wait mine --for held",
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
    }
}

#[test]
fn a_policy_is_asked_about_what_it_names_and_nothing_else() {
    let sandbox = stuck();
    let denies = Guest::new("p")
        .verbs(&["run"])
        .review(&Guest::deny("no", "never"));
    add(&sandbox, "no-runs", &denies, "");
    assert_eq!(sandbox.shell.run("run new -- true").code, Some(125));
    assert_eq!(sandbox.shell.run("steal stuck --identity me").code, Some(0));
    assert_eq!(holder(&sandbox, "stuck"), "me");
}

#[test]
fn all_are_asked_and_all_that_is_against_it_is_told() {
    let sandbox = stuck();
    let says = |body: &str| Guest::new("p").review(body);
    add(
        &sandbox,
        "first",
        &says(&Guest::deny("one", "for this reason")),
        "",
    );
    add(&sandbox, "fine", &says(&Guest::allow()), "");
    add(&sandbox, "silent", &says(&Guest::abstain()), "");
    add(
        &sandbox,
        "second",
        &says(&Guest::deny("two", "and for that")),
        "",
    );
    add(
        &sandbox,
        "careful",
        &says(&Guest::warn("late", "it is late")),
        "",
    );
    add(
        &sandbox,
        "watching",
        &says(&Guest::deny("three", "if I could")),
        "--mode monitor",
    );
    let mut typed = Transcript::new(&sandbox.shell);
    let said = typed.run("steal stuck");
    refused(&sandbox, &said, "for this reason (one)");
    for name in ["first", "second"] {
        sandbox.shell.run(&format!("plugin rm {name}"));
    }
    let said = typed.run("steal stuck --identity me");
    assert_eq!(said.code, Some(0), "{said:?}");
    insta::assert_snapshot!("all", typed.end());
}

#[test]
fn who_wants_to_know_is_told_what_was_said_and_noted() {
    let sandbox = stuck();
    let body = [
        Guest::log(0, "a step"),
        Guest::log(1, "a finding"),
        Guest::log(2, "a worry"),
        Guest::allow(),
    ];
    add(
        &sandbox,
        "talks",
        &Guest::new("p").review(&body.concat()),
        "",
    );
    for (level, heard) in [
        (0, &[][..]),
        (1, &["a worry", "has nothing against it"]),
        (2, &["a worry", "a finding", "has nothing against it"]),
        (
            4,
            &["a worry", "a finding", "a step", "has nothing against it"],
        ),
    ] {
        let said = sandbox
            .shell
            .run(&format!("steal stuck --dry-run -v {level}"));
        assert_eq!(said.code, Some(0), "{said:?}");
        for text in ["a worry", "a finding", "a step", "has nothing against it"] {
            let is_told = said.stderr.contains(text);
            assert_eq!(is_told, heard.contains(&text), "{level}: {text}: {said:?}");
        }
    }
}

/// Nothing that it says can move a cursor, hide itself, or fill a terminal.
#[test]
fn what_a_hostile_policy_says_does_not_reach_the_terminal_as_it_is() {
    let sandbox = stuck();
    let hostile = "\u{1b}]0;owned\u{7}\r\u{202e}drow\n\u{1b}[2J";
    let long = hostile.repeat(500);
    let body = Guest::log(2, hostile) + &Guest::deny(hostile, &long);
    add(&sandbox, "hostile", &Guest::new("p").review(&body), "");
    let said = sandbox.shell.run("steal stuck -v 4");
    refused(&sandbox, &said, "policy hostile denies it");
    assert!(
        !said.stderr.contains(['\u{1b}', '\r', '\u{7}', '\u{202e}']),
        "{said:?}"
    );
    assert!(said.stderr.contains("^[]0;owned^G"), "{said:?}");
    assert!(said.stderr.len() < 4000, "{}", said.stderr.len());

    let said = sandbox
        .shell
        .run("plugin test hostile --verb steal stuck -o json");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        !said.stdout.contains(['\u{1b}', '\r', '\u{202e}']),
        "{said:?}"
    );
}

#[test]
fn a_demo_is_nobodys_cluster() {
    let sandbox = stuck();
    let denies = Guest::new("p").review(&Guest::deny("no", "never"));
    add(&sandbox, "never", &denies, "");
    let said = sandbox.shell.run("demo");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("stolen from"), "{said:?}");
}

/// A policy sees the lock and who asks, in the very form that it is recorded in.
#[test]
fn a_policy_sees_the_lock_that_was_read() {
    let sandbox = stuck();
    sandbox.change("stuck", |lease| {
        lease["metadata"]["labels"] = serde_json::json!({ "team": "billing" });
    });
    add(&sandbox, "any", &Guest::new("p"), "");
    let line = "plugin test any --verb steal stuck --reason because --identity me -o json";
    let said = sandbox.shell.run(line);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let asked = &told["request"];
    let lease = sandbox.cluster.get("work", "stuck").unwrap();
    assert_eq!(asked["verb"], "steal");
    assert_eq!(asked["reason"], "because");
    assert_eq!(asked["identity"], "me");
    assert_eq!(asked["lock"]["uid"], lease["metadata"]["uid"]);
    assert_eq!(
        asked["lock"]["resourceVersion"],
        lease["metadata"]["resourceVersion"]
    );
    assert_eq!(asked["lock"]["labels"]["team"], "billing");
    assert_eq!(asked["lock"]["holderIdentity"], "alice");
    assert_eq!(asked["lock"]["dialect"], "client-go");
    assert_eq!(asked["lock"]["renewTime"], "2020-01-02T09:50:00Z");
    assert_eq!(asked["lock"]["standing"]["basis"], "stamped");
    assert_eq!(asked["context"], "sandbox");
    assert_eq!(asked["user"], "sandbox");
    assert_eq!(told["verdict"]["verdict"], "abstain");
    let said = sandbox.shell.run(&format!("{line} --as carol"));
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["request"]["user"], "carol");
}

/// The sandbox knows no pods: whoever is behind a holder is not known there, and never dead.
#[test]
fn who_is_behind_a_holder_is_told_to_who_wants_to_know() {
    let sandbox = stuck();
    add(&sandbox, "curious", &Guest::new("p").wants_holder(), "");
    add(&sandbox, "incurious", &Guest::new("p"), "");
    let holder = |line: &str| {
        let said = sandbox.shell.run(&format!("plugin test {line} -o json"));
        let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        told["request"]["holder"].clone()
    };
    assert_eq!(holder("curious --verb steal stuck")["kind"], "unknown");
    assert!(holder("incurious --verb steal stuck").is_null());
    assert!(holder("curious --verb acquire missing").is_null());
}

/// Where nobody wants to be asked, it costs no request.
#[test]
fn a_policy_that_is_not_asked_costs_no_request() {
    let sandbox = stuck();
    let requests = |line: &str| {
        let said = sandbox.shell.run(&format!("{line} -v 6"));
        assert_eq!(said.code, Some(0), "{said:?}");
        said.stderr.matches("method=GET").count()
    };
    let lines = ["acquire new --dry-run", "steal stuck --dry-run"];
    let before = lines.map(requests);
    let other = Guest::new("p").verbs(&["run"]).wants_holder();
    add(&sandbox, "other", &other, "");
    assert_eq!(lines.map(requests), before);
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    // The lock is read before it is waited for, and steal has read it anyway.
    add(&sandbox, "all", &Guest::new("p"), "");
    assert_eq!(lines.map(requests), [before[0] + 1, before[1]]);
}
