//! The table that is kept is what the native crate says.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::path::Path;

use lease_conformance::{decisions, histories, table};
use serde_json::Value;

#[test]
fn the_table_is_what_the_native_crate_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("decisions.json");
    assert!(
        std::fs::read_to_string(file).unwrap() == table(),
        "write it anew: cargo run -p lease-conformance -- decisions plugins/conformance/decisions.json"
    );
    let table = decisions();
    let cases = table["cases"].as_array().unwrap();
    assert!(cases.len() >= 200, "{}", cases.len());
    // Each decision is taken, and refused.
    for call in ["judge", "steal", "release", "force-release"] {
        for result in ["ok", "err"] {
            let is_there =
                |case: &&Value| case["call"] == call && !case["result"][result].is_null();
            assert!(cases.iter().any(|case| is_there(&case)), "{call}: {result}");
        }
    }
}

/// Histories in which nothing happens would prove nothing.
#[test]
fn histories_come_to_everything_that_can_be_told() {
    let mut told = std::collections::BTreeSet::new();
    let mut asked = std::collections::BTreeSet::new();
    for history in histories(1, 300) {
        for step in history.as_array().unwrap() {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            match step["call"].as_str().unwrap() {
                "poll-event" => told.extend(text(&step["result"]["code"])),
                "poll-request" => asked.extend(text(&step["result"]["ok"]["tag"])),
                _ => {}
            }
        }
    }
    let all = [
        "acquired",
        "at-risk",
        "cannot-queue",
        "holder-changed",
        "lost",
        "not-acquired",
        "queued",
        "release-asked",
        "release-failed",
        "released",
        "renewed",
    ];
    assert_eq!(told.iter().collect::<Vec<_>>(), all);
    assert_eq!(
        asked.iter().collect::<Vec<_>>(),
        ["delete", "get", "list", "write"]
    );
}
