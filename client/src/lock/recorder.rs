//! Kubernetes Events about a lock.

use std::sync::Arc;

use http::Method;
use lease_core::{Event, Identity, Loss, Uid};
use serde_json::json;

use super::Shared;
use crate::clock::Machine;
use crate::micro_time;
use crate::request::{Call, JSON, Requests};
use crate::right::Right;
use crate::selection::encode;

/// The API server's limit to `reportingInstance`, in bytes.
const LONGEST_INSTANCE: usize = 128;
/// What a dot and a uuid leave of the 253 bytes of a name.
const LONGEST_NAME: usize = 220;
/// The API server's limit to `note`, in bytes.
const LONGEST_NOTE: usize = 1024;

/// Writes Kubernetes Events for a lock: `kubectl events --for lease/NAME` shows them.
///
/// An event that cannot be written is lost: nothing waits for it, and a missing right is only
/// traced.
#[derive(Clone)]
pub struct EventRecorder {
    requests: Requests,
    controller: Arc<str>,
}

/// What of a contender's events is worth one of Kubernetes.
struct Told {
    kind: &'static str,
    reason: &'static str,
    action: &'static str,
    note: String,
}

impl EventRecorder {
    /// Events in the name of this controller, e.g. `example.com/backup`.
    pub fn new(requests: Requests, controller: &str) -> Self {
        Self {
            requests,
            controller: controller.into(),
        }
    }

    /// Writes an event in the background, if it is one that concerns others.
    pub(super) fn record<M: Machine>(&self, shared: &Shared<M>, lock: Option<&Uid>, event: &Event) {
        let Some(told) = told(&shared.identity, event) else {
            return;
        };
        let namespace = &shared.namespace;
        let object = json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {
                "namespace": namespace,
                "name": format!(
                    "{}.{}",
                    cut(&shared.name, LONGEST_NAME).trim_end_matches(['.', '-']),
                    shared.machine.unique().simple(),
                ),
            },
            "regarding": {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "namespace": namespace,
                "name": shared.name,
                "uid": lock.map(Uid::as_str),
            },
            "eventTime": micro_time::format(shared.machine.wall()),
            "type": told.kind,
            "reason": told.reason,
            "action": told.action,
            "note": cut(&told.note, LONGEST_NOTE),
            "reportingController": &*self.controller,
            "reportingInstance": cut(shared.identity.as_str(), LONGEST_INSTANCE),
        });
        let (requests, namespace) = (self.requests.clone(), namespace.clone());
        shared.machine.spawn(async move {
            let path = format!(
                "/apis/events.k8s.io/v1/namespaces/{}/events",
                encode(&namespace)
            );
            let call = Call {
                method: Method::POST,
                path: &path,
                body: Some(object.to_string().into()),
                right: Right::to_create_events(&namespace),
                accept: JSON,
            };
            if let Err(error) = requests.send(call).await {
                tracing::debug!(target: "lease_client::lock", %error, "an event was not recorded");
            }
        });
    }
}

fn told(who: &Identity, event: &Event) -> Option<Told> {
    let who = who.as_str();
    let told = |kind, reason, action, note| {
        Some(Told {
            kind,
            reason,
            action,
            note,
        })
    };
    match event {
        Event::Acquired { token, .. } => told(
            "Normal",
            "Acquired",
            "Acquire",
            format!("{who} acquired the lock (token {token})"),
        ),
        Event::Lost(loss) => told("Warning", "Lost", "Lose", format!("{who} {}", lost(loss))),
        Event::Released { to: None } => told(
            "Normal",
            "Released",
            "Release",
            format!("{who} released the lock"),
        ),
        Event::Released { to: Some(to) } => told(
            "Normal",
            "HandedOver",
            "Release",
            format!("{who} handed the lock over to {to}"),
        ),
        _ => None,
    }
}

fn lost(loss: &Loss) -> String {
    match loss {
        Loss::Broken => "lost the lock: it was broken by force".to_owned(),
        Loss::Deleted => "lost the lock: its lease was deleted".to_owned(),
        Loss::NotRenewed => "lost the lock: it could not be renewed in time".to_owned(),
        Loss::Taken { by } => format!("lost the lock to {by}"),
    }
}

/// As much of a text as so many bytes hold.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
