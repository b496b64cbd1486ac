//! Who owns which field, and since when: `metadata.managedFields` as the server keeps it.
//!
//! The rules are those of apimachinery `pkg/util/managedfields/internal` for the operation
//! Update. Server-side apply is not imitated; entries of it that a client sends are kept.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::field_set::{FieldSet, compare};
use super::time_format;

/// How many managers of the operation Update a server remembers before it throws the oldest
/// together (`DefaultMaxUpdateManagers`).
const MAX_UPDATE_MANAGERS: usize = 10;

/// One manager's fields.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    manager: String,
    operation: String,
    api_version: String,
    subresource: String,
    /// Of the last write that added to or changed one of its fields.
    time: Option<Timestamp>,
    fields: FieldSet,
}

/// All managers of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ManagedFields {
    entries: Vec<Entry>,
}

impl ManagedFields {
    /// Reads what an object carries. None when an entry is malformed: the server then goes by
    /// the stored entries.
    fn parse(value: &Value) -> Option<Self> {
        let entries = value
            .as_array()?
            .iter()
            .map(Entry::parse)
            .collect::<Option<_>>()?;
        Some(Self { entries })
    }

    /// What a write goes by: the entries that it sends, else the stored ones. An empty list, or
    /// a list with one empty entry, clears them.
    fn of_write(sent: Option<&Value>, stored: &Value) -> Self {
        let cleared = |list: &Vec<Value>| {
            list.is_empty() || matches!(list.as_slice(), [one] if *one == json!({}))
        };
        if sent.and_then(Value::as_array).is_some_and(cleared) {
            return Self::default();
        }
        sent.and_then(Self::parse)
            .filter(|managed| !managed.entries.is_empty())
            .or_else(|| Self::parse(stored))
            .unwrap_or_default()
    }

    /// Moves ownership for a write of `manager` at `now` that turns `old` into `new`, and gives
    /// the list for `new`, or None when it has none. `sent` is the list that the client sent.
    ///
    /// An object that was stored without entries stays without: that is why a client that sends
    /// an empty list destroys the stamps for good.
    pub(crate) fn write(
        old: &Value,
        new: &Value,
        sent: Option<&Value>,
        manager: &str,
        now: Timestamp,
    ) -> Option<Value> {
        let stored = &old["metadata"]["managedFields"];
        let mut managed = Self::of_write(sent, stored);
        let creating = old["metadata"]["uid"].is_null();
        if managed.entries.is_empty() && !creating {
            return None;
        }
        managed.take(old, new, manager, now);
        managed.cap();
        managed.sort();
        if managed.entries.is_empty() {
            return None;
        }
        let list: Vec<Value> = managed.entries.into_iter().map(Entry::into_value).collect();
        Some(Value::Array(list))
    }

    /// Takes the written fields from everybody, drops the removed ones, and gives the written
    /// ones to `manager`, whose time moves only then: a write that only removes moves no time.
    fn take(&mut self, old: &Value, new: &Value, manager: &str, now: Timestamp) {
        let change = compare(old, new);
        for entry in &mut self.entries {
            for path in change.written.iter().chain(&change.removed) {
                entry.fields.remove(path);
            }
        }
        let manager = if manager.is_empty() {
            "unknown"
        } else {
            manager
        };
        let own = |entry: &Entry| {
            entry.manager == manager
                && entry.operation == "Update"
                && entry.api_version == super::decode::API_VERSION
                && entry.subresource.is_empty()
        };
        // Emptied entries go before the writer's union, as on the server, so that a writer whose
        // every field changed starts anew.
        self.entries.retain(|entry| !entry.fields.is_empty());
        if change.written.is_empty() {
            return;
        }
        let time = Timestamp::from_second(now.as_second()).ok();
        if let Some(entry) = self.entries.iter_mut().find(|entry| own(entry)) {
            for path in &change.written {
                entry.fields.insert(path);
            }
            entry.time = time;
            return;
        }
        self.entries.push(Entry {
            manager: manager.to_owned(),
            operation: "Update".to_owned(),
            api_version: super::decode::API_VERSION.to_owned(),
            subresource: String::new(),
            time,
            fields: FieldSet::of(&change.written),
        });
    }

    /// Merges the oldest updaters into one entry when there are too many (`capManagersManager`).
    fn cap(&mut self) {
        let mut updaters: Vec<usize> = (0..self.entries.len())
            .filter(|&at| self.entries[at].operation == "Update")
            .collect();
        if updaters.len() <= MAX_UPDATE_MANAGERS {
            return;
        }
        updaters.sort_by_key(|&at| {
            let entry = &self.entries[at];
            (entry.seconds(), entry.manager.clone())
        });
        let merged: Vec<usize> = updaters[..=updaters.len() - MAX_UPDATE_MANAGERS].to_vec();
        let mut bucket = Entry {
            manager: "ancient-changes".to_owned(),
            operation: "Update".to_owned(),
            api_version: super::decode::API_VERSION.to_owned(),
            subresource: String::new(),
            time: None,
            fields: FieldSet::default(),
        };
        for &at in &merged {
            // The most recent of the merged times, which is the last one.
            bucket.time = self.entries[at].time;
            bucket.fields.union(self.entries[at].fields.clone());
        }
        let mut at = 0;
        self.entries.retain(|_| {
            at += 1;
            !merged.contains(&(at - 1))
        });
        self.entries.push(bucket);
    }

    fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

impl Entry {
    fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let entry = Self {
            manager: text("manager"),
            operation: text("operation"),
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: value["time"].as_str().and_then(time_format::parse_seconds),
            fields: match &value["fieldsV1"] {
                Value::Null => FieldSet::default(),
                fields => FieldSet::parse(fields)?,
            },
        };
        let known = matches!(entry.operation.as_str(), "Apply" | "Update")
            && !entry.api_version.is_empty()
            && value["fieldsType"] == "FieldsV1";
        known.then_some(entry)
    }

    fn into_value(self) -> Value {
        let mut value = json!({
            "apiVersion": self.api_version,
            "fieldsType": "FieldsV1",
            "manager": self.manager,
            "operation": self.operation,
        });
        value["fieldsV1"] = self.fields.into_value();
        if let Some(time) = self.time {
            value["time"] = json!(time_format::seconds(time));
        }
        if !self.subresource.is_empty() {
            value["subresource"] = json!(self.subresource);
        }
        value
    }

    fn seconds(&self) -> i64 {
        self.time.map_or(0, Timestamp::as_second)
    }

    fn order(&self) -> (&str, i64, &str, &str, &str) {
        (
            &self.operation,
            self.seconds(),
            &self.manager,
            &self.api_version,
            &self.subresource,
        )
    }
}

/// The name under which a write is stamped when the request does not give one: the user agent
/// up to its first `/`, printable, 128 bytes at most (apiserver `prefixFromUserAgent`).
pub(crate) fn manager_of_user_agent(user_agent: &str) -> String {
    let mut manager = String::new();
    let product = user_agent.split('/').next().unwrap_or_default();
    for letter in product.chars().filter(|letter| !letter.is_control()) {
        if manager.len() + letter.len_utf8() > 128 {
            break;
        }
        manager.push(letter);
    }
    manager
}

/// Whether two lists are the same but for their times.
pub(crate) fn equal_but_for_times(a: &Value, b: &Value) -> bool {
    let timeless = |list: &Value| {
        let mut list = list.clone();
        for entry in list.as_array_mut().into_iter().flatten() {
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("time");
            }
        }
        list
    };
    timeless(a) == timeless(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_many_updaters_are_thrown_together() {
        let mut old = json!({ "metadata": {}, "spec": {} });
        for second in 0..12 {
            let mut new = old.clone();
            new["metadata"]["uid"] = json!("u");
            new["metadata"]["labels"][format!("key-{second:02}")] = json!("x");
            let now = Timestamp::from_second(1_800_000_000 + second).unwrap();
            let manager = format!("m-{second:02}");
            new["metadata"]["managedFields"] =
                ManagedFields::write(&old, &new, None, &manager, now).unwrap();
            old = new;
        }
        let list = old["metadata"]["managedFields"].as_array().unwrap();
        assert_eq!(list.len(), 10);
        assert_eq!(list[0]["manager"], "ancient-changes");
        assert_eq!(list[0]["time"], "2027-01-15T08:00:02Z");
        assert_eq!(
            list[0]["fieldsV1"]["f:metadata"]["f:labels"],
            json!({ ".": {}, "f:key-00": {}, "f:key-01": {}, "f:key-02": {} })
        );
    }

    #[test]
    fn a_user_agent_names_its_manager() {
        assert_eq!(
            manager_of_user_agent("kubectl/v1.36.3 (linux/amd64)"),
            "kubectl"
        );
        assert_eq!(manager_of_user_agent(""), "");
    }
}
