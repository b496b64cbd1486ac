//! The computed `status` that JSON and YAML carry beside what the API server keeps.

use lease_core::{Dialect, Evidence, Expiry, FencingToken, Standing};
use serde_json::{Map, Value, json};

use lease_client::{Lease, micro_time};

/// A lease as `kubectl get -o json` shows it, with its standing as `status`.
pub(crate) fn object(
    lease: &Lease,
    standing: &Standing,
    token: Option<&FencingToken>,
) -> Map<String, Value> {
    completed(lease.object(), &lease.snapshot().dialect, standing, token)
}

/// An object as it came, with its standing.
pub(crate) fn completed(
    mut object: Map<String, Value>,
    dialect: &Dialect,
    standing: &Standing,
    token: Option<&FencingToken>,
) -> Map<String, Value> {
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        // kubectl leaves it out of what people read.
        metadata.remove("managedFields");
    }
    object.insert(
        "status".into(),
        Value::Object(status(dialect, standing, token)),
    );
    object
}

/// Adds how many wait for the lock to a completed object.
pub(crate) fn add_waiters(object: &mut Value, waiters: usize) {
    if let Some(Value::Object(status)) = object.get_mut("status") {
        status.insert("waiters".into(), waiters.into());
    }
}

fn status(
    dialect: &Dialect,
    standing: &Standing,
    token: Option<&FencingToken>,
) -> Map<String, Value> {
    let mut status = Map::new();
    status.insert("state".into(), standing.state.name().into());
    status.insert("dialect".into(), dialect.name().into());
    if let Some(evidence) = &standing.evidence {
        status.insert("basis".into(), evidence.basis().name().into());
        status.insert(
            "evidence".into(),
            match evidence {
                Evidence::Observed { unchanged_for, .. } => {
                    json!({"unchangedForSeconds": unchanged_for.as_secs()})
                }
                Evidence::Recorded { renewed, now } => json!({
                    "renewTime": micro_time::format(*renewed),
                    "localTime": micro_time::format(*now),
                }),
                Evidence::Stamped { stamp, date } => json!({
                    "lastChange": micro_time::format_seconds(*stamp),
                    "serverTime": micro_time::format_seconds(*date),
                }),
            },
        );
    }
    if let Some(expiry) = standing.expiry {
        let seconds = match expiry {
            Expiry::In(left) => i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            Expiry::Ago(over) => i64::try_from(over.as_secs()).map_or(i64::MIN, |over| -over),
        };
        status.insert("expiresInSeconds".into(), seconds.into());
    }
    if let Some(token) = token {
        status.insert("fencingToken".into(), token.to_string().into());
    }
    status
}
