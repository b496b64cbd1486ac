//! The policies that are written in Rust, natively, and the table of what they have to say.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::collections::BTreeSet;

use change_window::ChangeWindow;
use lease_policies::{cases, refused, request};
use lease_policy::{Description, Finding, Policy, Request, Verdict};
use protect_locks::ProtectLocks;
use protect_ready_pods::ProtectReadyPods;
use require_reason::RequireReason;

/// A policy, whichever it is.
struct Native {
    describe: fn() -> Description,
    configure: fn(&str) -> Result<(), Finding>,
    review: fn(&str, &Request) -> Verdict,
}

impl Native {
    fn of<P: Policy>() -> Self {
        Self {
            describe: P::describe,
            configure: |settings| P::configure(settings).map(drop),
            review: |settings, request| P::configure(settings).unwrap().review(request),
        }
    }
}

fn policies() -> [Native; 4] {
    [
        Native::of::<ChangeWindow>(),
        Native::of::<ProtectLocks>(),
        Native::of::<ProtectReadyPods>(),
        Native::of::<RequireReason>(),
    ]
}

/// None of one that is written in another language.
fn policy(name: &str) -> Option<Native> {
    let policy = policies()
        .into_iter()
        .find(|policy| (policy.describe)().name == name);
    assert!(
        policy.is_some() || name == "pair-of-eyes",
        "there is no {name}"
    );
    policy
}

fn read(name: &str) -> Request {
    let text = std::fs::read_to_string(request(name)).unwrap();
    lease_policy::request(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn each_says_what_the_table_says() {
    for case in cases() {
        let Some(policy) = policy(&case.policy) else {
            continue;
        };
        let verdict = (policy.review)(&case.settings.to_string(), &read(&case.request));
        let (verdict, finding) = match &verdict {
            Verdict::Abstain => ("abstain", None),
            Verdict::Allow => ("allow", None),
            Verdict::Warn(finding) => ("warn", Some(finding)),
            Verdict::Deny(finding) => ("deny", Some(finding)),
        };
        case.check(
            verdict,
            finding.map(|finding| (&*finding.code, &*finding.message)),
        );
    }
}

#[test]
fn wrong_settings_are_told_by_field_and_rule() {
    for case in refused() {
        let Some(policy) = policy(&case.policy) else {
            continue;
        };
        let settings = case.settings.to_string();
        let finding = (policy.configure)(&settings).expect_err(&settings);
        assert!(
            finding.message.starts_with(&case.message),
            "{settings}: {}",
            finding.message
        );
        assert_eq!(finding.code, "invalid-settings");
    }
}

#[test]
fn each_description_has_settings_that_work_and_names_its_crate() {
    for policy in policies() {
        let description = (policy.describe)();
        (policy.configure)(&description.example_settings).unwrap();
        assert!(!description.summary.is_empty());
        assert_eq!(description.version, env!("CARGO_PKG_VERSION"));
    }
}

/// Of a verb that it does not ask to be asked about, a policy is never asked: it must have nothing to
/// say of it.
#[test]
fn each_asks_for_the_verbs_that_it_judges() {
    for case in cases() {
        if let Some(policy) = policy(&case.policy)
            && case.verdict != "abstain"
        {
            let verb = read(&case.request).verb;
            assert!(
                (policy.describe)().verbs.contains(&verb),
                "{}: {verb}",
                case.policy
            );
        }
    }
}

#[test]
fn each_request_is_in_the_table_and_can_be_read() {
    let used: BTreeSet<String> = cases().into_iter().map(|case| case.request).collect();
    let folder = request("any").parent().unwrap().to_owned();
    let names = std::fs::read_dir(folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    let there: BTreeSet<String> = names.collect();
    assert_eq!(used, there);
    for name in there {
        read(&name);
    }
}

/// Each of them says each of its codes somewhere in the table.
#[test]
fn the_table_has_all_verdicts_of_all_policies() {
    let told: BTreeSet<(String, String)> = cases()
        .into_iter()
        .map(|case| (case.policy, case.code.unwrap_or(case.verdict)))
        .collect();
    for (policy, codes) in [
        (
            "change-window",
            &["allow", "abstain", "change-freeze", "outside-change-window"][..],
        ),
        ("protect-locks", &["allow", "abstain", "protected-lock"]),
        (
            "protect-ready-pods",
            &[
                "allow",
                "abstain",
                "holder-is-ready",
                "holder-of-a-new-kind",
                "holder-unknown",
            ],
        ),
        (
            "require-reason",
            &["allow", "abstain", "no-reason", "reason-does-not-fit"],
        ),
    ] {
        for code in codes {
            let told_here = told.contains(&(policy.to_owned(), (*code).to_owned()));
            assert!(told_here, "{policy}: {code}");
        }
    }
}
