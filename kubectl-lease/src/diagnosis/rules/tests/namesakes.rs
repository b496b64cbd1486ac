//! Identities that more than one contender may go by.

use super::*;

#[test]
fn a_host_name_of_several_machines_is_no_identity() {
    let of_two = |holder: &str, renewed: i64| {
        with(&named(lock(renewed), "n", "web", holder), |facts| {
            facts.nodes = Some(vec![
                node("foo.domain1.tld", Ready::True, HOUR),
                node("foo.domain2.tld", Ready::True, HOUR),
            ]);
        })
    };
    let finding = only(&of_two("foo", 2), Code::Collision);
    assert!(finding.next.contains("foo.domain1.tld foo.domain2.tld"));
    // With a part that nobody else has, or as the full name of one.
    silent(&of_two("foo_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", 2));
    silent(&of_two("foo.domain1.tld", 2));
    silent(&with(&named(lock(2), "n", "web", "foo"), |facts| {
        facts.nodes = Some(vec![
            node("foo.domain1.tld", Ready::True, HOUR),
            node("foo.domain2.tld", Ready::Unknown, HOUR),
        ]);
    }));
}
