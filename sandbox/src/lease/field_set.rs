//! Sets of field paths, in the `FieldsV1` form of `metadata.managedFields`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// One field: its steps from the root, each as `FieldsV1` writes it (`f:name`, `k:{..}`, `v:..`).
type Path = Vec<String>;

/// A set of fields (structured-merge-diff `fieldpath.Set`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldSet {
    paths: BTreeSet<Path>,
}

/// The fields in which two objects differ (structured-merge-diff `typed.Comparison`).
pub(crate) struct Comparison {
    /// New fields, and old ones with another value.
    pub(crate) written: FieldSet,
    /// Fields that are gone.
    pub(crate) removed: FieldSet,
}

impl FieldSet {
    /// Reads `FieldsV1`. None when it is not an object of objects.
    pub(crate) fn parse(fields: &Value) -> Option<Self> {
        let mut set = Self::default();
        set.read(&mut Vec::new(), fields.as_object()?)?;
        Some(set)
    }

    fn read(&mut self, path: &mut Path, node: &Map<String, Value>) -> Option<()> {
        for (step, children) in node {
            let children = children.as_object()?;
            if step == "." {
                self.paths.insert(path.clone());
                continue;
            }
            path.push(step.clone());
            if children.is_empty() {
                self.paths.insert(path.clone());
            } else {
                self.read(path, children)?;
            }
            path.pop();
        }
        Some(())
    }

    /// Writes `FieldsV1`: a member that has members below it carries a `.` as well.
    pub(crate) fn to_value(&self) -> Value {
        let mut root = json!({});
        for path in &self.paths {
            let mut node = &mut root;
            for step in path {
                node = &mut node[step.as_str()];
                if node.is_null() {
                    *node = json!({});
                }
            }
        }
        // The set is sorted, so a parent comes before what lies below it: mark it only now,
        // when it is known whether anything does.
        for path in &self.paths {
            let mut node = &mut root;
            for step in path {
                node = &mut node[step.as_str()];
            }
            if node
                .as_object()
                .is_some_and(|children| !children.is_empty())
            {
                node["."] = json!({});
            }
        }
        root
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    pub(crate) fn union(&mut self, other: Self) {
        self.paths.extend(other.paths);
    }

    pub(crate) fn subtract(&mut self, other: &Self) {
        self.paths.retain(|path| !other.paths.contains(path));
    }
}

/// Compares two Leases field by field, in the way the server's merge schema sees them: labels and
/// annotations by key, finalizers by value, ownerReferences by uid, spec field by field. What
/// the server itself sets in the metadata is nobody's.
pub(crate) fn compare(old: &Value, new: &Value) -> Comparison {
    let (old, new) = (fields(old), fields(new));
    let written = new
        .iter()
        .filter(|(path, value)| old.get(*path) != Some(value))
        .map(|(path, _)| path.clone())
        .collect();
    let removed = old
        .keys()
        .filter(|path| !new.contains_key(*path))
        .cloned()
        .collect();
    Comparison {
        written: FieldSet { paths: written },
        removed: FieldSet { paths: removed },
    }
}

/// Every field of a Lease with its value; a map or list that is merged by its items has none of
/// its own, so that it changes only by coming and going.
fn fields(lease: &Value) -> BTreeMap<Path, Option<&Value>> {
    let mut fields = BTreeMap::new();
    let step = |name: &str| format!("f:{name}");
    if let Some(spec) = lease["spec"].as_object() {
        for (name, value) in spec {
            fields.insert(vec![step("spec"), step(name)], Some(value));
        }
    }
    let Some(metadata) = lease["metadata"].as_object() else {
        return fields;
    };
    for (name, value) in metadata {
        let here = vec![step("metadata"), step(name)];
        let below = |last: String| {
            let mut path = here.clone();
            path.push(last);
            path
        };
        match (name.as_str(), value) {
            ("annotations" | "labels", Value::Object(entries)) => {
                for (key, value) in entries {
                    fields.insert(below(step(key)), Some(value));
                }
                fields.insert(here, None);
            }
            ("finalizers", Value::Array(items)) => {
                for item in items {
                    fields.insert(below(format!("v:{item}")), Some(item));
                }
                fields.insert(here, None);
            }
            ("ownerReferences", Value::Array(items)) => {
                for item in items {
                    let key = json!({ "uid": item["uid"] });
                    fields.insert(below(format!("k:{key}")), Some(item));
                }
                fields.insert(here, None);
            }
            ("generateName", _) => {
                fields.insert(here, Some(value));
            }
            _ => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_v1_survives_a_round_trip() {
        let fields = json!({
            "f:metadata": {
                "f:annotations": { ".": {}, "f:a": {} },
                "f:finalizers": { ".": {}, "v:\"x.io/y\"": {} },
                "f:labels": { "f:b": {} },
            },
            "f:spec": { "f:holderIdentity": {} },
        });
        assert_eq!(FieldSet::parse(&fields).unwrap().to_value(), fields);
    }

    #[test]
    fn a_map_is_owned_when_it_comes_and_lost_when_it_goes() {
        let bare = json!({ "metadata": {}, "spec": {} });
        let labelled = json!({ "metadata": { "labels": { "a": "b" } }, "spec": {} });
        let relabelled = json!({ "metadata": { "labels": { "a": "c" } }, "spec": {} });
        let whole = json!({ "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } });
        let key = json!({ "f:metadata": { "f:labels": { "f:a": {} } } });
        assert_eq!(compare(&bare, &labelled).written.to_value(), whole);
        assert_eq!(compare(&labelled, &relabelled).written.to_value(), key);
        assert_eq!(compare(&relabelled, &bare).removed.to_value(), whole);
        assert!(compare(&relabelled, &bare).written.is_empty());
    }
}
