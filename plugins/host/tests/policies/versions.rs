//! Policies of other versions of the contract.

use lease_policy_guests::Guest;
use lease_policy_host::{Policy, Verdict};

use crate::{HOST, steal};

#[test]
fn a_patch_is_compatible() {
    for version in ["0.1.0", "0.1.1", "0.1.23"] {
        let guest = Guest::new("p")
            .contract(version)
            .review(&[Guest::log(1, "asked"), Guest::allow()].concat());
        let policy = Policy::compile(&HOST, &guest.component()).unwrap();
        let review = policy.review("{}", &steal()).unwrap();
        assert_eq!(review.verdict, Verdict::Allow, "{version}");
        assert_eq!(review.log.len(), 1, "{version}");
    }
}

#[test]
fn another_minor_or_major_version_is_told() {
    for (version, told) in [
        ("0.2.0", "0.2"),
        ("0.0.9", "0.0"),
        ("0.10.3", "0.10"),
        ("1.0.0", "1.0"),
        ("0.1.0-rc.1", "0.1.0-rc.1"),
    ] {
        let component = Guest::new("p").contract(version).component();
        let error = Policy::compile(&HOST, &component).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("was made for lease:policy {told}, this program speaks 0.1")
        );
    }
}
