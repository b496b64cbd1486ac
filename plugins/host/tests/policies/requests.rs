//! Requests and verdicts as JSON, as they are recorded.

use lease_policy_host::{Finding, Request, Verdict};
use serde_json::{Value, json};

use crate::steal;

#[test]
fn a_request_is_json_in_the_names_of_the_contract() {
    let whole = json!({
        "verb": "steal", "now": "2026-11-21T03:41:15.25Z", "utcOffsetSeconds": 3600, "dryRun": true,
        "reason": "node lost", "context": "prod", "user": "alice", "identity": "alice@desk",
        "lock": {
            "kind": "lease", "namespace": "work", "name": "lock", "uid": "u",
            "resourceVersion": "7", "labels": { "team": "a" }, "annotations": { "b": "c" },
            "holderIdentity": "bob", "leaseDurationSeconds": 15,
            "acquireTime": "2026-11-21T03:00:00Z", "renewTime": "0001-01-01T00:00:00Z",
            "leaseTransitions": 3, "dialect": "client-go",
            "standing": { "state": "expired", "basis": "stamped", "ageSeconds": 600 },
        },
        "holder": {
            "kind": "pod", "namespace": "work", "name": "bob-0", "phase": "Running", "ready": false,
        },
    });
    let request: Request = serde_json::from_value(whole.clone()).unwrap();
    assert_eq!(serde_json::to_value(&request).unwrap(), whole);
}

#[test]
fn what_is_left_out_is_none_and_what_is_unknown_is_told() {
    assert_eq!(steal().lock.labels.len(), 0);
    let mut typo = serde_json::to_value(steal()).unwrap();
    typo["lock"]["lables"] = json!({});
    let error = serde_json::from_value::<Request>(typo)
        .unwrap_err()
        .to_string();
    assert!(error.contains("lables"), "{error}");
}

#[test]
fn a_verdict_names_itself() {
    let denied = Verdict::Deny(Finding {
        code: "no".to_owned(),
        message: "never".to_owned(),
    });
    let told = json!({ "verdict": "deny", "code": "no", "message": "never" });
    assert_eq!(serde_json::to_value(&denied).unwrap(), told);
    assert_eq!(serde_json::from_value::<Verdict>(told).unwrap(), denied);
    let told: Value = serde_json::to_value(Verdict::Abstain).unwrap();
    assert_eq!(told, json!({ "verdict": "abstain" }));
}
