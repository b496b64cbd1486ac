//! A cluster in memory, stores that reach it, and locks to keep there.

use std::time::Duration;

use jiff::Timestamp;
use lease_client::{
    ConnectOptions, Lease, LeaseStore, Scope, Selection, Store, clock, connect as connect_as,
};
use lease_core::{Claim, Identity, Look, Write, decide, judge};
use lease_sandbox::{Clock, Cluster, Server, WriteOptions, kubeconfig, serve};
use serde_json::{Value, json};

/// The namespace that all locks of these tests are in.
pub(crate) const NAMESPACE: &str = "work";
/// For whatever should come at once.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A cluster with the namespace, and a server before it.
pub(crate) async fn cluster() -> (Cluster, Server) {
    let cluster = Cluster::new(Clock::Real);
    cluster.add_namespace(NAMESPACE);
    let server = serve(cluster.clone(), ([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    (cluster, server)
}

/// A store that reaches the server at `url` as a user's would: through a kubeconfig.
pub(crate) async fn store(url: &str, timeout: Duration) -> LeaseStore {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), kubeconfig(url, NAMESPACE)).unwrap();
    let cluster = connect_as(&ConnectOptions {
        kubeconfig: Some(file.path().to_owned()),
        timeout: Some(timeout),
        ..ConnectOptions::default()
    })
    .await
    .unwrap();
    LeaseStore::new(cluster.requests)
}

pub(crate) fn all() -> Selection {
    Selection::all_of(Scope::Namespace(NAMESPACE.into()))
}

pub(crate) fn only(name: &str) -> Selection {
    Selection::all_of(Scope::One {
        namespace: NAMESPACE.into(),
        name: name.into(),
    })
}

/// A lease as client-go writes it.
pub(crate) fn held(name: &str, holder: &str) -> Value {
    let now = Timestamp::now();
    let now = format!("{now:.6}");
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": name },
        "spec": {
            "acquireTime": now,
            "holderIdentity": holder,
            "leaseDurationSeconds": 15,
            "leaseTransitions": 3,
            "renewTime": now,
        },
    })
}

/// A lease that nobody holds, with a history of three holders.
pub(crate) fn free(name: &str) -> Value {
    held(name, "")
}

pub(crate) fn create(cluster: &Cluster, lease: &Value) -> u64 {
    let made = cluster.create(NAMESPACE, lease, &WriteOptions::by("tester"));
    version(&made.unwrap())
}

/// Changes the holder of a lease, as its holders do.
pub(crate) fn pass_on(cluster: &Cluster, name: &str, holder: &str) -> u64 {
    let mut lease = Value::clone(&cluster.get(NAMESPACE, name).unwrap());
    lease["spec"]["holderIdentity"] = json!(holder);
    let options = WriteOptions::by("tester");
    let replaced = cluster.replace(NAMESPACE, name, &lease, &options).unwrap();
    version(&replaced.lease)
}

pub(crate) fn version(lease: &Value) -> u64 {
    let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
    version.parse().unwrap()
}

pub(crate) fn version_of(lease: &Lease) -> u64 {
    let version = &lease.snapshot().version.resource_version;
    version.as_str().parse().unwrap()
}

pub(crate) fn holder_of(lease: &Lease) -> &str {
    lease.snapshot().record.holder().unwrap_or_default()
}

/// The lock as it stands, which must be there.
pub(crate) async fn read(store: &LeaseStore, name: &str) -> Lease {
    let read = store.get(NAMESPACE, name).await.unwrap();
    read.value.unwrap()
}

/// What `who` writes to take the lock, or to create one that is not there.
pub(crate) fn taking(lease: Option<&Lease>, who: &str) -> Write {
    let claim = Claim {
        identity: Identity::new(who).unwrap(),
        duration_seconds: 15,
        number: 7,
        attends: false,
    };
    let judged = lease.map(|lease| judge(lease.snapshot(), Look::FIRST));
    decide::acquire(judged.as_ref(), &claim, clock::wall()).unwrap()
}

/// Numbers that look random and are the same in each run (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end as u64).unwrap()
    }
}
