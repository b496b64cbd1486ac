//! What docs/policies.md says of the ready-made policies.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use change_window::ChangeWindow;
use lease_policies::cases;
use lease_policy::{Finding, Policy};
use protect_locks::ProtectLocks;
use protect_ready_pods::ProtectReadyPods;
use require_reason::RequireReason;

/// The part of a policy, and the settings in it.
fn part(policy: &str) -> (String, String) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policies.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, part) = page.split_once(&format!("\n### {policy}\n")).unwrap();
    let part = part.split("\n## ").next().unwrap();
    let part = part.split("\n### ").next().unwrap().to_owned();
    let (_, settings) = part.split_once("```json\n").unwrap();
    let settings = settings.split_once("```").unwrap().0.to_owned();
    (part, settings)
}

#[test]
fn the_settings_on_the_page_are_taken() {
    type Configure = fn(&str) -> Result<(), Finding>;
    let policies: [(&str, Configure); 4] = [
        ("change-window", |text| {
            ChangeWindow::configure(text).map(drop)
        }),
        ("protect-locks", |text| {
            ProtectLocks::configure(text).map(drop)
        }),
        ("protect-ready-pods", |text| {
            ProtectReadyPods::configure(text).map(drop)
        }),
        ("require-reason", |text| {
            RequireReason::configure(text).map(drop)
        }),
    ];
    for (policy, configure) in policies {
        let (_, settings) = part(policy);
        if let Err(finding) = configure(&settings) {
            panic!("{policy}: {}", finding.message);
        }
    }
}

/// Of what a host does not know, nobody has to read.
const RARE: &str = "holder-of-a-new-kind";

#[test]
fn the_page_tells_all_codes() {
    for case in cases() {
        if let Some(code) = case.code
            && case.policy != "pair-of-eyes"
            && code != RARE
        {
            let (part, _) = part(&case.policy);
            assert!(
                part.contains(&format!("`{code}`")),
                "{}: {code}",
                case.policy
            );
        }
    }
}
