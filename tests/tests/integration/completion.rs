//! Completion by the real kubectl, which asks our program for it.

use lease_tests::{ApiServer, Client};

use crate::lock::{create_expired, held};

/// `ShellCompDirectiveDefault` and `ShellCompDirectiveNoFileComp`.
const FILES_TOO: &str = ":0";
const NO_FILES: &str = ":4";

#[track_caller]
fn assert_offers(client: &Client, words: &[&str], expected: &[&str]) {
    let (offers, directive) = client.kubectl_completion(words);
    assert_eq!(offers, expected, "{words:?}");
    assert_eq!(directive, NO_FILES, "{words:?}");
}

#[test]
fn kubectl_completes_names_of_locks() {
    let namespace = ApiServer::shared().namespace("completion");
    let elsewhere = ApiServer::shared().namespace("completion");
    let client = namespace.admin();
    client.create(&held("alive", "one", 600));
    create_expired(client, "dead", "two", 15);
    elsewhere.admin().create(&held("there", "three", 600));

    let both = ["alive\theld", "dead\texpired"];
    assert_offers(client, &["lease", "describe", ""], &both);
    assert_offers(client, &["lease", "steal", "d"], &["dead\texpired"]);
    let prefixed = ["lease/dead\texpired"];
    assert_offers(client, &["lease", "steal", "lease/d"], &prefixed);
    assert_offers(client, &["lease", "ls", "dead", ""], &["alive\theld"]);
    for flags in [
        &["-n", elsewhere.name()][..],
        &[&format!("--namespace={}", elsewhere.name())],
    ] {
        let words = [&["lease", "describe"], flags, &[""]].concat();
        assert_offers(client, &words, &["there\theld"]);
    }
    // Nobody bound any right to her.
    assert_offers(&namespace.client("alice"), &["lease", "describe", ""], &[]);
}

#[test]
fn kubectl_completes_what_leads_to_a_cluster() {
    let namespace = ApiServer::shared().namespace("completion");
    let client = namespace.admin();
    let name = namespace.name();

    assert_offers(client, &["lease", "ls", "-n", name], &[name]);
    let (namespaces, _) = client.kubectl_completion(["lease", "ls", "-n", ""]);
    for there in ["default", "kube-system", name] {
        assert!(namespaces.iter().any(|n| n == there), "{namespaces:?}");
    }
    assert_offers(client, &["lease", "ls", "--context", "al"], &["alice"]);
    assert_offers(client, &["lease", "ls", "--context=al"], &["alice"]);
    let (files, directive) = client.kubectl_completion(["lease", "ls", "--kubeconfig", ""]);
    assert_eq!((files, directive.as_str()), (Vec::new(), FILES_TOO));
}

#[test]
fn kubectl_completes_verbs_flags_and_values() {
    let client = ApiServer::shared().admin();
    let steal = ["steal\tTake a lock whose lease is over"];
    assert_offers(client, &["lease", "st"], &steal);
    let stuck = ["--stuck\tOnly locks that are expired or worse"];
    assert_offers(client, &["lease", "ls", "--stu"], &stuck);
    let states = ["unbounded", "unknown"];
    assert_offers(client, &["lease", "ls", "--state", "un"], &states);
    assert_offers(client, &["lease", "ls", "--state=un"], &states);
}
