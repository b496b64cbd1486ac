//! Leaders for life: locks that are a `ConfigMap` which belongs to its holder's Pod
//! (operator-lib's `leader.Become`).
//!
//! Nobody renews one. It ends when the garbage collector removes it, after its Pod was deleted.

use lease_core::Uid;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::lease_store::LeaseStore;
use crate::request::RequestError;
use crate::right::Right;
use crate::selection::{encode, push_query};
use crate::store::ReadError;

/// One lock of this kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeaderForLife {
    /// `metadata.namespace`, the Pod's too.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// The name of the Pod that it belongs to.
    pub pod: String,
    /// The uid of that Pod.
    pub pod_uid: Uid,
}

// What a ConfigMap holds is not even asked for.
#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    #[serde(default)]
    annotations: Annotations,
    #[serde(default)]
    owner_references: Vec<Owner>,
    #[serde(default)]
    managed_fields: Vec<ManagedFields>,
}

#[derive(Default, Deserialize)]
struct Annotations {
    /// Whoever writes this renews it: client-go's electors of old.
    #[serde(rename = "control-plane.alpha.kubernetes.io/leader")]
    leader: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    uid: String,
    #[serde(default)]
    controller: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedFields {
    #[serde(default)]
    fields_v1: Fields,
}

#[derive(Default, Deserialize)]
struct Fields {
    #[serde(rename = "f:data")]
    data: Option<IgnoredAny>,
    #[serde(rename = "f:binaryData")]
    binary_data: Option<IgnoredAny>,
}

impl LeaseStore {
    /// The locks of this kind, in one namespace or in all; of one name, if one is given.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to list config maps; 404 where the server has none.
    pub async fn leaders_for_life(
        &self,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<Vec<LeaderForLife>, ReadError> {
        let mut path = match namespace {
            None => "/api/v1/configmaps?".to_owned(),
            Some(namespace) => format!("/api/v1/namespaces/{}/configmaps?", encode(namespace)),
        };
        if let Some(name) = name {
            push_query(&mut path, "fieldSelector", &format!("metadata.name={name}"));
        }
        let right = Right::to_list_config_maps(namespace);
        let keep = |text: &str, _| Ok(LeaderForLife::read(text)?);
        let listed = self.requests.list_metadata(&path, &right, keep);
        Ok(listed.await?.value.items)
    }
}

impl LeaderForLife {
    /// A `ConfigMap` that belongs to one Pod and has no content. Whatever else belongs to a Pod has
    /// some, such as what Spark's drivers make; that it never had any, the server has booked.
    fn read(text: &str) -> Result<Option<Self>, RequestError> {
        let Object { metadata } =
            serde_json::from_str(text).map_err(|error| RequestError::Unreadable(error.into()))?;
        let has_content = metadata.managed_fields.is_empty()
            || metadata.managed_fields.iter().any(|entry| {
                let Fields { data, binary_data } = &entry.fields_v1;
                data.is_some() || binary_data.is_some()
            });
        if has_content || metadata.annotations.leader.is_some() {
            return Ok(None);
        }
        let Ok([owner]) = <[Owner; 1]>::try_from(metadata.owner_references) else {
            return Ok(None);
        };
        let is_pod = owner.kind == "Pod" && owner.api_version == "v1" && !owner.controller;
        Ok(is_pod.then(|| Self {
            namespace: metadata.namespace,
            name: metadata.name,
            pod: owner.name,
            pod_uid: Uid::new(owner.uid),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config_map(change: impl FnOnce(&mut Value)) -> Option<LeaderForLife> {
        let mut object = json!({
            "metadata": {
                "namespace": "n", "name": "memcached-lock", "uid": "c",
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Pod", "name": "memcached-operator-0", "uid": "p"},
                ],
                "managedFields": [{
                    "manager": "memcached-operator", "operation": "Update",
                    "fieldsV1": {"f:metadata": {"f:ownerReferences": {
                        ".": {}, "k:{\"uid\":\"p\"}": {},
                    }}},
                }],
            },
        });
        change(&mut object["metadata"]);
        LeaderForLife::read(&object.to_string()).unwrap()
    }

    #[test]
    fn a_lock_is_told_from_all_else_that_belongs_to_a_pod() {
        let lock = config_map(|_| {}).unwrap();
        assert_eq!(
            (lock.pod.as_str(), lock.pod_uid),
            ("memcached-operator-0", Uid::new("p"))
        );
        let others: [fn(&mut Value); 8] = [
            |metadata| metadata["managedFields"][0]["fieldsV1"]["f:data"] = json!({".": {}}),
            |metadata| metadata["managedFields"][0]["fieldsV1"]["f:binaryData"] = json!({}),
            |metadata| metadata["managedFields"] = json!([]),
            |metadata| metadata["ownerReferences"][0]["controller"] = json!(true),
            |metadata| metadata["ownerReferences"][0]["kind"] = json!("Node"),
            |metadata| metadata["ownerReferences"] = json!([]),
            |metadata| {
                let first = metadata["ownerReferences"][0].clone();
                metadata["ownerReferences"]
                    .as_array_mut()
                    .unwrap()
                    .push(first);
            },
            |metadata| {
                metadata["annotations"] = json!({"control-plane.alpha.kubernetes.io/leader": "{\"holderIdentity\":\"a\"}"});
            },
        ];
        for other in others {
            assert_eq!(config_map(other), None);
        }
    }
}
