//! `force-release`.

use std::time::{Duration, Instant};

use lease_sandbox::WriteOptions;
use lease_terminal::{Signal, Terminal};
use serde_json::{Value, json};

use crate::cluster::{Sandbox, lease};
use crate::gate::Stuck;
use crate::listing::states;
use crate::shell::{Said, Shell};
use crate::taking::foreign_locks;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

/// The flags of a script that has just looked at the lock.
fn by_script(sandbox: &Sandbox, namespace: &str, name: &str) -> String {
    let lease = sandbox.cluster.get(namespace, name).unwrap();
    let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
    format!("--yes --resource-version {version}")
}

fn break_it(sandbox: &Sandbox, line: &str) -> Said {
    let name = line.split(' ').next().unwrap();
    let flags = by_script(sandbox, "work", name);
    sandbox.shell.run(&format!("force-release {line} {flags}"))
}

fn spec(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.cluster.get("work", name).unwrap()["spec"].clone()
}

fn annotation(sandbox: &Sandbox, name: &str, key: &str) -> Value {
    let lease = sandbox.cluster.get("work", name).unwrap();
    lease["metadata"]["annotations"][format!("kubectl-lease.io/{key}")].clone()
}

#[test]
fn what_nobody_waits_for_is_free_at_once() {
    let sandbox = states();
    foreign_locks(&sandbox);
    let mut typed = Transcript::new(&sandbox.shell);
    for name in ["c-expired", "g-unbounded", "lock-tfstate-default-prod"] {
        let flags = by_script(&sandbox, "work", name);
        let line = format!("force-release {name} --reason over {flags}");
        let shown = line.replace(&flags, "--yes --resource-version <version>");
        let said = sandbox.shell.run(&line);
        assert_eq!(said.code, Some(0), "{said:?}");
        typed.note(&shown, &said);
    }
    let flags = by_script(&sandbox, "work", "a-held");
    let said = sandbox
        .shell
        .run(&format!("force-release a-held --now -o name {flags}"));
    typed.note("force-release a-held --now -o name --yes ...", &said);
    typed.run("force-release e-free");
    typed.run("ls");
    insta::assert_snapshot!("free-at-once", typed.end());
    assert_eq!(annotation(&sandbox, "c-expired", "broken"), "carol");
    assert_eq!(annotation(&sandbox, "c-expired", "broken-because"), "over");
    let terraform = sandbox
        .cluster
        .get("work", "lock-tfstate-default-prod")
        .unwrap();
    assert_eq!(terraform["spec"]["holderIdentity"], Value::Null);
    let annotations = &terraform["metadata"]["annotations"];
    assert_eq!(annotations["app.terraform.io/lock-info"], Value::Null);
}

/// The victim's whole duration passes before anybody else may begin.
#[test]
fn a_holder_that_may_live_is_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 2, 1);
    let before = spec(&sandbox, "lock");
    let flags = by_script(&sandbox, "work", "lock");
    let line = format!("force-release lock --reason stuck {flags}");
    let begun = Instant::now();
    let running = Watched::start(&mut sandbox.shell.command(line.split(' ')));

    let broken = sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] != "alice");
    let tombstone = broken["spec"]["holderIdentity"].as_str().unwrap();
    assert!(tombstone.starts_with("broken by somebody@"), "{tombstone}");
    assert!(tombstone.ends_with(": stuck"), "{tombstone}");
    assert_eq!(broken["spec"]["leaseDurationSeconds"], 2);
    assert_eq!(annotation(&sandbox, "lock", "broken"), "alice");
    let freed = sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] == "");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    // Who looks at it afterwards still finds out.
    assert_eq!(
        freed["metadata"]["annotations"]["kubectl-lease.io/broken-because"],
        "stuck"
    );
    let said = running.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut typed = Transcript::new(&sandbox.shell);
    typed.note("force-release lock --reason stuck --yes ...", &said);
    insta::assert_snapshot!("waited-for", typed.end());

    // What was printed is what was there.
    let (_, pasted) = said.stdout.split_once("<<'EOF'\n").unwrap();
    let (yaml, _) = pasted.split_once("EOF\n").unwrap();
    let mut record: Value = serde_saphyr::from_str(yaml).unwrap();
    assert_eq!(record["spec"], before);
    let now = sandbox.cluster.get("work", "lock").unwrap();
    record["metadata"]["resourceVersion"] = now["metadata"]["resourceVersion"].clone();
    let by = WriteOptions::by("kubectl");
    sandbox
        .cluster
        .replace("work", "lock", &record, &by)
        .unwrap();
    assert_eq!(spec(&sandbox, "lock"), before);
    assert_eq!(annotation(&sandbox, "lock", "broken"), Value::Null);
}

#[test]
fn the_first_one_who_waits_has_it_next() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 1, 0);
    sandbox.ticket("lock", "bob", 20);
    sandbox.ticket("lock", "carol", 10);
    let said = break_it(&sandbox, "lock");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("waiters:   bob, carol"), "{said:?}");
    assert!(
        said.stdout.ends_with("lease/lock is with bob\n"),
        "{said:?}"
    );
    assert_eq!(spec(&sandbox, "lock")["holderIdentity"], "bob");
    assert_eq!(annotation(&sandbox, "lock", "granted-to"), "bob");
}

/// Whoever was killed before the end has left a tombstone, which nobody begins anew.
#[test]
fn what_was_left_half_way_is_brought_to_its_end() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 3, 0);
    let flags = by_script(&sandbox, "work", "lock");
    let line = format!("force-release lock {flags}");
    let running = Watched::start(&mut sandbox.shell.command(line.split(' ')));
    let broken = sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] != "alice");
    running.signal(Signal::KILL);
    let mut again =
        Watched::start(&mut sandbox.shell.command(
            format!("force-release lock {}", by_script(&sandbox, "work", "lock")).split(' '),
        ));
    assert!(
        again
            .line(Stream::Stderr)
            .starts_with("lease/lock in namespace work")
    );
    let said = again.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("it is broken already"), "{said:?}");
    let freed = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(freed["spec"]["holderIdentity"], "");
    assert_eq!(
        freed["spec"]["leaseTransitions"],
        broken["spec"]["leaseTransitions"]
    );
    assert_eq!(annotation(&sandbox, "lock", "broken"), "alice");
}

#[test]
fn what_is_not_to_be_broken_is_refused() {
    let sandbox = states();
    foreign_locks(&sandbox);
    let before = sandbox.cluster.version();
    let mut typed = Transcript::new(&sandbox.shell);
    let primary = by_script(&sandbox, "work", "primary");
    for (line, code) in [
        ("force-release a-held", 3),
        ("force-release a-held --yes --resource-version 1", 3),
        ("force-release primary", 3),
        (&*format!("force-release primary {primary}"), 3),
        ("force-release node-1 -n kube-node-lease", 3),
        ("force-release node-1 -n kube-node-lease --dry-run", 3),
        ("force-release apiserver-x -n kube-system", 3),
        ("force-release missing", 1),
        ("force-release a-held --yes", 1),
        ("force-release a-held --reason a\u{1b}b", 1),
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        assert_eq!(said.stdout, "", "{line}");
    }
    insta::assert_snapshot!("not-broken", typed.end());
    assert_eq!(sandbox.cluster.version(), before);
}

/// Terraform writes the holder and its description together, so somebody else was here.
#[test]
fn a_state_lock_of_two_ids_is_left_alone() {
    let sandbox = Sandbox::new();
    let mut lock = lease(
        "lock-tfstate-default-x",
        json!({ "holderIdentity": "id-2" }),
    );
    lock["metadata"]["labels"] = json!({ "tfstate": "true" });
    lock["metadata"]["annotations"] =
        json!({ "app.terraform.io/lock-info": r#"{"ID": "id-1", "Who": "ci@runner"}"# });
    sandbox.seed(60, "work", &lock);
    let said = break_it(&sandbox, "lock-tfstate-default-x");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        said.stderr.contains("its lock info is of the ID id-1"),
        "{said:?}"
    );
    assert_eq!(
        spec(&sandbox, "lock-tfstate-default-x")["holderIdentity"],
        "id-2"
    );
}

fn at_terminal(sandbox: &Sandbox, line: &str) -> Terminal {
    of_shell(&sandbox.shell, line)
}

fn of_shell(shell: &Shell, line: &str) -> Terminal {
    let mut command = shell.command(line.split(' '));
    Terminal::start(command.env("NO_COLOR", "1"), 110, 40)
}

const QUESTION: &str = "Type the lock's name to break it (lock): ";

fn asks(text: &str) -> bool {
    text.contains(QUESTION.trim_end())
}

#[test]
fn its_name_is_typed_at_a_terminal() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 60, 3);
    let before = sandbox.cluster.version();
    for (typed, code, said) in [
        ("other\r", Some(3), "that is not its name"),
        ("\r", Some(3), "that is not its name"),
        ("\u{4}", Some(3), "that is not its name"),
        ("\u{3}", None, "lease/lock is left as it is"),
    ] {
        let mut terminal = at_terminal(&sandbox, "force-release lock --now");
        let text = terminal.wait_for(asks);
        assert!(text.contains("held, ends in 57s unless renewed"), "{text}");
        terminal.press(typed);
        assert_eq!(terminal.end(), code, "{typed:?}: {}", terminal.text());
        assert!(terminal.text().contains(said), "{}", terminal.text());
        assert_eq!(sandbox.cluster.version(), before, "{typed:?}");
    }
    let mut terminal = at_terminal(&sandbox, "force-release lock --now");
    terminal.wait_for(asks);
    terminal.press("lock\r");
    assert_eq!(terminal.end(), Some(0));
    assert!(terminal.text().contains("broken; it was held by alice"));
    assert_eq!(spec(&sandbox, "lock")["holderIdentity"], "");
}

/// Between the question and the answer, it goes to somebody else.
#[test]
fn only_who_was_shown_loses_it() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 60, 3);
    let mut terminal = at_terminal(&sandbox, "force-release lock");
    terminal.wait_for(asks);
    let taken = sandbox.record("bob", 60, 0);
    sandbox.change("lock", |lease| lease["spec"] = taken);
    terminal.press("lock\r");
    assert_eq!(terminal.end(), Some(3), "{}", terminal.text());
    assert!(terminal.text().contains("bob holds it now"));
    assert_eq!(spec(&sandbox, "lock")["holderIdentity"], "bob");
}

/// A database is stopped only by somebody who has typed its name.
#[test]
fn a_primary_is_broken_by_who_was_told() {
    let sandbox = Sandbox::new();
    let mut lock = lease("lock", sandbox.record("lock-1", 15, 3));
    lock["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "lock", "uid": "u",
    }]);
    sandbox.seed(3, "work", &lock);
    let mut terminal = at_terminal(&sandbox, "force-release lock --now");
    let text = terminal.wait_for(asks);
    assert!(text.contains("stops PostgreSQL"), "{text}");
    terminal.press("lock\r");
    assert_eq!(terminal.end(), Some(0), "{}", terminal.text());
    assert_eq!(spec(&sandbox, "lock")["holderIdentity"], "");
}

#[test]
fn who_does_not_wait_leaves_a_tombstone_and_is_told() {
    let sandbox = Sandbox::new();
    for end in ["key", "signal"] {
        let name = format!("lock-{end}");
        sandbox.lock(&name, "alice", 60, 3);
        let mut terminal = at_terminal(&sandbox, &format!("force-release {name} -o name"));
        terminal.wait_for(|text| text.contains("Type the lock's name"));
        terminal.press(&format!("{name}\r"));
        terminal.wait_for(|text| text.contains("ctrl-c leaves a tombstone"));
        match end {
            "key" => terminal.press("\u{3}"),
            _ => terminal.signal(Signal::TERM),
        }
        let begun = Instant::now();
        let code = terminal.end();
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(code, if end == "key" { None } else { Some(143) });
        let text = terminal.text();
        assert!(text.contains("is left with a tombstone"), "{text}");
        let holder = spec(&sandbox, &name)["holderIdentity"].clone();
        let holder = holder.as_str().unwrap();
        assert!(holder.starts_with("broken by "), "{holder}");

        // Nobody is behind it who could be asked, or found healthy.
        for (line, code, known) in [
            (format!("check {name}"), 2, "it was broken by force"),
            (
                format!("steal {name}"),
                3,
                "sooner with `kubectl-lease force-release --now",
            ),
            (
                format!("release {name} --identity alice"),
                3,
                "nobody holds it, and it is free when that is over",
            ),
        ] {
            let said = sandbox.shell.run(&line);
            assert_eq!(said.code, Some(code), "{line}: {said:?}");
            let text = format!("{}{}", said.stdout, said.stderr);
            assert!(text.contains(known), "{line}: {text}");
        }
    }
}

/// Ctrl-c is heard while the server does not answer, and what is known of the lock is told.
#[test]
fn who_leaves_while_a_request_is_under_way_is_told_what_is_known() {
    for (method, stuck, said, holder) in [
        ("GET", Stuck::There, "lease/lock is left as it is", "alice"),
        (
            "PUT",
            Stuck::There,
            "whether \"lock\" was written is not known",
            "alice",
        ),
        (
            "PUT",
            Stuck::Back,
            "whether \"lock\" was written is not known",
            "broken by ",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.lock("lock", "alice", 60, 3);
        let (gate, shell) = sandbox.gate();
        let mut terminal = of_shell(&shell, "force-release lock");
        terminal.wait_for(asks);
        gate.hold(method, stuck);
        terminal.press("lock\r");
        gate.wait_for_one();
        terminal.press("\u{3}");
        let begun = Instant::now();
        assert_eq!(terminal.end(), None, "{}", terminal.text());
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{method}: {took:?}");
        let text = terminal.text();
        assert!(text.contains(said), "{text}");
        // Nobody else has it, if it was removed.
        let is_shown = text.contains("if it was broken, and nobody else has taken it")
            && text.contains("holderIdentity: alice");
        assert_eq!(is_shown, method == "PUT", "{text}");
        let now = spec(&sandbox, "lock")["holderIdentity"].clone();
        assert!(now.as_str().unwrap().starts_with(holder), "{now}");
    }
}

/// The tombstone has had its time, and who is next is looked for: the lock is not passed on, which
/// nobody needs.
#[test]
fn who_leaves_when_a_tombstone_is_over_is_told_that_others_can_take_it() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 1, 0);
    let (gate, shell) = sandbox.gate();
    let mut terminal = of_shell(&shell, "force-release lock");
    terminal.wait_for(asks);
    terminal.press("lock\r");
    terminal.wait_for(|text| text.contains("ctrl-c leaves a tombstone"));
    gate.hold("GET", Stuck::There);
    gate.wait_for_one();
    terminal.press("\u{3}");
    let begun = Instant::now();
    assert_eq!(terminal.end(), None, "{}", terminal.text());
    assert!(begun.elapsed() < Duration::from_secs(2));
    let text = terminal.text();
    assert!(text.contains("others can take it now"), "{text}");
    let now = spec(&sandbox, "lock")["holderIdentity"].clone();
    assert!(now.as_str().unwrap().starts_with("broken by "), "{now}");
}
