//! Sets of field paths, in the `FieldsV1` form of `metadata.managedFields`.

use std::collections::BTreeMap;

use serde_json::map::Entry;
use serde_json::{Map, Value, json};

/// One field: its steps from the root, each as `FieldsV1` writes it (`f:name`, `k:{..}`, `v:..`).
type Path = Vec<String>;

/// What stands among the members of a member: that it is one itself.
const SELF: &str = ".";

/// A set of fields (structured-merge-diff `fieldpath.Set`), kept as `FieldsV1` writes it: a tree
/// in which a field without members below it is `{}`, and one with members carries a `.` as well.
/// A write touches few fields of many, so nothing else of the tree is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldSet {
    tree: Map<String, Value>,
}

/// The fields in which two objects differ (structured-merge-diff `typed.Comparison`).
#[derive(Default)]
pub(crate) struct Comparison {
    /// New fields, and old ones with another value.
    pub(crate) written: Vec<Path>,
    /// Fields that are gone.
    pub(crate) removed: Vec<Path>,
}

impl FieldSet {
    /// The set of these fields.
    pub(crate) fn of(paths: &[Path]) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(path);
        }
        set
    }

    /// Reads `FieldsV1`. None when it is not an object of objects.
    pub(crate) fn parse(fields: &Value) -> Option<Self> {
        let mut tree = fields.as_object()?.clone();
        normalize(&mut tree)?;
        Some(Self { tree })
    }

    /// Writes `FieldsV1`.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.tree)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    pub(crate) fn insert(&mut self, path: &Path) {
        let mut node = &mut self.tree;
        let mut is_known = true;
        for (depth, step) in path.iter().enumerate() {
            if is_known && depth > 0 && node.is_empty() {
                node.insert(SELF.to_owned(), json!({}));
            }
            let child = match node.entry(step.as_str()) {
                Entry::Occupied(child) => child.into_mut(),
                Entry::Vacant(place) => {
                    is_known = false;
                    place.insert(json!({}))
                }
            };
            // All there is in the tree is objects.
            let Value::Object(child) = child else { return };
            node = child;
        }
        if is_known && !node.is_empty() {
            node.insert(SELF.to_owned(), json!({}));
        }
    }

    pub(crate) fn remove(&mut self, path: &Path) {
        remove(&mut self.tree, path);
    }

    pub(crate) fn union(&mut self, other: Self) {
        unite(&mut self.tree, other.tree);
    }
}

/// Brings a tree that somebody else wrote into the one form that it has here.
fn normalize(node: &mut Map<String, Value>) -> Option<()> {
    for (step, child) in node.iter_mut() {
        let child = child.as_object_mut()?;
        if step == SELF {
            child.clear();
        } else {
            normalize(child)?;
        }
    }
    drop_lone_self(node);
    Some(())
}

/// A field that lost all members below it is `{}` again.
fn drop_lone_self(node: &mut Map<String, Value>) {
    if node.len() == 1 {
        node.remove(SELF);
    }
}

fn remove(node: &mut Map<String, Value>, path: &[String]) {
    let Some((step, rest)) = path.split_first() else {
        return;
    };
    let Some(Value::Object(child)) = node.get_mut(step) else {
        return;
    };
    if rest.is_empty() {
        child.remove(SELF);
    } else if child.is_empty() {
        // A field without members: what is asked for is not here.
        return;
    } else {
        remove(child, rest);
        if child.len() == 1 && child.contains_key(SELF) {
            child.clear();
            return;
        }
    }
    if child.is_empty() {
        node.remove(step);
    }
}

fn unite(node: &mut Map<String, Value>, other: Map<String, Value>) {
    let is_member = |node: &Map<String, Value>| node.is_empty() || node.contains_key(SELF);
    for (step, theirs) in other {
        match (node.entry(step), theirs) {
            (Entry::Vacant(place), theirs) => {
                place.insert(theirs);
            }
            (Entry::Occupied(ours), Value::Object(theirs)) => {
                let Value::Object(ours) = ours.into_mut() else {
                    continue;
                };
                let is_one = is_member(ours) || is_member(&theirs);
                unite(ours, theirs);
                if is_one && !ours.is_empty() {
                    ours.insert(SELF.to_owned(), json!({}));
                }
            }
            (Entry::Occupied(_), _) => {}
        }
    }
}

/// Compares two Leases field by field, in the way the server's merge schema sees them: labels and
/// annotations by key, finalizers by value, ownerReferences by uid, spec field by field. What
/// the server itself sets in the metadata is nobody's.
pub(crate) fn compare(old: &Value, new: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    for section in ["metadata", "spec"] {
        let (old, new) = (&old[section], &new[section]);
        for (name, value) in new.as_object().into_iter().flatten() {
            let before = old.get(name);
            if before != Some(value) {
                comparison.add(section, name, before, Some(value));
            }
        }
        for (name, value) in old.as_object().into_iter().flatten() {
            if new.get(name).is_none() {
                comparison.add(section, name, Some(value), None);
            }
        }
    }
    comparison
}

impl Comparison {
    /// Adds what differs in one field of a section and below it.
    fn add(&mut self, section: &str, name: &str, old: Option<&Value>, new: Option<&Value>) {
        let fields = |value| fields(section, name, value);
        let old = old.map(fields).unwrap_or_default();
        let new = new.map(fields).unwrap_or_default();
        for (path, value) in &new {
            if old.get(path) != Some(value) {
                self.written.push(path.clone());
            }
        }
        let removed = old.into_keys().filter(|path| !new.contains_key(path));
        self.removed.extend(removed);
    }
}

/// A field of a Lease, and those below it, with their values; a map or list that is merged by its
/// items has none of its own, so that it changes only by coming and going.
fn fields<'a>(section: &str, name: &str, value: &'a Value) -> BTreeMap<Path, Option<&'a Value>> {
    let step = |name: &str| format!("f:{name}");
    let here = vec![step(section), step(name)];
    let below = |last: String| {
        let mut path = here.clone();
        path.push(last);
        path
    };
    let mut fields: BTreeMap<Path, Option<&Value>> = match (section, name, value) {
        ("spec", ..) | ("metadata", "generateName", _) => {
            return BTreeMap::from([(here, Some(value))]);
        }
        ("metadata", "annotations" | "labels", Value::Object(entries)) => entries
            .iter()
            .map(|(key, value)| (below(step(key)), Some(value)))
            .collect(),
        ("metadata", "finalizers", Value::Array(items)) => items
            .iter()
            .map(|item| (below(format!("v:{item}")), Some(item)))
            .collect(),
        ("metadata", "ownerReferences", Value::Array(items)) => items
            .iter()
            .map(|item| {
                let key = json!({ "uid": item["uid"] });
                (below(format!("k:{key}")), Some(item))
            })
            .collect(),
        _ => return BTreeMap::new(),
    };
    fields.insert(here, None);
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
        assert_eq!(FieldSet::parse(&fields).unwrap().into_value(), fields);
    }

    #[test]
    fn a_field_is_one_however_its_members_come_and_go() {
        let path = |steps: &[&str]| -> Path { steps.iter().map(|&step| step.into()).collect() };
        let (map, key) = (path(&["m", "l"]), path(&["m", "l", "a"]));
        let of = |path: &Path| FieldSet::of(std::slice::from_ref(path));
        let mut set = of(&map);
        assert_eq!(set.clone().into_value(), json!({ "m": { "l": {} } }));
        set.insert(&key);
        let both = json!({ "m": { "l": { ".": {}, "a": {} } } });
        assert_eq!(set.clone().into_value(), both);
        assert_eq!(FieldSet::of(&[key.clone(), map.clone()]).into_value(), both);

        let mut united = of(&key);
        united.union(of(&map));
        assert_eq!(united.into_value(), both);
        let mut united = of(&map);
        united.union(of(&key));
        assert_eq!(united.into_value(), both);

        let mut without_key = set.clone();
        without_key.remove(&path(&["m", "l", "b"]));
        without_key.remove(&key);
        assert_eq!(without_key.into_value(), json!({ "m": { "l": {} } }));
        set.remove(&map);
        assert_eq!(
            set.clone().into_value(),
            json!({ "m": { "l": { "a": {} } } })
        );
        set.remove(&map);
        set.remove(&key);
        assert!(set.is_empty());
        let lone = json!({ "m": { "l": { ".": {} } } });
        let parsed = FieldSet::parse(&lone).unwrap().into_value();
        assert_eq!(parsed, json!({ "m": { "l": {} } }));
    }

    #[test]
    fn a_map_is_owned_when_it_comes_and_lost_when_it_goes() {
        let bare = json!({ "metadata": {}, "spec": {} });
        let labelled = json!({ "metadata": { "labels": { "a": "b" } }, "spec": {} });
        let relabelled = json!({ "metadata": { "labels": { "a": "c" } }, "spec": {} });
        let whole = json!({ "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } });
        let key = json!({ "f:metadata": { "f:labels": { "f:a": {} } } });
        let set = |paths: &[Path]| FieldSet::of(paths).into_value();
        assert_eq!(set(&compare(&bare, &labelled).written), whole);
        assert_eq!(set(&compare(&labelled, &relabelled).written), key);
        assert_eq!(set(&compare(&relabelled, &bare).removed), whole);
        assert!(compare(&relabelled, &bare).written.is_empty());
    }
}
