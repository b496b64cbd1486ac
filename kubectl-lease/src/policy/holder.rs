//! Who is behind a lock's holder, for policies that want to know.

use std::time::Duration;

use lease_client::{Lease, LeaseStore, Pod};
use lease_core::{Dialect, PodOwner};
use tokio::time::timeout;

use crate::diagnosis::{self, Facts, Holder, Population};

/// How long may be looked: as long as `describe` does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The object behind a lock's holder; `None` if nobody holds it. What cannot be read in time is
/// unknown, as everything that is not certain.
pub(super) async fn behind(store: &LeaseStore, lease: &Lease) -> Option<lease_policy_host::Holder> {
    let lock = lease.summary();
    let identity = lock.snapshot.record.holder()?;
    let namespace = &lock.snapshot.namespace;
    let facts = Box::pin(diagnosis::gather_population(store, Some(namespace)));
    let Ok(facts) = timeout(PATIENCE, facts).await else {
        return Some(unknown());
    };
    if let Dialect::ConfigMap { owner, .. } = &lock.snapshot.dialect {
        return Some(owner_of(owner, namespace, &facts));
    }
    let population = Population::of(&facts);
    Some(match population.holder(lock, identity) {
        Holder::Pod {
            pod,
            is_certain: true,
        } => lease_policy_host::Holder {
            kind: "pod".to_owned(),
            namespace: Some(pod.namespace.clone()),
            name: Some(pod.name.clone()),
            phase: Some(pod.phase.clone()),
            ready: pod.is_ready,
        },
        Holder::Node(node) => lease_policy_host::Holder {
            kind: "node".to_owned(),
            name: Some(node.name.clone()),
            ..unknown()
        },
        Holder::Gone(name) => lease_policy_host::Holder {
            kind: "gone".to_owned(),
            name: Some(name),
            ..unknown()
        },
        Holder::Pod { .. } | Holder::Absent(_) | Holder::Unknown(_) => unknown(),
    })
}

/// The pod that a `ConfigMap` says it belongs to, whoever of it holds the lock.
fn owner_of(owner: &PodOwner, namespace: &str, facts: &Facts) -> lease_policy_host::Holder {
    let named = lease_policy_host::Holder {
        namespace: Some(namespace.to_owned()),
        name: Some(owner.name.clone()),
        ..unknown()
    };
    let Some(pods) = &facts.pods else {
        return named;
    };
    let is_it =
        |pod: &&Pod| pod.namespace == namespace && pod.name == owner.name && pod.uid == owner.uid;
    match pods.pods.iter().find(is_it) {
        Some(pod) => lease_policy_host::Holder {
            kind: "pod".to_owned(),
            phase: Some(pod.phase.clone()),
            ready: pod.is_ready,
            ..named
        },
        None => lease_policy_host::Holder {
            kind: "gone".to_owned(),
            ..named
        },
    }
}

fn unknown() -> lease_policy_host::Holder {
    lease_policy_host::Holder {
        kind: "unknown".to_owned(),
        namespace: None,
        name: None,
        phase: None,
        ready: None,
    }
}
