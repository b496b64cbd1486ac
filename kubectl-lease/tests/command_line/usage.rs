//! What is typed wrong, and help.

use crate::cluster::Sandbox;
use crate::transcript::Transcript;

#[test]
fn what_is_typed_wrong_is_an_error() {
    let sandbox = Sandbox::new();
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "",
        "stele lock",
        "ls --colour",
        "describe",
        "describe a b",
        "ls -o toml",
        "ls --request-timeout soon",
        "timing lock --preset openshift",
        "describe lock -A",
        "describe lock --all-namespaces",
        "describe lock --nam",
        "ls --identity me",
        "force-release lock --yes",
        "--stuck ls",
        "-- ls",
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(1), "{line}: {said:?}");
        assert_eq!(said.stdout, "", "{line}");
    }
    insta::assert_snapshot!("wrong", typed.end());
}

#[test]
fn a_name_that_cannot_be_one_is_an_error() {
    let sandbox = Sandbox::new();
    let too_long = format!("ls {}", "a".repeat(254));
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "describe Backup",
        "acquire --try Backup",
        "renew Backup --identity me",
        "release lease/Backup --identity me",
        "steal Backup",
        "force-release Backup",
        "ls BACKUP",
        "timing Backup",
        "describe back_up",
        "describe Back_Up",
        "describe secret/backup",
        "describe configmap/back_up",
        "describe lease/",
        &too_long,
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(1), "{line}: {said:?}");
    }
    insta::assert_snapshot!("names", typed.end());
}

#[test]
fn help_goes_to_stdout_and_is_no_error() {
    let sandbox = Sandbox::new();
    for line in ["--help", "help", "ls --help", "help steal", "-h"] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        assert_eq!(said.stderr, "", "{line}");
        assert!(said.stdout.contains("Usage: kubectl-lease"), "{said:?}");
    }
}

#[test]
fn every_verb_is_in_the_help() {
    let sandbox = Sandbox::new();
    let said = sandbox.shell.run("--help");
    for verb in [
        "acquire",
        "completion",
        "demo",
        "describe",
        "force-release",
        "ls",
        "release",
        "renew",
        "steal",
        "timing",
        "version",
    ] {
        assert!(
            said.stdout.contains(&format!("\n  {verb} ")),
            "{verb}: {}",
            said.stdout
        );
    }
}

/// Called by kubectl, they begin with `kubectl lease`, as the tests of the examples see.
#[test]
fn examples_begin_with_what_was_called() {
    let sandbox = Sandbox::new();
    for line in ["ls --help", "ls -h", "help ls"] {
        let said = sandbox.shell.run(line);
        let (_, examples) = said.stdout.split_once("\nExamples:\n").unwrap();
        assert!(
            examples.contains("\n  kubectl-lease ls -A --stuck\n"),
            "{said:?}"
        );
        assert!(
            examples.contains("| xargs -n1 kubectl-lease steal"),
            "{said:?}"
        );
        assert!(!examples.contains("kubectl lease"), "{said:?}");
    }
}

#[test]
fn the_version_is_told() {
    let sandbox = Sandbox::new();
    let version = format!("kubectl-lease {}\n", env!("CARGO_PKG_VERSION"));
    for line in ["version", "--version", "-V"] {
        let said = sandbox.shell.run(line);
        assert_eq!(
            (said.code, said.stdout),
            (Some(0), version.clone()),
            "{line}"
        );
    }
}

/// As with `| head`: who has read enough goes away.
#[test]
fn a_reader_that_went_away_is_no_error() {
    for line in [
        "ls",
        "ls -o json",
        "describe lock -o yaml",
        "timing",
        "version",
    ] {
        assert_unread_is_no_error(line);
    }
}

#[test]
fn help_that_nobody_reads_is_no_error() {
    for line in ["--help", "ls --help", "--version"] {
        assert_unread_is_no_error(line);
    }
}

#[track_caller]
fn assert_unread_is_no_error(line: &str) {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 60, 3);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = sandbox
        .shell
        .command(line.split_whitespace())
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
    let code = child.wait().unwrap().code();
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{line}");
}
