//! The table of decisions.

use std::time::Duration;

use lease_core::decide::{force_release, release, steal};
use lease_core::{Claim, Forced, Identity, Look, Timestamp, judge};
use serde_json::{Map, Value, json};

use crate::json::{decided, duration, error, int, ok, standing, tagged, timestamp};
use crate::leases::{self, Lease, seconds_ago};

/// All decisions on leases of every kind, each with what it must come to. `leases` are told once, by
/// their names.
pub fn decisions() -> Value {
    let leases = leases::all();
    let mut cases = Vec::new();
    for lease in &leases {
        cases.extend(of(lease));
    }
    cases.extend(invalid(&leases[0]));
    let leases: Map<String, Value> = leases
        .iter()
        .map(|lease| (lease.what.to_owned(), lease.json()))
        .collect();
    json!({ "leases": leases, "cases": cases })
}

/// The same as a file that is kept: a lease and a case to a line.
pub fn table() -> String {
    let table = decisions();
    let lines = |key: &str| -> Vec<String> {
        match &table[key] {
            Value::Object(leases) => leases
                .iter()
                .map(|(name, lease)| format!("    {}: {lease}", Value::from(name.as_str())))
                .collect(),
            Value::Array(cases) => cases.iter().map(|case| format!("    {case}")).collect(),
            _ => Vec::new(),
        }
    };
    format!(
        "{{\n  \"leases\": {{\n{}\n  }},\n  \"cases\": [\n{}\n  ]\n}}\n",
        lines("leases").join(",\n"),
        lines("cases").join(",\n")
    )
}

fn looks() -> [Look; 6] {
    [
        Look::Stamped {
            date: seconds_ago(0),
        },
        Look::Observed {
            unchanged_for: Duration::from_secs(15),
            change_seen: false,
        },
        Look::Observed {
            unchanged_for: Duration::from_secs(11),
            change_seen: true,
        },
        Look::Recorded {
            now: seconds_ago(0),
        },
        Look::Observed {
            unchanged_for: Duration::from_nanos(u64::MAX),
            change_seen: true,
        },
        Look::Stamped {
            date: Timestamp::from_micros(i64::MAX),
        },
    ]
}

fn look(look: Look) -> Value {
    let reading = |now| json!({ "now": timestamp(now) });
    match look {
        Look::Observed {
            unchanged_for,
            change_seen,
        } => tagged(
            "observed",
            json!({ "unchanged-for": duration(unchanged_for), "change-seen": change_seen }),
        ),
        Look::Recorded { now } => tagged("recorded", reading(now)),
        Look::Stamped { date } => tagged("stamped", reading(date)),
    }
}

fn identity(text: &str) -> Identity {
    Identity::new(text).expect("it is one")
}

fn of(lease: &Lease) -> Vec<Value> {
    let lock = lease.snapshot();
    let name = &lock.name;
    let case = |call: &str, args: Value, result: Value| json!({ "lease": lease.what, "call": call, "args": args, "result": result });
    let now = seconds_ago(0);
    let claim = Claim {
        identity: identity("me"),
        duration_seconds: 30,
        number: 0xfeed_face_cafe_beef,
        attends: true,
    };
    let told_claim = json!({
        "identity": "me", "number": int(claim.number), "attends": true,
        "lease-duration": int(30_000_000_000_u64),
    });
    let mut cases = Vec::new();
    for each in looks() {
        let judged = judge(&lock, each);
        cases.push(case("judge", json!([look(each)]), ok(standing(&judged))));
        let args = json!([look(each), told_claim, timestamp(now)]);
        cases.push(case(
            "steal",
            args,
            decided(name, steal(&judged, &claim, now)),
        ));
    }
    for who in ["me", "other"] {
        let args = json!([who, timestamp(now)]);
        cases.push(case(
            "release",
            args,
            decided(name, release(&lock, &identity(who), now)),
        ));
    }
    for (because, at_once, confirmed) in
        [(None, false, false), (Some("stuck since noon"), true, true)]
    {
        let forced = Forced {
            tombstone: identity("broken by ops@desk: stuck"),
            because: because.map(str::to_owned),
            at_once,
            confirmed,
        };
        let told = json!({
            "tombstone": forced.tombstone.as_str(), "because": because, "at-once": at_once,
            "confirmed": confirmed,
        });
        for each in &looks()[..2] {
            let args = json!([look(*each), told, timestamp(now)]);
            let write = force_release(&judge(&lock, *each), &forced, now);
            cases.push(case("force-release", args, decided(name, write)));
        }
    }
    cases
}

/// What breaks the contract.
fn invalid(lease: &Lease) -> Vec<Value> {
    let case = |call: &str, args: Value, code: &str| {
        let result = error("invalid", code);
        json!({ "lease": lease.what, "call": call, "args": args, "result": result })
    };
    let now = timestamp(seconds_ago(0));
    let seen = look(looks()[0]);
    let claim = |identity: &str, duration: u64| {
        json!({
            "identity": identity, "number": int(1), "attends": false, "lease-duration": int(duration),
        })
    };
    let second = 1_000_000_000;
    let mut cases = vec![
        case("release", json!(["", now]), "identity-empty"),
        case(
            "release",
            json!(["a\u{1b}[2J", now]),
            "identity-unprintable",
        ),
        case(
            "release",
            json!(["x".repeat(1025), now]),
            "identity-too-long",
        ),
        case(
            "steal",
            json!([seen, claim("", second), now]),
            "identity-empty",
        ),
    ];
    for duration in [0, 1, second + 1, u64::MAX, 2_147_483_648 * second] {
        let args = json!([seen, claim("me", duration), now]);
        cases.push(case("steal", args, "timing"));
    }
    for (seconds, nanoseconds) in [
        (i64::MAX, 0),
        (i64::MIN, 0),
        (0, 1_000_000_000),
        (0, u32::MAX),
        (i64::MAX / 1_000_000, 999_999_999),
        (i64::MIN / 1_000_000 - 1, 0),
    ] {
        let time = json!({ "seconds": int(seconds), "nanoseconds": nanoseconds });
        let at = tagged("stamped", json!({ "now": time }));
        cases.push(case("judge", json!([at]), "time-out-of-range"));
        cases.push(case("release", json!(["other", time]), "time-out-of-range"));
    }
    cases
}
