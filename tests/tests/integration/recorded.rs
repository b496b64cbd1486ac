//! What a program's lock leaves behind for people: Events.

use lease_client::{ConnectOptions, EventRecorder, LeaseStore, Lock, Released, connect};
use lease_core::Identity;
use lease_tests::{ApiServer, Client};
use tokio::time::sleep;

use crate::lock::LIMIT;

async fn lock(client: &Client, namespace: &str, name: &str) -> Lock {
    let options = ConnectOptions {
        kubeconfig: Some(client.kubeconfig().to_owned()),
        ..ConnectOptions::default()
    };
    let requests = connect(&options).await.unwrap().requests;
    let recorder = EventRecorder::new(requests.clone(), "example.com/backup");
    Lock::new(LeaseStore::new(requests), namespace, name).record_events(recorder)
}

#[tokio::test]
async fn who_had_a_lock_is_told_by_kubectl_events() {
    let server = ApiServer::shared();
    let namespace = server.namespace("recorded");
    let admin = namespace.admin();
    let lock = lock(admin, namespace.name(), "backup").await;
    let first = lock.acquire_patiently().await.unwrap();
    let who = first.identity().as_str().to_owned();
    let successor = Identity::new("somebody").unwrap();
    let released = first.release_to(successor).await.unwrap();
    assert!(matches!(released, Released::To { .. }));
    let told = async {
        loop {
            let text = admin
                .kubectl(["events", "--for", "lease/backup", "--no-headers"])
                .success()
                .stdout;
            if text.contains(&format!("{who} handed the lock over to somebody"))
                && text.contains(&format!("{who} acquired the lock"))
            {
                return;
            }
            sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(LIMIT, told).await.expect("no events");
    // `kubectl describe` finds them by the lease's uid.
    let described = admin
        .kubectl(["describe", "lease", "backup"])
        .success()
        .stdout;
    assert!(described.contains("HandedOver"), "{described}");
}
