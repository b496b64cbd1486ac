//! What is denied is not done, and what is allowed is.

use jiff::{SignedDuration, Timestamp};
use lease_tests::{ApiServer, Client, Output};
use serde_json::{Value, json};

use super::Desk;
use crate::lock::{create_expired, get, held, holder};

/// That a policy is against it.
#[track_caller]
fn denied(output: &Output, policy: &str, code: &str) {
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(
        output
            .stderr
            .contains(&format!("policy {policy} denies it")),
        "{output:?}"
    );
    assert!(output.stderr.contains(&format!("({code})")), "{output:?}");
}

/// Breaks a lock as it stands now.
fn force_release(desk: &Desk<'_>, client: &Client, name: &str, flags: &[&str]) -> Output {
    let lease = get(client, name);
    let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
    let words = [
        "force-release",
        name,
        "--now",
        "--yes",
        "--resource-version",
        version,
    ];
    desk.types(&[words.as_slice(), flags].concat())
}

/// A window of a whole day that begins in so many days.
fn window_in(days: i64) -> Value {
    let day = Timestamp::now() + SignedDuration::from_hours(24 * days);
    let day = day.strftime("%a").to_string().to_lowercase();
    json!({"windows": [{"days": [day], "from": "00:00", "to": "24:00"}], "utcOffset": "+00:00"})
}

#[test]
fn outside_its_windows_nothing_is_stolen_or_broken() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    create_expired(client, "nightly", "ci@runner", 15);
    desk.adds("change-window", &window_in(3), &[]);
    let code = "outside-change-window";
    let output = desk.types(&["steal", "nightly"]);
    denied(&output, "change-window", code);
    assert!(
        output.stderr.contains("changes are welcome again from"),
        "{output:?}"
    );
    denied(
        &force_release(&desk, client, "nightly", &[]),
        "change-window",
        code,
    );
    assert_eq!(holder(client, "nightly"), "ci@runner");

    // In monitor mode it is done, and told.
    desk.adds("change-window", &window_in(3), &["--mode", "monitor"]);
    let output = desk
        .types(&["steal", "nightly", "--identity", "me"])
        .success();
    assert!(
        output.stderr.contains("would deny this, and only monitors"),
        "{output:?}"
    );
    assert_eq!(holder(client, "nightly"), "me");

    create_expired(client, "weekly", "ci@runner", 15);
    desk.adds("change-window", &window_in(0), &[]);
    desk.types(&["steal", "weekly", "--identity", "me"])
        .success();
    assert_eq!(holder(client, "weekly"), "me");
}

#[test]
fn who_breaks_a_lock_has_to_say_why() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    client.create(&held("nightly", "ci@runner", 600));
    let settings = json!({"pattern": "[A-Z]+-[0-9]+", "example": "OPS-4711"});
    desk.adds("require-reason", &settings, &[]);
    let output = force_release(&desk, client, "nightly", &[]);
    denied(&output, "require-reason", "no-reason");
    let output = force_release(&desk, client, "nightly", &["--reason", "because"]);
    denied(&output, "require-reason", "reason-does-not-fit");
    assert!(
        output.stderr.contains("such as --reason 'OPS-4711'"),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("\n  because: force-release of "),
        "{output:?}"
    );
    assert_eq!(holder(client, "nightly"), "ci@runner");
    force_release(&desk, client, "nightly", &["--reason", "OPS-1: it hangs"]).success();
    assert_eq!(holder(client, "nightly"), "");
}

#[test]
fn protected_locks_are_left_to_whom_they_are_left() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    let rule = |contexts: Value| {
        json!({"protect": [{
            "namespaces": [namespace.name()],
            "locks": ["gold-*"],
            "verbs": ["acquire", "run", "release", "steal", "force-release"],
            "contexts": contexts,
            "because": "gold is looked after",
        }]})
    };
    desk.types(&["acquire", "gold-1", "--identity", "me", "--duration", "1h"])
        .success();
    create_expired(client, "gold-2", "ci@runner", 15);
    desk.adds("protect-locks", &rule(json!(["break-glass"])), &[]);
    for words in [
        &["acquire", "gold-3"][..],
        &["release", "gold-1", "--identity", "me"],
        &["steal", "gold-2"],
    ] {
        denied(&desk.types(words), "protect-locks", "protected-lock");
    }
    let output = desk.types(&["run", "gold-3", "--", "touch", "it-ran"]);
    assert_ne!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("gold is looked after"), "{output:?}");
    assert!(!desk.home.path().join("it-ran").exists());
    assert_eq!(holder(client, "gold-1"), "me");
    assert_eq!(holder(client, "gold-2"), "ci@runner");
    assert_eq!(client.kubectl(["get", "lease", "gold-3"]).code, Some(1));

    // Others are nobody's business, and neither are those in a context that is named.
    desk.types(&["run", "silver-1", "--", "touch", "it-ran"])
        .success();
    assert!(desk.home.path().join("it-ran").exists());
    desk.adds("protect-locks", &rule(json!(["*"])), &[]);
    desk.types(&["steal", "gold-2", "--identity", "me"])
        .success();
    desk.types(&["release", "gold-1", "--identity", "me"])
        .success();
    assert_eq!(holder(client, "gold-2"), "me");
}
