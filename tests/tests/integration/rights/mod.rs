//! Users who may do little. Whatever they may do is done; of whatever they may not, the missing
//! right is told in the words of `kubectl auth can-i`, and nothing is written.

mod elsewhere;
mod impersonated;
mod missing;
mod role;

mod table;
mod watching;

use lease_tests::{ApiServer, Client, Namespace};

use self::missing::Missing;
pub(crate) use self::role::Role;
use crate::every_verb::{VERBS, Verb, locks, run_all};

/// Whoever is given just the right that is told as missing gets on, until all is done.
#[test]
fn the_missing_right_is_told_until_none_is_missing() {
    let namespaces = ApiServer::shared().namespaces("rights", VERBS.len());
    locks::make(&namespaces);
    let before = locks::all(&namespaces);
    let rows: Vec<_> = VERBS.iter().zip(&namespaces).collect();

    let granted = run_all(&rows, |(verb, namespace)| {
        get_on(verb, namespace, &namespace.client("alice"), &[])
    });

    let after = locks::all(&namespaces);
    for (verb, namespace) in &rows {
        assert!(
            verb.is_done(namespace.name(), &before, &after),
            "{}: nothing was written",
            verb.line
        );
    }
    let told: Vec<_> = VERBS
        .iter()
        .zip(&granted)
        .map(|(verb, granted)| format!("{}: {}", verb.line, granted.join(", ")))
        .collect();
    insta::assert_snapshot!("needed", told.join("\n"));
}

/// Runs a verb as somebody without rights, and grants what is told as missing, until it is done.
/// Returns what was granted.
fn get_on(verb: &Verb, namespace: &Namespace<'_>, client: &Client, flags: &[&str]) -> Vec<String> {
    let mut granted = Vec::new();
    loop {
        let output = missing::run(client, verb, flags);
        if output.code == Some(0) {
            return granted;
        }
        let missing = Missing::told(&output, verb).unwrap_or_else(|wrong| panic!("{wrong}"));
        missing.is_answered_with_no(client);
        assert!(granted.len() < 4, "{}: {granted:?}, {output:?}", verb.line);
        Role::of(&missing).bind(namespace, "alice");
        missing.becomes_yes(client);
        granted.push(missing.right());
    }
}
