//! Rights in all namespaces, of some of several locks, and of who was named by flags.

use lease_tests::{ApiServer, Client, Output};

use super::role::Role;
use crate::lock::{LIMIT, held, until};

/// The words of `kubectl auth can-i` in what was told.
fn told(output: &Output) -> Vec<String> {
    assert_eq!(output.code, Some(3), "{output:?}");
    let (_, rest) = output
        .stderr
        .split_once("`kubectl ")
        .unwrap_or_else(|| panic!("{output:?}"));
    let (words, _) = rest.split_once('`').unwrap();
    words.split(' ').map(ToOwned::to_owned).collect()
}

fn assert_no(client: &Client, words: &[String]) {
    let answer = client.kubectl(words);
    let asked = words.join(" ");
    assert_eq!(
        (answer.code, answer.stdout.as_str()),
        (Some(1), "no\n"),
        "kubectl {asked}"
    );
}

#[test]
fn the_right_to_list_everywhere_is_told() {
    let namespace = ApiServer::shared().namespace("rights");
    let alice = namespace.client("alice");
    Role::new(&["get", "list", "watch"], &[]).bind(&namespace, "alice");
    until("the role is known", || alice.plugin(["ls"]).code == Some(0));
    for args in [
        &["ls", "-A"][..],
        &["ls", "-A", "-l", "team=blue"],
        &["ls", "-n", "default"],
    ] {
        let words = told(&alice.plugin(args));
        assert_eq!(
            words[2..4],
            ["list", "leases.coordination.k8s.io"],
            "{args:?}"
        );
        assert_no(&alice, &words);
    }
}

/// Whoever is meant by the flags is meant by the words, too: typed as they stand, they ask the same
/// cluster for the same user.
#[test]
fn the_words_ask_for_who_was_named_by_flags() {
    let namespace = ApiServer::shared().namespace("rights");
    let admin = namespace.admin();
    let alice = namespace.client("alice");
    let other = alice.kubeconfig().to_str().unwrap();
    for flags in [
        &["--context", "alice"][..],
        &["--context=bob"],
        &["--user", "alice"],
        &["--as", "alice"],
        &["--as=alice", "--as-group=developers"],
        &["--kubeconfig", other],
        &["--kubeconfig", other, "--context", "bob"],
    ] {
        for line in ["ls", "describe lock", "acquire --try lock"] {
            let mut command = admin.plugin_command();
            command
                .args(line.split(' '))
                .args(flags)
                .args(["-n", namespace.name()]);
            let words = told(&Output::within(&mut command, LIMIT));
            assert_no(admin, &words);
        }
    }
}

/// As kubectl: one name that may not be read does not hide the others.
#[test]
fn of_several_locks_those_that_may_be_seen_are_shown() {
    let namespace = ApiServer::shared().namespace("rights");
    namespace
        .admin()
        .create_all(&[held("one", "x", 600), held("two", "x", 600)]);
    let alice = namespace.client("alice");
    Role::new(&["get"], &["one", "three"]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.plugin(["ls", "one"]).code == Some(0)
    });
    for names in [["two", "one", "three"], ["one", "three", "two"]] {
        let theirs = alice.kubectl([&["get", "leases", "-o", "name"][..], &names].concat());
        let ours = alice.plugin([&["ls", "-o", "name"][..], &names].concat());
        assert_eq!(ours.stdout, theirs.stdout, "{ours:?}");
        assert!(
            ours.stderr.contains("there is no lease \"three\""),
            "{ours:?}"
        );
        assert_no(&alice, &told(&ours));
    }
}
