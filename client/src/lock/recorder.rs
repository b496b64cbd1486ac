//! Kubernetes Events about a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use lease_core::{Dialect, Event, Identity, Loss, Snapshot, Uid};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Shared;
use crate::clock::{Machine, ThisMachine};
use crate::lease_store::LeaseStore;
use crate::micro_time;
use crate::request::{Call, JSON, RequestError, Requests};
use crate::right::Right;
use crate::selection::encode;
use crate::status::ApiStatus;

/// What passes between two holders is what everybody behind them waits for, so what is said of it
/// comes a little later, unless somebody waits for that.
const LATER: Duration = Duration::from_millis(100);
/// The API server's limit to `reportingInstance`, in bytes.
const LONGEST_INSTANCE: usize = 128;
/// What a dot and a uuid leave of the 253 bytes of a name.
const LONGEST_NAME: usize = 220;
/// The API server's limit to `note`, in bytes.
const LONGEST_NOTE: usize = 1024;

/// Writes Kubernetes Events for a lock: `kubectl events --for lease/NAME` shows them,
/// and `kubectl events --for configmap/NAME` those of a lock that is a `ConfigMap`.
///
/// An event that cannot be written is lost: nothing waits for it. A missing right is traced, and
/// ends the writing.
#[derive(Clone)]
pub struct EventRecorder {
    requests: Requests,
    controller: Arc<str>,
    /// How many are on their way.
    under_way: Arc<watch::Sender<usize>>,
    /// Whether somebody waits for them.
    is_urgent: Arc<watch::Sender<bool>>,
    /// Whether the right to write them is missing.
    is_denied: Arc<AtomicBool>,
}

/// Something that was done to a lock in one write, by no contender.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Deed<'a> {
    /// It was acquired.
    Acquired,
    /// It was broken, and a tombstone stands there, or nobody.
    Broken {
        /// Who lost it.
        victim: &'a str,
        /// Why.
        because: Option<&'a str>,
    },
    /// It was given back, or passed on; to whom, if to anybody.
    Released {
        /// The next holder.
        to: Option<&'a str>,
    },
    /// It was taken from somebody whose lease was over.
    Stolen {
        /// Whose it was.
        victim: &'a str,
        /// Why, if somebody said so.
        because: Option<&'a str>,
    },
}

/// What is worth an event of Kubernetes.
struct Told {
    kind: &'static str,
    reason: &'static str,
    action: &'static str,
    note: String,
}

/// What an event is about, and who tells it.
struct About<'a> {
    /// `apiVersion` and `kind` of the lock's object.
    kind: [&'static str; 2],
    namespace: &'a str,
    name: &'a str,
    uid: Option<&'a Uid>,
    who: &'a Identity,
}

/// `apiVersion` and `kind` of the object that holds a lock.
fn kind_of(dialect: &Dialect) -> [&'static str; 2] {
    match dialect {
        Dialect::ConfigMap { .. } | Dialect::PlainConfigMap => ["v1", "ConfigMap"],
        _ => ["coordination.k8s.io/v1", "Lease"],
    }
}

impl EventRecorder {
    /// Events in the name of this controller, e.g. `example.com/backup`.
    pub fn new(requests: Requests, controller: &str) -> Self {
        Self {
            requests,
            controller: controller.into(),
            under_way: Arc::default(),
            is_urgent: Arc::default(),
            is_denied: Arc::default(),
        }
    }

    /// Events on the cluster of these leases, in the name of this controller.
    pub fn beside(store: &LeaseStore, controller: &str) -> Self {
        Self::new(store.requests.clone(), controller)
    }

    /// Writes in the background what was done to a lock, which stands like this since. Needs a
    /// tokio runtime.
    pub fn tell(&self, lock: &Snapshot, who: &Identity, deed: Deed<'_>) {
        let about = About {
            kind: kind_of(&lock.dialect),
            namespace: &lock.namespace,
            name: &lock.name,
            uid: Some(&lock.version.uid),
            who,
        };
        self.write(&ThisMachine, &about, done(who, deed, lock));
    }

    /// Waits until no event is on its way.
    pub async fn settled(&self) {
        self.is_urgent.send_replace(true);
        // It cannot be closed: its sender is here.
        let _ = self
            .under_way
            .subscribe()
            .wait_for(|count| *count == 0)
            .await;
    }

    /// Writes an event in the background, if it is one that concerns others. `lock` is the lock as it
    /// was known last, and `held` the uid of the one that is held.
    pub(super) fn record<M: Machine>(
        &self,
        shared: &Shared<M>,
        lock: Option<&Snapshot>,
        held: Option<&Uid>,
        event: &Event,
    ) {
        let Some(told) = told(&shared.identity, event) else {
            return;
        };
        let about = About {
            kind: kind_of(lock.map_or(&Dialect::ClientGo, |lock| &lock.dialect)),
            namespace: &shared.namespace,
            // By which the object is known; the store may take another one.
            name: lock.map_or(&shared.name, |lock| &lock.name),
            uid: held,
            who: &shared.identity,
        };
        self.write(&shared.machine, &about, told);
    }

    fn write<M: Machine>(&self, machine: &M, about: &About<'_>, told: Told) {
        if self.is_denied.load(Ordering::Relaxed) {
            return;
        }
        let About {
            kind: [version, kind],
            namespace,
            name,
            uid,
            who,
        } = about;
        let object = json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {
                "namespace": namespace,
                "name": format!(
                    "{}.{}",
                    cut(name, LONGEST_NAME).trim_end_matches(['.', '-']),
                    machine.unique().simple(),
                ),
            },
            "regarding": {
                "apiVersion": version,
                "kind": kind,
                "namespace": namespace,
                "name": name,
                "uid": uid.map(Uid::as_str),
            },
            "eventTime": micro_time::format(machine.wall()),
            "type": told.kind,
            "reason": told.reason,
            "action": told.action,
            "note": cut(&told.note, LONGEST_NOTE),
            "reportingController": &*self.controller,
            "reportingInstance": cut(who.as_str(), LONGEST_INSTANCE),
        });
        let (recorder, namespace) = (self.clone(), (*namespace).to_owned());
        self.under_way.send_modify(|count| *count += 1);
        machine.spawn(async move {
            let mut urgent = recorder.is_urgent.subscribe();
            // Either way it is time.
            let _ = timeout(LATER, urgent.wait_for(|is_urgent| *is_urgent)).await;
            recorder.send(&namespace, object.to_string()).await;
            recorder.under_way.send_modify(|count| *count -= 1);
        });
    }

    async fn send(&self, namespace: &str, object: String) {
        let path = format!(
            "/apis/events.k8s.io/v1/namespaces/{}/events",
            encode(namespace)
        );
        let call = Call {
            method: Method::POST,
            path: &path,
            body: Some(object.into()),
            right: Right::to_create_events(namespace),
            accept: JSON,
        };
        let Err(error) = self.requests.send(call).await else {
            return;
        };
        if let RequestError::Status(ApiStatus { code: 403, .. }) = error
            && self.is_denied.swap(true, Ordering::Relaxed)
        {
            return;
        }
        tracing::debug!(target: "lease_client::events", %error, "no Event was left of this");
    }
}

fn done(who: &Identity, deed: Deed<'_>, lock: &Snapshot) -> Told {
    let who = who.as_str();
    let (kind, reason, action, note) = match deed {
        Deed::Acquired => {
            let token = &lock.version.resource_version;
            let note = format!("{who} acquired the lock (token {token})");
            ("Normal", "Acquired", "Acquire", note)
        }
        Deed::Broken { victim, because } => {
            let why = because.map_or_else(String::new, |because| format!(": {because}"));
            let note = format!("{who} broke the lock, which {victim} held{why}");
            ("Warning", "Broken", "ForceRelease", note)
        }
        Deed::Released { to: None } => {
            let note = format!("{who} released the lock");
            ("Normal", "Released", "Release", note)
        }
        Deed::Released { to: Some(to) } => {
            let note = format!("{who} handed the lock over to {to}");
            ("Normal", "HandedOver", "Release", note)
        }
        Deed::Stolen { victim, because } => {
            let why = because.map_or_else(String::new, |because| format!(": {because}"));
            let holds = match lock.record.holder() {
                Some(_) => "",
                None => ", and set it free",
            };
            let note =
                format!("{who} took the lock from {victim}, whose lease was over{holds}{why}");
            ("Normal", "Stolen", "Steal", note)
        }
    };
    Told {
        kind,
        reason,
        action,
        note,
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
