//! A large cluster's worth of leases.

use std::path::Path;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use lease_client::{ConnectOptions, LeaseStore, Store, clock, connect};
use lease_core::{Claim, Identity, decide};

/// How many requests are under way at once.
const PARALLEL: usize = 50;

/// The name of the pod that holds the lease of this number.
pub(crate) fn pod(number: usize) -> String {
    format!("worker-{number:05}-7d4b9c6f58-x{:04}", number % 10_000)
}

/// Creates leases of these names that somebody holds, and nobody renews.
pub(crate) async fn create(
    kubeconfig: &Path,
    namespace: &str,
    names: impl Iterator<Item = String>,
    duration_seconds: i32,
) {
    let cluster = connect(&ConnectOptions {
        kubeconfig: Some(kubeconfig.to_owned()),
        timeout: Some(Duration::from_secs(30)),
        ..ConnectOptions::default()
    })
    .await
    .unwrap();
    let store = LeaseStore::new(cluster.requests);
    stream::iter(names.enumerate())
        .map(|(index, name)| {
            let store = &store;
            async move {
                let claim = Claim {
                    identity: Identity::new(format!(
                        "{}_8e1d2b7c-94a6-4d0f-8a5c-61f0b3e7d944",
                        pod(index)
                    ))
                    .unwrap(),
                    duration_seconds,
                    number: 7,
                    attends: false,
                };
                let write = decide::acquire(None, &claim, clock::wall()).unwrap();
                store.create(namespace, &name, &write).await
            }
        })
        .buffer_unordered(PARALLEL)
        .try_for_each(|_| async { Ok(()) })
        .await
        .unwrap();
}
