//! Completion, mostly as kubectl asks for it.

use std::process::Command;

use crate::cluster::{Sandbox, lease};
use crate::listing::states;
use crate::shell::{Said, Shell};

pub(crate) const VARIABLE: &str = "KUBECTL_LEASE_COMPLETE";
/// kubectl's `ShellCompDirectiveDefault` and `ShellCompDirectiveNoFileComp`.
const FILES_TOO: &str = ":0";
pub(crate) const NO_FILES: &str = ":4";

/// A call for these words, the last being completed.
pub(crate) fn asking(shell: &Shell, words: &[&str]) -> Command {
    let mut command = shell.command(["--", "kubectl-lease"]);
    command.args(words).env(VARIABLE, "kubectl");
    command
}

/// What is offered, each with its description, and the directive.
#[track_caller]
pub(crate) fn offers(command: &mut Command) -> (Vec<String>, String) {
    let said = Said::of(command);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let mut lines: Vec<String> = said.stdout.lines().map(ToOwned::to_owned).collect();
    let directive = lines.pop().unwrap();
    (lines, directive)
}

/// The values alone.
#[track_caller]
fn values(command: &mut Command) -> Vec<String> {
    let (lines, _) = offers(command);
    let value = |line: &String| line.split('\t').next().unwrap().to_owned();
    lines.iter().map(value).collect()
}

#[track_caller]
pub(crate) fn assert_offers(shell: &Shell, words: &[&str], expected: &[&str]) {
    assert_eq!(values(&mut asking(shell, words)), expected, "{words:?}");
}

#[test]
fn verbs_flags_and_values_are_offered() {
    let sandbox = Sandbox::new();
    let shell = &sandbox.shell;
    let verbs = values(&mut asking(shell, &[""]));
    for verb in [
        "acquire",
        "completion",
        "describe",
        "force-release",
        "help",
        "ls",
        "steal",
    ] {
        assert!(verbs.iter().any(|offer| offer == verb), "{verb}: {verbs:?}");
    }
    for hidden in ["docs", "get", "list"] {
        assert!(!verbs.iter().any(|verb| verb == hidden), "{verbs:?}");
    }
    // As cobra has it: flags where one is begun, in both forms.
    assert!(!verbs.iter().any(|verb| verb.starts_with('-')), "{verbs:?}");
    let flags = values(&mut asking(shell, &["ls", "-"]));
    for flag in ["-A", "--all-namespaces", "-n", "--namespace", "--stuck"] {
        assert!(flags.iter().any(|offer| offer == flag), "{flag}: {flags:?}");
    }
    for (words, expected) in [
        (&["l"][..], &["ls"][..]),
        (&["li"], &["list"]),
        (&["ls", "-A"], &["-A"]),
        (&["ls", "--stat"], &["--state"]),
        (&["ls", "--state", "un"], &["unbounded", "unknown"]),
        (&["ls", "--state=un"], &["unbounded", "unknown"]),
        (&["ls", "--state=held,ex"], &["held,expired"]),
        (&["ls", "-o", "j"], &["json"]),
        (&["ls", "-oj"], &["-ojson"]),
        (
            &["timing", "--preset", "openshift"],
            &["openshift", "openshift-sno"],
        ),
        (&["completion", "ku"], &["kubectl"]),
        (&["help", "st"], &["steal"]),
    ] {
        assert_offers(shell, words, expected);
    }
    let (offers, _) = offers(&mut asking(shell, &["ls", "--stu"]));
    assert_eq!(offers, ["--stuck\tOnly locks that are expired or worse"]);
}

#[test]
fn files_are_left_to_the_shell() {
    let sandbox = Sandbox::new();
    for (words, directive) in [
        (&["ls", "--kubeconfig", ""][..], FILES_TOO),
        (&["ls", "--kubeconfig=./"], FILES_TOO),
        (&["describe", "missing"], NO_FILES),
        (&["ls", "-n", "missing"], NO_FILES),
        // Whatever follows is somebody else's.
        (&["describe", "--", "x", ""], FILES_TOO),
    ] {
        let offers = offers(&mut asking(&sandbox.shell, words));
        assert_eq!(offers, (Vec::new(), directive.to_owned()), "{words:?}");
    }
}

#[test]
fn locks_are_offered_with_how_they_stand() {
    let sandbox = states();
    let (offers, directive) = offers(&mut asking(&sandbox.shell, &["describe", ""]));
    assert_eq!(directive, NO_FILES);
    assert_eq!(
        offers,
        [
            "a-held\theld",
            "b-late\tlate",
            "c-expired\texpired",
            "d-within-the-margin\tlate",
            "e-free\tfree",
            "f-unknown\tunknown",
            "g-unbounded\tunbounded",
            "h-no-spec\tfree",
            "i-labelled\texpired",
        ]
    );
    let shell = &sandbox.shell;
    assert_offers(shell, &["describe", "c"], &["c-expired"]);
    assert_offers(shell, &["describe", "lease/c"], &["lease/c-expired"]);
    let full = "leases.coordination.k8s.io/c";
    assert_offers(shell, &["describe", full], &[&format!("{full}-expired")]);
    assert_offers(shell, &["describe", "c-expired", ""], &[]);
    // Of several, none is named twice.
    let rest = values(&mut asking(shell, &["ls", "c-expired", "a-held", ""]));
    assert_eq!(rest.len(), 7, "{rest:?}");
    assert_eq!(rest[0], "b-late");
}

#[test]
fn every_verb_that_takes_a_lock_offers_them() {
    let sandbox = states();
    let shell = &sandbox.shell;
    let mut taking = Vec::new();
    let verbs = values(&mut asking(shell, &[""]));
    for verb in verbs.into_iter().filter(|verb| verb != "help") {
        let help = shell.run(&format!("{verb} --help")).stdout;
        let usage = help
            .lines()
            .find(|line| line.starts_with("Usage: "))
            .unwrap();
        if usage.contains("NAME") {
            let locks = values(&mut asking(shell, &[&verb, "a"]));
            assert_eq!(locks, ["a-held"], "{verb}");
            taking.push(verb);
        }
    }
    assert!(taking.len() >= 7, "{taking:?}");
}

#[test]
fn what_was_typed_of_the_cluster_is_heeded() {
    let sandbox = Sandbox::new();
    sandbox.lock("here", "alice", 60, 3);
    let elsewhere = lease("elsewhere", sandbox.record("bob", 60, 3));
    sandbox.seed(3, "other", &elsewhere);
    let shell = &sandbox.shell;
    for words in [
        &["describe", "-n", "other", ""][..],
        &["describe", "-nother", ""],
        &["describe", "--namespace=other", "--output", "json", ""],
        &["-n", "other", "describe", ""],
        // As in a shell that passes on what stands behind the cursor.
        &["describe", "-n", "other", "e"],
    ] {
        assert_offers(shell, words, &["elsewhere"]);
    }
    assert_offers(shell, &["describe", "-n", "empty", ""], &[]);
    let namespaces = values(&mut asking(shell, &["ls", "-n", ""]));
    assert!(namespaces.contains(&"other".to_owned()), "{namespaces:?}");
    assert_offers(shell, &["ls", "-n=ot"], &["other"]);
    assert_offers(shell, &["ls", "--namespace", "wo"], &["work"]);

    let config = std::fs::read_to_string(shell.kubeconfig()).unwrap();
    let config = config.replace("current-context: sandbox", "current-context: gone");
    std::fs::write(shell.home().join("config"), config).unwrap();
    for (words, expected) in [
        (
            &["ls", "--kubeconfig", "config", "--context", ""][..],
            &["sandbox"][..],
        ),
        (&["ls", "--kubeconfig=~/config", "--context="], &["sandbox"]),
        (&["describe", "--kubeconfig", "config", ""], &[]),
        (
            &[
                "describe",
                "--kubeconfig",
                "~/config",
                "--context",
                "sandbox",
                "",
            ],
            &["here"],
        ),
    ] {
        let mut command = asking(shell, words);
        command.env_remove("KUBECONFIG");
        assert_eq!(values(&mut command), expected, "{words:?}");
    }
}
