//! Acting as somebody else: `--as`, `--as-group`, `--as-uid` and `--as-user-extra`.

use std::collections::BTreeSet;

use lease_tests::{ApiServer, Client, Fate, FaultProxy, Output};
use serde_json::json;

use super::role::Role;
use super::{get_on, missing};
use crate::every_verb::{VERBS, locks, run_all};
use crate::lock::{LIMIT, held, until};

/// The right that is missing is that of who one acts as.
#[test]
fn the_missing_right_of_who_one_acts_as_is_told() {
    let server = ApiServer::shared();
    let lines = [
        "ls",
        "timing lock-seen",
        "acquire --try lock-new --identity me",
    ];
    let verbs = VERBS.iter().filter(|verb| lines.contains(&verb.line));
    let verbs: Vec<_> = verbs.collect();
    assert_eq!(verbs.len(), lines.len());
    let namespaces = server.namespaces("rights", verbs.len());
    locks::make(&namespaces);
    let rows: Vec<_> = verbs.into_iter().zip(&namespaces).collect();
    run_all(&rows, |(verb, namespace)| {
        get_on(verb, namespace, namespace.admin(), &["--as", "alice"])
    });
}

#[test]
fn who_may_not_act_as_somebody_else_is_told_so() {
    let namespace = ApiServer::shared().namespace("rights");
    let alice = namespace.client("alice");
    for verb in VERBS {
        let output = missing::run(&alice, verb, &["--as", "bob"]);
        assert_eq!(output.code, Some(3), "{}: {output:?}", verb.line);
        assert!(output.stderr.contains("impersonate"), "{output:?}");
        assert!(output.stderr.contains("bob"), "{output:?}");
        assert!(output.stderr.contains("\n  hint: "), "{output:?}");
    }
}

#[test]
fn a_group_gives_its_rights() {
    let namespace = ApiServer::shared().namespace("rights");
    let admin = namespace.admin();
    admin.create(&held("lock", "somebody", 600));
    let group = json!({
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Group",
        "name": "operators",
    });
    Role::new(&["get", "list"], &[]).bind_to(&namespace, &group);
    let names = |flags: &[&str]| admin.plugin([&["ls", "-o", "name"], flags].concat());
    let as_somebody = names(&["--as", "somebody"]);
    assert_eq!(as_somebody.code, Some(3), "{as_somebody:?}");
    let flags = ["--as=somebody", "--as-group=others", "--as-group=operators"];
    until("the role is known", || {
        names(&flags).stdout == "lease.coordination.k8s.io/lock\n"
    });
}

/// The server gets to know of the same person from both.
#[test]
fn who_one_acts_as_is_told_as_kubectl_tells_it() {
    let namespace = ApiServer::shared().namespace("rights");
    let proxy = FaultProxy::before(ApiServer::shared(), |_| Fate::Forward);
    let client = proxy.client(namespace.admin());
    for flags in [
        &["--as", "alice"][..],
        &["--as=alice", "--as-group=a", "--as-group", "b"],
        &["--as", "alice", "--as-uid", "1234-abcd"],
        &["--as", "alice", "--as-group=a,b"],
        &[
            "--as=system:serviceaccount:work:robot",
            "--as-user-extra=example.com/scopes=one",
            "--as-user-extra=example.com/scopes=two",
            "--as-user-extra",
            "reason=some reason, and 100 %",
        ],
    ] {
        let ours = impersonation(&proxy, &client, "kubectl-lease", flags);
        let theirs = impersonation(&proxy, &client, "kubectl", flags);
        assert!(!ours.is_empty(), "{flags:?}");
        assert_eq!(ours, theirs, "{flags:?}");
    }
}

/// The headers by which a program said who it acts as.
fn impersonation(
    proxy: &FaultProxy,
    client: &Client,
    program: &str,
    flags: &[&str],
) -> BTreeSet<(String, String)> {
    let seen = proxy.seen().len();
    let mut command = match program {
        "kubectl" => client.kubectl_command(),
        _ => client.plugin_command(),
    };
    command.args(match program {
        "kubectl" => ["get", "leases"].as_slice(),
        _ => &["ls"],
    });
    // What becomes of it is not the question.
    Output::within(command.args(flags), LIMIT);
    let requests = proxy.seen().split_off(seen);
    let request = requests
        .iter()
        .find(|request| request.path.contains("/leases"))
        .unwrap_or_else(|| panic!("{program} asked for no leases: {requests:?}"));
    request
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("impersonate-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}
