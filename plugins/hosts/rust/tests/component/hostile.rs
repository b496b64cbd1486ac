//! What breaks the contract comes to an error in its own terms, and never to a trap.

use lease_host_wasmtime::Lock;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::component;
use crate::dynamic::Dynamic;

fn int64() -> BoxedStrategy<Value> {
    prop_oneof![
        3 => any::<i64>(),
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
        3 => -100..2_000_000_000_i64,
    ]
    .prop_map(|int| json!({ "int": int.to_string() }))
    .boxed()
}

/// Times that mostly go on, and now and then jump to an end of time.
fn instant() -> BoxedStrategy<u64> {
    prop_oneof![8 => 0..3_000_000_000_u64, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(0)]
        .boxed()
}

fn duration() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => (0..40_u64).prop_map(|seconds| seconds * 500_000_000),
        1 => any::<u64>(),
        1 => Just(u64::MAX),
    ]
    .prop_map(|int| json!({ "int": int.to_string() }))
    .boxed()
}

fn timestamp() -> BoxedStrategy<Value> {
    let nanos = prop_oneof![4 => 0..1_000_000_000_u32, 1 => any::<u32>()];
    (int64(), nanos)
        .prop_map(
            |(seconds, nanoseconds)| json!({ "seconds": seconds, "nanoseconds": nanoseconds }),
        )
        .boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        Just(String::new()),
        Just("me".to_owned()),
        Just("lock".to_owned()),
        Just("x".repeat(2000)),
        ".{0,20}",
        "[0-9]{1,50}",
    ]
    .boxed()
}

fn optional(inner: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop::option::of(inner).prop_map(Value::from).boxed()
}

fn entry() -> BoxedStrategy<Value> {
    let key = prop_oneof![
        Just("kubectl-lease.io/taken-by".to_owned()),
        Just("kubectl-lease.io/granted-to".to_owned()),
        Just("kubectl-lease.io/granted-ticket".to_owned()),
        Just("kubectl-lease.io/waits-for".to_owned()),
        Just("kubectl-lease.io/served-through".to_owned()),
        text(),
    ];
    let value = prop_oneof![
        Just("me 1 attends".to_owned()),
        Just("a/b".to_owned()),
        text()
    ];
    (key, value)
        .prop_map(|(key, value)| json!({ "key": key, "value": value }))
        .boxed()
}

fn spec() -> BoxedStrategy<Value> {
    (
        optional(text().prop_map(Value::from)),
        optional(any::<i32>().prop_map(Value::from)),
        optional(timestamp()),
        optional(timestamp()),
        optional(any::<i32>().prop_map(Value::from)),
    )
        .prop_map(|(holder, seconds, acquired, renewed, transitions)| {
            json!({
                "holder-identity": holder, "lease-duration-seconds": seconds,
                "acquire-time": acquired, "renew-time": renewed,
                "lease-transitions": transitions, "strategy": null, "preferred-holder": null,
            })
        })
        .boxed()
}

fn managed() -> BoxedStrategy<Value> {
    (optional(timestamp()), any::<[bool; 5]>()).prop_map(|(time, owns)| {
        json!({
            "time": time, "acquire-time": owns[0], "holder-identity": owns[1],
            "lease-duration-seconds": owns[2], "lease-transitions": owns[3], "renew-time": owns[4],
        })
    })
        .boxed()
}

fn lease() -> BoxedStrategy<Value> {
    (
        prop_oneof![4 => Just("lock".to_owned()), 1 => text()],
        prop_oneof![4 => Just("u".to_owned()), 1 => text()],
        prop_oneof![4 => (1..99_u32).prop_map(|version| version.to_string()), 1 => text()],
        prop::collection::vec(entry(), 0..3),
        prop::collection::vec(entry(), 0..5),
        prop::collection::vec(managed(), 0..3),
        spec(),
    )
        .prop_map(|(name, uid, version, labels, annotations, managed, spec)| {
            json!({
                "namespace": "work", "name": name,
                "version": { "uid": uid, "resource-version": version },
                "labels": labels, "annotations": annotations, "owners": [],
                "managed-fields": managed, "terraform-lock-id": null, "spec": spec,
            })
        })
        .boxed()
}

fn settings() -> BoxedStrategy<Value> {
    let proper = json!({
        "namespace": "work", "name": "lock",
        "claim": {
            "identity": "me", "number": { "int": "1" }, "attends": true,
            "lease-duration": { "int": "3000000000" },
        },
        "renew-deadline": { "int": "2000000000" }, "retry-period": { "int": "500000000" },
        "patience": { "tag": "endless", "value": null }, "reads-every": null,
    });
    let absurd = (
        (text(), text(), text()),
        [duration(), duration(), duration()],
        optional(duration()),
        instant(),
    )
        .prop_map(
            |((namespace, name, identity), durations, reads_every, until)| {
                let [lease, deadline, retry] = durations;
                json!({
                    "namespace": namespace, "name": name,
                    "claim": {
                        "identity": identity, "number": { "int": "1" }, "attends": true,
                        "lease-duration": lease,
                    },
                    "renew-deadline": deadline, "retry-period": retry,
                    "patience": { "tag": "until", "value": { "int": until.to_string() } },
                    "reads-every": reads_every,
                })
            },
        );
    prop_oneof![2 => Just(proper), 1 => absurd].boxed()
}

#[derive(Clone, Debug)]
enum Call {
    Ask(&'static str),
    Poll(Value),
    Answer(&'static str, Value),
    Observe(Option<Value>),
    Resign(Value),
    Suspect,
}

fn call() -> BoxedStrategy<(u64, Call)> {
    let outcome = prop::sample::select(&[
        "landed", "listed", "deleted", "absent", "conflict", "denied", "rejected", "not-sent",
        "unknown",
    ]);
    let succession = prop_oneof![
        Just(json!({ "tag": "queue", "value": null })),
        Just(json!({ "tag": "open", "value": null })),
        text().prop_map(|to| json!({ "tag": "named", "value": to })),
    ];
    let ask = prop::sample::select(&["poll-timeout", "held-until", "has-ended", "poll-event"]);
    let call = prop_oneof![
        6 => timestamp().prop_map(Call::Poll),
        6 => (outcome, lease()).prop_map(|(outcome, lease)| Call::Answer(outcome, lease)),
        3 => prop::option::of(lease()).prop_map(Call::Observe),
        1 => succession.prop_map(Call::Resign),
        3 => ask.prop_map(Call::Ask),
        1 => Just(Call::Suspect),
    ];
    (instant(), call).boxed()
}

/// What a call returned is a value of the contract; a trap would be a panic before this.
fn is_told(result: &Value) -> bool {
    result.get("err").is_none_or(|error| {
        let kind = error["kind"].as_str().unwrap();
        ["invalid", "out-of-order", "refused"].contains(&kind) && error["code"].is_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_call_in_any_order_traps(
        settings in settings(),
        calls in prop::collection::vec(call(), 0..60),
    ) {
        let lock = lock();
        let mut rules = Dynamic::new(lock.component());
        let made = rules.drive("create", &json!([settings]));
        prop_assert!(is_told(&made));
        if made.get("ok").is_none() {
            return Ok(());
        }
        let mut now = 0_u64;
        for (passes, call) in calls {
            // Zero goes back to the begin of time.
            now = if passes == 0 { 0 } else { now.saturating_add(passes) };
            let at = json!({ "int": now.to_string() });
            let result = match call {
                Call::Ask("has-ended" | "poll-event") => rules.drive("poll-event", &json!([])),
                Call::Ask(call) => rules.drive(call, &json!([at])),
                Call::Poll(wall) => rules.drive("poll-request", &json!([at, wall])),
                Call::Answer(tag, lease) => {
                    if let Err(error) = rules.snapshot(&lease) {
                        prop_assert!(is_told(&error));
                        continue;
                    }
                    let value = match tag {
                        "landed" => json!({ "lease": { "snapshot": lease }, "date": null }),
                        "listed" => json!({ "leases": [{ "snapshot": lease }] }),
                        _ => Value::Null,
                    };
                    rules.drive("answered", &json!([{ "tag": tag, "value": value }, at]))
                }
                Call::Observe(lease) => {
                    if let Some(Err(error)) = lease.as_ref().map(|lease| rules.snapshot(lease)) {
                        prop_assert!(is_told(&error));
                        continue;
                    }
                    let lease = lease.map(|lease| json!({ "snapshot": lease }));
                    rules.drive("observe", &json!([lease, at]))
                }
                Call::Resign(succession) => rules.drive("resign", &json!([succession, at])),
                Call::Suspect => rules.drive("suspect", &json!([])),
            };
            prop_assert!(is_told(&result), "{result}");
        }
    }

    #[test]
    fn no_decision_traps(lease in lease(), time in timestamp(), identity in text(), long in duration()) {
        let lock = lock();
        let mut rules = Dynamic::new(lock.component());
        let claim = json!({
            "identity": identity, "number": { "int": "1" }, "attends": false, "lease-duration": long,
        });
        let forced = json!({
            "tombstone": identity, "because": identity, "at-once": false, "confirmed": true,
        });
        let observed = json!({ "unchanged-for": long, "change-seen": true });
        for look in [
            json!({ "tag": "observed", "value": observed }),
            json!({ "tag": "recorded", "value": { "now": time } }),
            json!({ "tag": "stamped", "value": { "now": time } }),
        ] {
            for (call, args) in [
                ("judge", json!([look])),
                ("steal", json!([look, claim, time])),
                ("release", json!([identity, time])),
                ("force-release", json!([look, forced, time])),
            ] {
                let result = rules.decide(&lease, call, &args);
                prop_assert!(is_told(&result), "{result}");
            }
        }
    }
}

/// Compiled once: a case takes less time than that.
fn lock() -> &'static Lock {
    static LOCK: std::sync::LazyLock<Lock> =
        std::sync::LazyLock::new(|| Lock::compile(&component()).unwrap());
    &LOCK
}
