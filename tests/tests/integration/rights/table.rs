//! Who has which rights, and what comes of each verb.

use std::collections::BTreeSet;

use lease_tests::{ApiServer, Namespace};

use super::missing::{self, Missing};
use super::role::Role;
use crate::every_verb::{VERBS, Verb, locks, run_all};
use crate::lock::until;

/// Rights, and what each verb makes of them.
struct Row {
    who: &'static str,
    verbs: &'static [&'static str],
    /// Whether the role names the locks.
    is_named: bool,
    /// The right that each of [`VERBS`] lacks; empty if it is done.
    lacks: [&'static str; VERBS.len()],
}

/// The columns are those of [`VERBS`]: `ls`, then `ls`, `describe`, `timing` and
/// `force-release --dry-run` of one lock, then `acquire` of a new and of a free lock, `renew`, `release`, `steal` and `steal --release`.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row {
        who: "nobody",
        verbs: &[],
        is_named: false,
        lacks: ["list", "get", "get", "get", "get", "get", "get", "get", "get", "get", "get"],
    },
    Row {
        who: "who may get",
        verbs: &["get"],
        is_named: false,
        lacks: ["list", "", "", "", "", "create", "update", "update", "update", "update", "update"],
    },
    Row {
        who: "who may list",
        verbs: &["list"],
        is_named: false,
        lacks: ["", "", "", "", "", "create", "update", "update", "update", "update", "update"],
    },
    Row {
        who: "who may get, update and watch the locks by name",
        verbs: &["get", "update", "watch"],
        is_named: true,
        lacks: ["list", "", "", "", "", "create", "", "", "", "", ""],
    },
    Row {
        who: "who may create, get and update the locks by name",
        verbs: &["create", "get", "update"],
        is_named: true,
        lacks: ["list", "", "", "", "", "", "", "", "", "", ""],
    },
    Row {
        who: "who may do all but update",
        verbs: &["create", "get", "list", "watch"],
        is_named: false,
        lacks: ["", "", "", "", "", "", "update", "update", "update", "update", "update"],
    },
    Row {
        who: "who may do all but create",
        verbs: &["get", "list", "update", "watch"],
        is_named: false,
        lacks: ["", "", "", "", "", "create", "", "", "", "", ""],
    },
    Row {
        who: "who may list and write",
        verbs: &["create", "list", "update"],
        is_named: false,
        lacks: ["", "", "", "", "", "", "", "", "", "", ""],
    },
];

#[test]
fn what_may_be_done_is_done_and_what_may_not_be_is_told() {
    let namespaces = ApiServer::shared().namespaces("rights", ROWS.len());
    locks::make(&namespaces);
    let before = locks::all(&namespaces);
    for (row, namespace) in ROWS.iter().zip(&namespaces) {
        row.bind(namespace);
    }
    let cells: Vec<_> = ROWS
        .iter()
        .zip(&namespaces)
        .flat_map(|(row, namespace)| {
            let verbs = VERBS.iter().zip(row.lacks).enumerate();
            verbs.map(move |(index, (verb, lacks))| {
                // The same right of the same user is asked for once.
                let is_first = !row.lacks[..index].contains(&lacks);
                (row, namespace, verb, lacks, is_first)
            })
        })
        .collect();

    let wrong = run_all(&cells, |(row, namespace, verb, lacks, is_first)| {
        let what = outcome(namespace, verb, lacks, *is_first).err();
        what.map(|what| format!("{}: {what}", row.who))
    });
    let mut wrong: Vec<_> = wrong.into_iter().flatten().collect();

    let after = locks::all(&namespaces);
    for (row, namespace, verb, lacks, _) in cells {
        let is_right = if lacks.is_empty() {
            verb.is_done(namespace.name(), &before, &after)
        } else {
            verb.is_untouched(namespace.name(), &before, &after)
        };
        if !is_right {
            wrong.push(format!("{}: {}: the lock is wrong", row.who, verb.line));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

impl Row {
    fn bind(&self, namespace: &Namespace<'_>) {
        if self.verbs.is_empty() {
            return;
        }
        let names: BTreeSet<_> = VERBS.iter().map(|verb| verb.lock).collect();
        let names: Vec<_> = names.into_iter().flatten().collect();
        let names = if self.is_named { names } else { Vec::new() };
        Role::new(self.verbs, &names).bind(namespace, "alice");
        let alice = namespace.client("alice");
        let name = names.first().map(|name| format!("/{name}"));
        let resource = format!("leases.coordination.k8s.io{}", name.unwrap_or_default());
        until("the role is known", || {
            alice
                .kubectl(["auth", "can-i", self.verbs[0], &resource])
                .stdout
                == "yes\n"
        });
    }
}

/// Runs a verb, and says what is wrong with what came of it.
fn outcome(
    namespace: &Namespace<'_>,
    verb: &Verb,
    lacks: &str,
    asks_kubectl: bool,
) -> Result<(), String> {
    let alice = namespace.client("alice");
    let output = missing::run(&alice, verb, &[]);
    if lacks.is_empty() {
        return match output.code {
            Some(0) => Ok(()),
            _ => Err(format!("{}: not done: {output:#?}", verb.line)),
        };
    }
    let missing = Missing::told(&output, verb)?;
    if missing.verb != lacks
        || missing
            .name
            .as_deref()
            .is_some_and(|name| verb.lock != Some(name))
    {
        return Err(format!("{}: lacks {lacks}: {output:#?}", verb.line));
    }
    if asks_kubectl {
        missing.is_answered_with_no(&alice);
    }
    Ok(())
}
