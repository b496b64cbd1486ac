//! `plugin test` decides the table of recorded requests as the policies do natively.

use lease_policies::{Case, Refused, cases, refused, request};
use lease_tests::{ApiServer, hosts};
use serde_json::Value;

use super::{Desk, text};

/// The one in JavaScript takes longer to be compiled.
pub(super) const JAVASCRIPT: &str = "pair-of-eyes";

/// Asks a policy, given by its name or file, what the case is about.
pub(super) fn decide(desk: &Desk<'_>, policy: &str, case: &Case) {
    let (settings, request) = (case.settings.to_string(), request(&case.request));
    let words = ["plugin", "test", policy, "-o", "json"];
    let about = ["--settings", &settings, "--request", text(&request)];
    let output = desk.types(&[words.as_slice(), &about].concat());
    let code = if case.verdict == "deny" { 3 } else { 0 };
    assert_eq!(output.code, Some(code), "{case:?}: {output:?}");
    let said: Value = serde_json::from_str(&output.stdout).unwrap();
    let said = &said["verdict"];
    let finding = said["code"].as_str().zip(said["message"].as_str());
    case.check(said["verdict"].as_str().unwrap(), finding);
}

/// Gives a policy settings that it does not take.
pub(super) fn refuse(desk: &Desk<'_>, policy: &str, case: &Refused) {
    let (settings, request) = (case.settings.to_string(), request("steal-with-bob"));
    let words = ["plugin", "test", policy];
    let about = ["--settings", &settings, "--request", text(&request)];
    let output = desk.types(&[words.as_slice(), &about].concat());
    assert_eq!(output.code, Some(1), "{case:?}: {output:?}");
    assert!(
        output.stderr.contains(&case.message),
        "{case:?}: {output:?}"
    );
}

#[test]
fn plugin_test_says_what_the_table_says() {
    let desk = Desk::of(ApiServer::shared().admin());
    let mut count = 0;
    for case in cases() {
        if case.policy != JAVASCRIPT {
            decide(&desk, text(&hosts::policy(&case.policy)), &case);
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn wrong_settings_are_told_by_field_and_rule() {
    let desk = Desk::of(ApiServer::shared().admin());
    for case in refused() {
        if case.policy != JAVASCRIPT {
            refuse(&desk, text(&hosts::policy(&case.policy)), &case);
        }
    }
}
