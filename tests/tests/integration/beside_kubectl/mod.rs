//! `kubectl lease ls` beside `kubectl get leases`: the same flags choose the same leases, in the
//! same order, and are found wrong alike.

mod clusters;
mod listing;
mod objects;
mod row;
mod watching;

use std::process::Command;

use lease_tests::{Client, Namespace, Output};
use serde_json::{Value, json};

use crate::lock::{LIMIT, held, next_second};

/// What both programs said.
struct Both {
    ours: Output,
    theirs: Output,
}

/// Runs both with these arguments, which no quotes can hold together. Those before a `|` stand
/// before the verb.
fn both(client: &Client, args: &str, change: impl Fn(&mut Command)) -> Both {
    let run = |mut command: Command, verb: &[&str]| {
        let (before, after) = args.split_once('|').unwrap_or(("", args));
        command.args(words(before)).args(verb).args(words(after));
        change(&mut command);
        Output::within(&mut command, LIMIT)
    };
    Both {
        ours: run(client.plugin_command(), &["ls"]),
        theirs: run(client.kubectl_command(), &["get", "leases"]),
    }
}

/// The words of a line; an underscore stands for a space within a word, and `''` for nothing.
fn words(line: &str) -> impl Iterator<Item = String> {
    let words = line.split_whitespace();
    words.map(|word| word.replace('_', " ").replace("''", ""))
}

/// Makes leases that differ in all that can be sorted and selected by. Those of one table have a
/// label of their own, so that they can be told from others in all namespaces.
fn make(here: &Namespace<'_>, there: &Namespace<'_>, table: &str) {
    let lease =
        |namespace: &Namespace<'_>, name: &str, holder: &str, change: &dyn Fn(&mut Value)| {
            let mut lease = held(name, holder, 600);
            lease["metadata"]["namespace"] = json!(namespace.name());
            lease["metadata"]["labels"] = json!({ "table": table });
            change(&mut lease);
            lease
        };
    let admin = here.admin();
    admin.create_all(&[
        lease(here, "two", "bob", &|lease| {
            lease["metadata"]["labels"]["team"] = json!("red");
            lease["spec"]["leaseDurationSeconds"] = json!(90);
        }),
        lease(there, "elsewhere", "dave", &|_| ()),
    ]);
    // By the age of a lease it can be sorted, too.
    next_second();
    admin.create_all(&[lease(here, "three", "alice", &|lease| {
        lease["metadata"]["labels"]["team"] = json!("blue");
        lease["metadata"]["labels"]["tier"] = json!("front");
        lease["spec"]["leaseDurationSeconds"] = json!(1000);
    })]);
    next_second();
    admin.create_all(&[
        lease(here, "one", "carol", &|lease| {
            lease["metadata"]["labels"]["team"] = json!("blue");
            lease["metadata"]["annotations"] = json!({"number": "0123", "truth": "yes"});
            lease["spec"]["leaseDurationSeconds"] = json!(100);
            lease["spec"]["leaseTransitions"].take();
        }),
        lease(there, "one", "erin", &|lease| {
            lease["metadata"]["labels"]["team"] = json!("blue");
        }),
    ]);
}
