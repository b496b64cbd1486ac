//! The terms of the contract, as JSON.

use std::time::Duration;

use lease_core::{Expiry, Instant, Judged, Notes, Record, Refusal, Timestamp, Version, Write};
use serde_json::{Map, Value, json};

pub(crate) fn int(number: impl ToString) -> Value {
    json!({ "int": number.to_string() })
}

pub(crate) fn tagged(tag: &str, value: Value) -> Value {
    json!({ "tag": tag, "value": value })
}

pub(crate) fn ok(value: Value) -> Value {
    json!({ "ok": value })
}

pub(crate) fn error(kind: &str, code: &str) -> Value {
    json!({ "err": { "kind": kind, "code": code } })
}

pub(crate) fn timestamp(time: Timestamp) -> Value {
    let micros = time.as_micros();
    json!({
        "seconds": int(micros.div_euclid(1_000_000)),
        "nanoseconds": micros.rem_euclid(1_000_000) * 1000,
    })
}

pub(crate) fn duration(duration: Duration) -> Value {
    int(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

pub(crate) fn instant(at: Instant) -> u64 {
    u64::try_from(at.since(Instant::from_nanos(0)).as_nanos()).unwrap_or(u64::MAX)
}

pub(crate) fn version(version: &Version) -> Value {
    json!({
        "uid": version.uid.as_str(),
        "resource-version": version.resource_version.as_str(),
    })
}

pub(crate) fn spec(record: &Record) -> Value {
    json!({
        "holder-identity": record.holder,
        "lease-duration-seconds": record.duration_seconds,
        "acquire-time": record.acquire_time.map(timestamp),
        "renew-time": record.renew_time.map(timestamp),
        "lease-transitions": record.transitions,
        "strategy": record.strategy,
        "preferred-holder": record.preferred_holder,
    })
}

pub(crate) fn entries(notes: &Notes) -> Value {
    let there = notes.annotations().into_iter();
    there
        .filter_map(|(key, value)| Some(json!({ "key": key, "value": value? })))
        .collect()
}

pub(crate) fn standing(judged: &Judged<'_>) -> Value {
    let standing = judged.standing();
    let evidence = standing.evidence;
    let mut told = Map::new();
    told.insert("state".into(), standing.state.name().into());
    told.insert("dialect".into(), judged.lock().dialect.name().into());
    let basis = evidence.map(|evidence| evidence.basis().name());
    told.insert("basis".into(), basis.into());
    let age = evidence.map(|evidence| duration(evidence.age()));
    told.insert("age".into(), age.into());
    let (ends_in, ended_ago) = match standing.expiry {
        Some(Expiry::In(left)) => (Some(duration(left)), None),
        Some(Expiry::Ago(past)) => (None, Some(duration(past))),
        None => (None, None),
    };
    told.insert("ends-in".into(), ends_in.into());
    told.insert("ended-ago".into(), ended_ago.into());
    Value::Object(told)
}

pub(crate) fn write(name: &str, write: &Write) -> Value {
    let (version, dropped) = match write {
        Write::Create { .. } => (None, None),
        Write::Replace {
            version,
            drop_annotation,
            ..
        } => (Some(version), *drop_annotation),
    };
    let changes = write.notes().annotations().into_iter();
    let changes = changes.chain(dropped.map(|key| (key, None)));
    let annotations: Vec<Value> = changes
        .filter(|(_, value)| value.is_some() || version.is_some())
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    json!({
        "name": name,
        "version": version.map(self::version),
        "labels": [],
        "annotations": annotations,
        "owners": [],
        "spec": spec(write.record()),
    })
}

pub(crate) fn refusal(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::AlreadyFree => "already-free",
        Refusal::AlreadyYours => "already-yours",
        Refusal::Foreign(_) => "foreign",
        Refusal::Held { .. } => "held",
        Refusal::Malformed => "malformed",
        Refusal::NotHolder => "not-holder",
        Refusal::DateAhead { .. } => "date-ahead",
        Refusal::RecordAhead { .. } => "record-ahead",
        Refusal::Unattended => "unattended",
        Refusal::Unbounded => "unbounded",
        Refusal::Unproven => "unproven",
    }
}

/// What a decision comes to.
pub(crate) fn decided(name: &str, decided: Result<Write, Refusal>) -> Value {
    match decided {
        Ok(write) => ok(self::write(name, &write)),
        Err(refusal) => error("refused", self::refusal(&refusal)),
    }
}
