//! Called by kubectl or directly, it is the same program, and says how it was called.

use std::time::Instant;

use lease_tests::{ApiServer, Client, Output};

use crate::lock::{LIMIT, create_expired, held};

#[test]
fn both_ways_lead_to_the_same_table() {
    let namespace = ApiServer::shared().namespace("plugin");
    let client = namespace.admin();
    client.create(&held("alive", "one", 600));
    create_expired(client, "dead", "two", 15);

    for args in [&["ls"][..], &["ls", "-o", "wide"], &["ls", "-o", "name"]] {
        let under_kubectl: Vec<_> = [&["lease"], args].concat();
        let started = Instant::now();
        loop {
            let direct = client.plugin(args).success().stdout;
            let called = client.kubectl_with_plugin(&under_kubectl).success().stdout;
            assert!(
                direct.contains("alive") && direct.contains("dead"),
                "{direct}"
            );
            // Ages move on between two calls, but not between all of them.
            if direct == called {
                break;
            }
            assert!(started.elapsed() < LIMIT, "{direct}\nis not\n{called}");
        }
    }
}

/// What is said where something is wrong, by both ways of calling, with the name of each.
fn said_both_ways(args: &[&str], code: i32) -> [(&'static str, String); 2] {
    let text = |call: &dyn Fn(&Client) -> Output| {
        let namespace = ApiServer::shared().namespace("plugin");
        let output = call(namespace.admin());
        assert_eq!(output.code, Some(code), "{output:?}");
        (output.stdout + &output.stderr).replace(namespace.name(), "NAMESPACE")
    };
    let under_kubectl: Vec<_> = [&["lease"], args].concat();
    [
        (
            "kubectl lease",
            text(&|client| client.kubectl_with_plugin(&under_kubectl)),
        ),
        ("kubectl-lease", text(&|client| client.plugin(args))),
    ]
}

#[test]
fn help_usage_and_hints_can_be_typed_as_they_stand() {
    for (args, code, phrase) in [
        (&["--help"][..], 0, "Usage: NAME "),
        (&["steal", "--help"], 0, "Usage: NAME steal "),
        (&["steal"], 1, "Usage: NAME steal "),
        (&["steel", "lock"], 1, "Usage: NAME "),
        (&["ls", "--no-such-flag"], 1, "Usage: NAME ls "),
        (&["describe", "nothing"], 1, "`NAME ls -n NAMESPACE`"),
        (&["steal", "nothing"], 1, "`NAME ls -n NAMESPACE`"),
        (
            &["acquire", "lock", "--try"],
            0,
            "NAME renew lock -n NAMESPACE ",
        ),
    ] {
        for (name, said) in said_both_ways(args, code) {
            let phrase = phrase.replace("NAME ", &format!("{name} "));
            assert!(said.contains(&phrase), "no {phrase:?} in\n{said}");
            let other = ["kubectl lease", "kubectl-lease"]
                .into_iter()
                .find(|other| *other != name)
                .unwrap();
            // The field manager and the title of the help are names of the program itself.
            assert!(!said.contains(&format!("{other} ")), "{other:?} in\n{said}");
        }
    }
}

#[test]
fn kubectl_passes_the_exit_code_on() {
    let namespace = ApiServer::shared().namespace("plugin");
    let client = namespace.admin();
    client.create(&held("lock", "one", 600));
    for (args, code) in [
        (["lease", "steal", "lock"], 3),
        (["lease", "describe", "nothing"], 1),
        (["lease", "describe", "lock"], 0),
    ] {
        let output = client.kubectl_with_plugin(args);
        assert_eq!(output.code, Some(code), "{output:?}");
    }
}
