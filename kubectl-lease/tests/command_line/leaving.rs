//! Ctrl-c while the one write of a verb is under way.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::cluster::Sandbox;
use crate::gate::{Gate, Stuck};
use crate::shell::{Said, Shell};
use crate::watched::Watched;

/// How soon a verb has to end that is asked to.
const SOON: Duration = Duration::from_secs(4);

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("held", "me", 60, 3);
    sandbox.lock("over", "gone", 10, 60);
    sandbox
}

/// Interrupts what is typed once a request of it is stuck, and gives what it says until its end.
fn interrupted(gate: &Gate, shell: &Shell, line: &str) -> Said {
    let verb = Watched::start(&mut shell.command(line.split(' ')));
    gate.wait_for_one();
    verb.signal(Signal::INT);
    let begun = Instant::now();
    let said = verb.end();
    assert!(begun.elapsed() < SOON, "{line}: {:?}", begun.elapsed());
    // As a shell's loop has to see it.
    assert_eq!(said.code, None, "{line}: {said:?}");
    said
}

/// Who holds a lock; nobody, if it is not there.
fn holder(sandbox: &Sandbox, name: &str) -> String {
    let lock = sandbox.cluster.get("work", name).ok();
    let holder = lock.and_then(|lock| lock["spec"]["holderIdentity"].as_str().map(str::to_owned));
    holder.unwrap_or_default()
}

#[test]
fn it_is_told_that_nobody_knows_what_came_of_it() {
    for (line, name, method, before, after) in [
        ("acquire --try new", "new", "POST", "", "me"),
        ("release held", "held", "PUT", "me", ""),
        ("renew held", "held", "PUT", "me", "me"),
        ("steal over", "over", "PUT", "gone", "me"),
    ] {
        for (stuck, holds) in [(Stuck::There, before), (Stuck::Back, after)] {
            let sandbox = sandbox();
            let (gate, shell) = sandbox.gate();
            gate.hold(method, stuck);
            let line = format!("{line} --identity me");
            let said = interrupted(&gate, &shell, &line);
            let known = format!("whether \"{name}\" was written is not known");
            assert!(said.stderr.contains(&known), "{line}: {said:?}");
            // Nobody could find or release it otherwise.
            let named = said.stderr.contains("in the name of me");
            assert_eq!(named, after == "me", "{line}: {said:?}");
            assert_eq!(holder(&sandbox, name), holds, "{line}, {stuck:?}");
        }
    }
}

/// It is done and told, and only word of it is under way: a shell's loop ends all the same.
#[test]
fn whoever_leaves_when_it_is_done_is_let_go() {
    for (line, known) in [
        ("release held --identity me", "lease/held released"),
        ("steal over --identity me", "lease/over stolen"),
    ] {
        let sandbox = sandbox();
        let (gate, shell) = sandbox.gate();
        // An Event.
        gate.hold("POST", Stuck::There);
        let said = interrupted(&gate, &shell, line);
        assert!(said.stdout.contains(known), "{line}: {said:?}");
    }
}

#[test]
fn nobody_is_in_doubt_about_a_dry_run() {
    let sandbox = sandbox();
    let (gate, shell) = sandbox.gate();
    gate.hold("PUT", Stuck::There);
    let said = interrupted(&gate, &shell, "force-release over --dry-run=server");
    assert!(!said.stderr.contains("was written"), "{said:?}");
}

/// Whoever waits asks for more than one thing, and any of it may be left.
#[test]
fn what_may_be_left_of_a_wait_is_told() {
    for (line, method) in [
        ("acquire held", "GET"),
        ("acquire new", "POST"),
        ("run new -- true", "POST"),
        ("acquire over", "PUT"),
    ] {
        for stuck in [Stuck::There, Stuck::Back] {
            let sandbox = sandbox();
            let (gate, shell) = sandbox.gate();
            gate.hold(method, stuck);
            let said = interrupted(&gate, &shell, line);
            assert!(
                said.stderr.contains("may be left behind"),
                "{line}: {said:?}"
            );
        }
    }
}

/// It says what it did, and a shell's loop ends all the same.
#[test]
fn what_came_of_it_is_told_if_it_is_known_soon() {
    for (line, name, method, known, holds) in [
        // Whoever does not wait for it does not want to have it either.
        (
            "acquire --try new",
            "new",
            "POST",
            "lease/new was acquired just then, and given back",
            "",
        ),
        ("release held", "held", "PUT", "lease/held released", ""),
        ("steal over", "over", "PUT", "lease/over stolen", "me"),
    ] {
        let sandbox = sandbox();
        let (gate, shell) = sandbox.gate();
        gate.hold(method, Stuck::There);
        let line = format!("{line} --identity me");
        let verb = Watched::start(&mut shell.command(line.split(' ')));
        gate.wait_for_one();
        verb.signal(Signal::INT);
        // Until it is heard; it may take a while longer to answer.
        thread::sleep(Duration::from_millis(300));
        gate.open();
        let said = verb.end();
        assert_eq!(said.code, None, "{line}: {said:?}");
        let text = format!("{}{}", said.stdout, said.stderr);
        assert!(text.contains(known), "{line}: {said:?}");
        assert_eq!(holder(&sandbox, name), holds, "{line}");
    }
}
