//! A lease's spec between JSON and [`Record`], losing nothing.

use lease_core::{Record, Timestamp, Write};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::micro_time::{self, Time};
use crate::notes;

/// The fields of a spec that a [`Record`] knows.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Spec {
    holder_identity: Option<String>,
    lease_duration_seconds: Option<i32>,
    acquire_time: Option<Time>,
    renew_time: Option<Time>,
    lease_transitions: Option<i32>,
    strategy: Option<String>,
    preferred_holder: Option<String>,
}

impl From<Spec> for Record {
    /// A time that cannot be read counts as none.
    fn from(spec: Spec) -> Self {
        let time = |time: Option<Time>| time.and_then(Time::known);
        Self {
            holder: spec.holder_identity,
            duration_seconds: spec.lease_duration_seconds,
            acquire_time: time(spec.acquire_time),
            renew_time: time(spec.renew_time),
            transitions: spec.lease_transitions,
            strategy: spec.strategy,
            preferred_holder: spec.preferred_holder,
        }
    }
}

/// Changes in `object` what `write` changes of `before`, and nothing else: a field that stays
/// the same keeps the very text that it had, and whatever we do not model stays.
pub(crate) fn apply(write: &Write, before: &Record, object: &mut Map<String, Value>) {
    let after = write.record();
    let spec = object
        .entry("spec")
        .and_modify(|spec| {
            if !spec.is_object() {
                *spec = Value::Object(Map::new());
            }
        })
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(spec) = spec {
        let mut put = |key: &str, differs: bool, value: Option<Value>| {
            if differs {
                match value {
                    Some(value) => spec.insert(key.to_owned(), value),
                    None => spec.remove(key),
                };
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::String);
        let time = |time: Option<Timestamp>| time.map(|time| micro_time::format(time).into());
        put(
            "holderIdentity",
            after.holder != before.holder,
            text(&after.holder),
        );
        put(
            "leaseDurationSeconds",
            after.duration_seconds != before.duration_seconds,
            after.duration_seconds.map(Value::from),
        );
        put(
            "acquireTime",
            after.acquire_time != before.acquire_time,
            time(after.acquire_time),
        );
        put(
            "renewTime",
            after.renew_time != before.renew_time,
            time(after.renew_time),
        );
        put(
            "leaseTransitions",
            after.transitions != before.transitions,
            after.transitions.map(Value::from),
        );
        put(
            "strategy",
            after.strategy != before.strategy,
            text(&after.strategy),
        );
        put(
            "preferredHolder",
            after.preferred_holder != before.preferred_holder,
            text(&after.preferred_holder),
        );
    }
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        notes::apply(write.notes(), metadata);
    }
    if let Write::Replace {
        drop_annotation: Some(key),
        ..
    } = write
        && let Some(Value::Object(annotations)) = object
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut("annotations"))
    {
        annotations.remove(*key);
    }
}

/// Terraform's description of a state lock, which is JSON in an annotation.
#[derive(Debug, Deserialize)]
pub(crate) struct LockInfo {
    #[serde(rename = "ID")]
    pub(crate) id: String,
    /// A user and a host name, `user@host`.
    #[serde(default, rename = "Who")]
    pub(crate) who: String,
}

impl LockInfo {
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lease_core::{ResourceVersion, Uid, Version};
    use proptest::option;
    use proptest::prelude::*;

    fn time() -> impl Strategy<Value = Timestamp> {
        (Timestamp::GO_ZERO.as_micros()..253_402_300_800_000_000).prop_map(Timestamp::from_micros)
    }

    prop_compose! {
        fn record()(
            holder in option::of(".{0,12}"),
            duration_seconds in option::of(any::<i32>()),
            acquire_time in option::of(time()),
            renew_time in option::of(time()),
            transitions in option::of(any::<i32>()),
            strategy in option::of("[a-z]{1,3}"),
            preferred_holder in option::of("[a-z]{1,3}"),
        ) -> Record {
            Record {
                holder, duration_seconds, acquire_time, renew_time, transitions, strategy,
                preferred_holder,
            }
        }
    }

    fn replace(record: Record) -> Write {
        Write::Replace {
            version: Version {
                uid: Uid::new("u"),
                resource_version: ResourceVersion::new("1"),
            },
            record,
            notes: lease_core::Notes::default(),
            drop_annotation: None,
        }
    }

    fn read(object: &Map<String, Value>) -> Record {
        let spec: Spec = serde_json::from_value(object["spec"].clone()).unwrap();
        spec.into()
    }

    proptest! {
        #[test]
        fn a_record_survives_the_way_to_json_and_back(before in record(), after in record()) {
            let mut object = Map::new();
            apply(&replace(before.clone()), &Record::default(), &mut object);
            prop_assert_eq!(&read(&object), &before);
            apply(&replace(after.clone()), &before, &mut object);
            prop_assert_eq!(&read(&object), &after);
        }

        #[test]
        fn what_is_not_changed_keeps_its_text(before in record(), key in "[a-z]{3,8}") {
            let mut object = Map::new();
            apply(&replace(before.clone()), &Record::default(), &mut object);
            object["spec"][&key] = serde_json::json!({"of": ["another", "version"]});
            object.insert("metadata".into(), serde_json::json!({"finalizers": [key.clone()]}));
            // Nanoseconds and zones that we would not write ourselves.
            object["spec"]["acquireTime"] = "2026-11-21T03:00:00+02:00".into();
            let whole = object.clone();
            let before = read(&object);
            apply(&replace(before.clone()), &before, &mut object);
            prop_assert_eq!(object, whole);
        }
    }
}
