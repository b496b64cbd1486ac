//! What a diagnosis needs of Pods: who can be behind a lock's holder, and whether it lives.

use lease_core::{Timestamp, Uid};
use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::micro_time::Time;
use crate::request::RequestError;
use crate::right::Right;
use crate::selection::encode;
use crate::store::{Dated, ReadError};

/// One pod, as far as it tells of a holder's life.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pod {
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`.
    pub uid: Uid,
    /// `metadata.creationTimestamp`, on the API server's clock in whole seconds.
    pub created: Option<Timestamp>,
    /// `metadata.deletionTimestamp`: when it is to be gone at the latest, once it is deleted.
    pub deletion: Option<Timestamp>,
    /// Its controller, e.g. `ReplicaSet/web-7c5d8f9b6d`.
    pub owner: Option<String>,
    /// Whether a kubelet runs it from a file of its own.
    pub is_mirror: bool,
    /// `spec.nodeName`.
    pub node: Option<String>,
    /// `spec.hostname`, where it is not the pod's name.
    pub hostname: Option<String>,
    /// Whether it has the host name of its node.
    pub has_host_network: bool,
    /// `spec.serviceAccountName`.
    pub service_account: Option<String>,
    /// `status.phase`: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: String,
    /// `status.reason`, e.g. `Evicted`.
    pub reason: Option<String>,
    /// Its condition `Ready`, if there is one.
    pub is_ready: Option<bool>,
    /// Its containers, without those that only prepare it.
    pub containers: Vec<Container>,
}

/// One container of a pod.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// How often it was started anew.
    pub restarts: u32,
    /// Since when it runs, on the clock of its node in whole seconds; `None` if it does not.
    pub running_since: Option<Timestamp>,
    /// Why it waits to be started, e.g. `CrashLoopBackOff`.
    pub waits_for: Option<String>,
    /// How it last ended, e.g. `OOMKilled`.
    pub last_end: Option<End>,
}

/// How a container ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct End {
    /// In one word.
    pub reason: String,
    /// Its exit code.
    pub code: i32,
    /// When, on the clock of its node in whole seconds.
    pub at: Option<Timestamp>,
}

impl Pod {
    /// The host name that its processes see, which is what most of them call themselves: a
    /// kubelet cuts it to 63 characters. That of a pod in its node's network is the node's.
    pub fn host(&self) -> Option<&str> {
        if self.has_host_network {
            return None;
        }
        let name = self.hostname.as_deref().unwrap_or(&self.name);
        // Names of objects are ASCII.
        let cut = name.get(..63).unwrap_or(name);
        Some(cut.trim_end_matches(['-', '.']))
    }

    /// Whether all of its processes have ended for good.
    pub fn has_ended(&self) -> bool {
        matches!(self.phase.as_str(), "Succeeded" | "Failed")
    }

    /// How often its containers were started anew, in all.
    pub fn restarts(&self) -> u32 {
        let restarts = self.containers.iter().map(|container| container.restarts);
        restarts.fold(0, u32::saturating_add)
    }
}

// Only what is used is read: a pod has some ten kilobytes.
#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    #[serde(default)]
    owner_references: Vec<Owner>,
    #[serde(default)]
    annotations: Annotations,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    controller: bool,
}

#[derive(Default, Deserialize)]
struct Annotations {
    #[serde(rename = "kubernetes.io/config.mirror")]
    mirror: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    node_name: Option<String>,
    hostname: Option<String>,
    host_network: bool,
    service_account_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    reason: Option<String>,
    conditions: Vec<Condition>,
    container_statuses: Vec<ContainerStatus>,
    init_container_statuses: Vec<ContainerStatus>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerStatus {
    name: String,
    restart_count: u32,
    state: ContainerState,
    last_state: ContainerState,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    running: Option<Running>,
    waiting: Option<Waiting>,
    terminated: Option<Terminated>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Running {
    started_at: Option<Time>,
}

#[derive(Deserialize)]
struct Waiting {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terminated {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    exit_code: i32,
    finished_at: Option<Time>,
}

impl LeaseStore {
    /// The pods of one namespace, or of all.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to list them; 404 where the server has no pods.
    pub async fn pods(&self, namespace: Option<&str>) -> Result<Dated<Vec<Pod>>, ReadError> {
        let path = match namespace {
            None => "/api/v1/pods?".to_owned(),
            Some(namespace) => format!("/api/v1/namespaces/{}/pods?", encode(namespace)),
        };
        let right = Right::to_list_pods(namespace);
        let keep = |text: &str, _| Ok(Some(Pod::read(text)?));
        let Dated { value, date } = self.requests.list(&path, &right, None, keep).await?;
        Ok(Dated {
            value: value.items,
            date,
        })
    }
}

impl Pod {
    fn read(text: &str) -> Result<Self, RequestError> {
        let object: Object =
            serde_json::from_str(text).map_err(|error| RequestError::Unreadable(error.into()))?;
        let Object {
            metadata,
            spec,
            status,
        } = object;
        let owner = metadata
            .owner_references
            .iter()
            .find(|owner| owner.controller);
        let ready = status.conditions.iter().find(|one| one.kind == "Ready");
        let is_ready = ready.map(|ready| ready.status == "True");
        let known = |time: Option<Time>| time.and_then(Time::known);
        Ok(Self {
            created: known(metadata.creation_timestamp),
            deletion: known(metadata.deletion_timestamp),
            owner: owner.map(|owner| format!("{}/{}", owner.kind, owner.name)),
            is_mirror: metadata.annotations.mirror.is_some(),
            namespace: metadata.namespace,
            name: metadata.name,
            uid: Uid::new(metadata.uid),
            node: spec.node_name.filter(|node| !node.is_empty()),
            hostname: spec.hostname.filter(|hostname| !hostname.is_empty()),
            has_host_network: spec.host_network,
            service_account: spec.service_account_name,
            phase: status.phase,
            reason: status.reason,
            is_ready,
            // Of the initial ones, those that run on beside the others (sidecars).
            containers: status
                .container_statuses
                .into_iter()
                .chain(
                    status
                        .init_container_statuses
                        .into_iter()
                        .filter(|container| container.state.running.is_some()),
                )
                .map(Container::from)
                .collect(),
        })
    }
}

impl From<ContainerStatus> for Container {
    fn from(status: ContainerStatus) -> Self {
        let ContainerState {
            running,
            waiting,
            terminated,
        } = status.state;
        let last_end = terminated.or(status.last_state.terminated);
        let known = |time: Option<Time>| time.and_then(Time::known);
        Self {
            name: status.name,
            restarts: status.restart_count,
            running_since: running.and_then(|running| known(running.started_at)),
            waits_for: waiting.map(|waiting| waiting.reason),
            last_end: last_end.map(|end| End {
                reason: end.reason,
                code: end.exit_code,
                at: known(end.finished_at),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_is_read_as_a_kubelet_writes_it() {
        let pod = json!({
            "metadata": {
                "namespace": "web", "name": "cache-0", "uid": "u",
                "creationTimestamp": "2026-11-21T10:00:00Z",
                "ownerReferences": [
                    {"kind": "Backup", "name": "b"},
                    {"kind": "StatefulSet", "name": "cache", "controller": true},
                ],
                "annotations": {"a": "b"},
            },
            "spec": {
                "nodeName": "worker-1", "hostname": "cache-0", "containers": [{"name": "main"}],
            },
            "status": {
                "phase": "Running",
                "conditions": [
                    {"type": "Initialized", "status": "True"},
                    {"type": "Ready", "status": "False"},
                ],
                "containerStatuses": [{
                    "name": "main", "restartCount": 3, "ready": false,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                    "lastState": {"terminated": {
                        "exitCode": 137, "reason": "OOMKilled", "startedAt": null,
                        "finishedAt": "2026-11-21T10:05:00Z",
                    }},
                }],
            },
        });
        let pod = Pod::read(&pod.to_string()).unwrap();
        assert_eq!(pod.owner.as_deref(), Some("StatefulSet/cache"));
        assert_eq!(pod.host(), Some("cache-0"));
        assert_eq!((pod.is_ready, pod.is_mirror), (Some(false), false));
        let [container] = pod.containers.as_slice() else {
            panic!("{pod:?}")
        };
        assert_eq!(container.waits_for.as_deref(), Some("CrashLoopBackOff"));
        assert_eq!(container.running_since, None);
        let end = container.last_end.as_ref().unwrap();
        assert_eq!((end.reason.as_str(), end.code), ("OOMKilled", 137));
        assert!(!pod.has_ended());
    }

    #[test]
    fn a_host_name_is_cut_as_a_kubelet_cuts_it() {
        let named = |name: &str, network: bool| {
            let pod = json!({
                "metadata": {
                    "namespace": "n", "name": name, "uid": "u",
                    "annotations": {"kubernetes.io/config.mirror": "a"},
                },
                "spec": {"hostNetwork": network},
            });
            Pod::read(&pod.to_string()).unwrap()
        };
        let long = format!("{}--x", "a".repeat(61));
        assert_eq!(named(&long, false).host(), Some(&*"a".repeat(61)));
        assert_eq!(named("short", false).host(), Some("short"));
        let mirror = named("kube-scheduler-cp-1", true);
        assert_eq!(mirror.host(), None);
        assert!(mirror.is_mirror);
    }
}
