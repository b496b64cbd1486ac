//! The annotations that contenders of ours leave on a lock.

use lease_core::Notes;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The annotations of a lease that are read: ours, and Terraform's.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Annotations {
    /// [`lease_core::Dialect::TERRAFORM_LOCK_INFO`].
    #[serde(rename = "app.terraform.io/lock-info")]
    pub(crate) lock_info: Option<String>,
    /// On a ticket, [`crate::OuterLock`]s as text.
    #[serde(rename = "kubectl-lease.io/holds")]
    pub(crate) holds: Option<String>,
    #[serde(rename = "kubectl-lease.io/taken-by")]
    taken_by: Option<String>,
    #[serde(rename = "kubectl-lease.io/broken")]
    broken: Option<String>,
    #[serde(rename = "kubectl-lease.io/broken-because")]
    broken_because: Option<String>,
    #[serde(rename = "kubectl-lease.io/broken-by")]
    broken_by: Option<String>,
    #[serde(rename = "kubectl-lease.io/granted-ticket")]
    granted_ticket: Option<String>,
    #[serde(rename = "kubectl-lease.io/granted-to")]
    granted_to: Option<String>,
    #[serde(rename = "kubectl-lease.io/release-asked")]
    release_asked: Option<String>,
    #[serde(rename = "kubectl-lease.io/served-through")]
    served_through: Option<String>,
}

impl Annotations {
    /// What they say to our contenders.
    pub(crate) fn into_notes(self) -> Notes {
        Notes::read(|key| match key {
            Notes::TAKEN_BY => self.taken_by.as_deref(),
            Notes::BROKEN => self.broken.as_deref(),
            Notes::BROKEN_BECAUSE => self.broken_because.as_deref(),
            Notes::BROKEN_BY => self.broken_by.as_deref(),
            Notes::GRANTED_TICKET => self.granted_ticket.as_deref(),
            Notes::GRANTED_TO => self.granted_to.as_deref(),
            Notes::RELEASE_ASKED => self.release_asked.as_deref(),
            Notes::SERVED_THROUGH => self.served_through.as_deref(),
            _ => None,
        })
    }
}

/// Makes the annotations of an object say this, and leaves all others alone.
pub(crate) fn apply(notes: &Notes, metadata: &mut Map<String, Value>) {
    set(notes.annotations(), metadata);
}

/// Sets annotations of an object, or removes those that have no text.
pub(crate) fn set(
    annotations: impl IntoIterator<Item = (&'static str, Option<String>)>,
    metadata: &mut Map<String, Value>,
) {
    for (key, text) in annotations {
        match (text, metadata.get_mut("annotations")) {
            (Some(text), Some(Value::Object(annotations))) => {
                annotations.insert(key.to_owned(), text.into());
            }
            (Some(text), _) => {
                let one = Map::from_iter([(key.to_owned(), Value::String(text))]);
                metadata.insert("annotations".to_owned(), one.into());
            }
            (None, Some(Value::Object(annotations))) => {
                annotations.remove(key);
            }
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lease_core::{Broken, Grant, ResourceVersion, Taker, Uid};
    use proptest::option;
    use proptest::prelude::*;

    prop_compose! {
        fn notes()(
            taken_by in option::of((".{1,8}", any::<u64>(), any::<bool>())),
            broken in option::of((".{1,8}", ".{1,8}", option::of(".{0,8}"))),
            grant in option::of((".{1,8}", "[a-z]{1,8}", "[a-z0-9-]{1,8}")),
            release_asked in option::of(".{1,8}"),
            served_through in option::of(1..u64::MAX),
        ) -> Notes {
            Notes {
                taken_by: taken_by.map(|(holder, number, attends)| Taker {
                    holder,
                    number,
                    attends,
                }),
                broken: broken.map(|(holder, tombstone, because)| Broken {
                    holder,
                    tombstone,
                    because,
                }),
                grant: grant.map(|(to, ticket, uid)| Grant { to, ticket, uid: Uid::new(uid) }),
                release_asked,
                served_through: served_through.map(|at| ResourceVersion::new(at.to_string())),
            }
        }
    }

    fn read(metadata: &Map<String, Value>) -> Notes {
        let annotations = metadata.get("annotations").cloned();
        let annotations: Option<Annotations> = serde_json::from_value(annotations.into()).unwrap();
        annotations.unwrap_or_default().into_notes()
    }

    proptest! {
        #[test]
        fn notes_survive_the_way_to_annotations_and_back(before in notes(), after in notes()) {
            let mut metadata = Map::new();
            apply(&before, &mut metadata);
            prop_assert_eq!(&read(&metadata), &before);
            apply(&after, &mut metadata);
            prop_assert_eq!(&read(&metadata), &after);
        }

        #[test]
        fn other_annotations_stay_and_none_are_made_for_nothing(notes in notes()) {
            let mut metadata = Map::new();
            apply(&Notes::default(), &mut metadata);
            prop_assert!(metadata.is_empty());
            let whole = serde_json::json!({"annotations": {"a": "b"}});
            let mut metadata = whole.as_object().unwrap().clone();
            apply(&notes, &mut metadata);
            prop_assert_eq!(&metadata["annotations"]["a"], &Value::from("b"));
            apply(&Notes::default(), &mut metadata);
            prop_assert_eq!(Value::Object(metadata), whole);
        }
    }
}
