//! What a diagnosis needs of Nodes: whether the machine under a lock's holder lives.

use std::collections::BTreeMap;

use lease_core::Timestamp;
use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::micro_time::Time;
use crate::request::RequestError;
use crate::right::Right;
use crate::store::ReadError;

/// The label with the name that a node's own processes see.
pub(crate) const HOSTNAME: &str = "kubernetes.io/hostname";

/// One node, as far as it tells of the life of what runs there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// `metadata.name`.
    pub name: String,
    /// The label `kubernetes.io/hostname`.
    pub hostname: Option<String>,
    /// Its condition `Ready`; `None` before its kubelet has said anything.
    pub readiness: Option<Readiness>,
}

/// A node's condition `Ready`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Readiness {
    /// `True`, `False`, or `Unknown` when its kubelet is not heard of any more.
    pub status: Ready,
    /// Since when, on the clock of whoever wrote it: the kubelet, or the control plane where the
    /// kubelet is silent.
    pub since: Option<Timestamp>,
    /// In one word, e.g. `NodeStatusUnknown`.
    pub reason: String,
}

/// Whether a node is ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ready {
    /// It is.
    True,
    /// Its kubelet says that it is not.
    False,
    /// Its kubelet is not heard of.
    Unknown,
}

impl Node {
    /// Its readiness, if that is known and not `True`.
    pub fn down(&self) -> Option<&Readiness> {
        let readiness = self.readiness.as_ref();
        readiness.filter(|readiness| readiness.status != Ready::True)
    }
}

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    last_transition_time: Option<Time>,
    #[serde(default)]
    reason: String,
}

impl LeaseStore {
    /// The nodes of the cluster.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to list them; 404 where the server has no nodes.
    pub async fn nodes(&self) -> Result<Vec<Node>, ReadError> {
        let keep = |text: &str, _| Ok(Some(Node::read(text)?));
        let right = Right::to_list_nodes();
        let listed = self.requests.list("/api/v1/nodes?", &right, None, keep);
        Ok(listed.await?.value.items)
    }
}

impl Node {
    fn read(text: &str) -> Result<Self, RequestError> {
        let Object {
            mut metadata,
            status,
        } = serde_json::from_str(text).map_err(|error| RequestError::Unreadable(error.into()))?;
        let mut conditions = status.conditions.into_iter();
        let ready = conditions.find(|condition| condition.kind == "Ready");
        Ok(Self {
            name: metadata.name,
            hostname: metadata.labels.remove(HOSTNAME),
            readiness: ready.map(|ready| Readiness {
                status: match ready.status.as_str() {
                    "True" => Ready::True,
                    "False" => Ready::False,
                    _ => Ready::Unknown,
                },
                since: ready.last_transition_time.and_then(Time::known),
                reason: ready.reason,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_node_that_says_so_is_down() {
        let node = |conditions: serde_json::Value| {
            let node = json!({
                "metadata": {"name": "n", "labels": {HOSTNAME: "h", "a": "b"}},
                "status": {"conditions": conditions},
            });
            Node::read(&node.to_string()).unwrap()
        };
        let ready = |status: &str| {
            json!([
                {"type": "MemoryPressure", "status": "Unknown"},
                {"type": "Ready", "status": status, "reason": "NodeStatusUnknown",
                 "lastTransitionTime": "2026-11-21T10:00:00Z"},
            ])
        };
        assert_eq!(node(ready("True")).down(), None);
        assert_eq!(node(json!([])).down(), None);
        assert_eq!(node(ready("False")).down().unwrap().status, Ready::False);
        let unknown = node(ready("Unknown"));
        assert_eq!(unknown.hostname.as_deref(), Some("h"));
        let down = unknown.down().unwrap();
        assert_eq!(down.status, Ready::Unknown);
        assert_eq!(down.since, crate::micro_time::parse("2026-11-21T10:00:00Z"));
    }
}
