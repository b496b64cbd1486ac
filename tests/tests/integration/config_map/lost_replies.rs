//! Writes of which no answer comes.

use http::Method;
use lease_client::Released;
use lease_tests::{ApiServer, Fate, FaultProxy, Request};

use super::world::{LOCK, OWNER, POD, TYPED, delete_pod, get, kvdis, lock, owned, plugin, pod};
use crate::waiter::timing;

/// Loses the reply to the first request of this kind.
fn lose_first(
    server: &ApiServer,
    is_meant: impl Fn(&Request) -> bool + Send + 'static,
) -> FaultProxy {
    let mut is_lost = false;
    FaultProxy::before(server, move |request| {
        if !is_lost && is_meant(request) {
            is_lost = true;
            return Fate::DropReply;
        }
        Fate::Forward
    })
}

fn is(request: &Request, method: &Method) -> bool {
    request.method == *method && request.path.contains("/configmaps")
}

#[tokio::test]
async fn a_lock_whose_creation_was_not_answered_is_held_once() {
    let server = ApiServer::shared();
    let namespace = server.namespace("config-map");
    pod(namespace.admin(), POD);
    let proxy = lose_first(server, |request| is(request, &Method::POST));
    let store = proxy.client(namespace.admin()).config_maps().await;
    let owner = namespace.admin().pod_owner(namespace.name(), POD).await;
    let lock = lease_client::Lock::new(store.owned_by(owner), namespace.name(), LOCK);
    let guard = lock
        .timing(timing(6, 4, 1))
        .acquire_patiently()
        .await
        .unwrap();
    let object = get(namespace.admin(), LOCK).unwrap();
    let holder = &object["metadata"]["annotations"]["kubectl-lease.io/holder"];
    assert_eq!(holder, guard.identity().as_str());
    assert_eq!(
        guard.uid().unwrap().as_str(),
        object["metadata"]["uid"].as_str().unwrap()
    );
    assert_eq!(guard.release().await.unwrap(), Released::Open);
    let _ = owned(&namespace, POD).await;
}

#[tokio::test]
async fn a_release_that_was_not_answered_is_a_release() {
    let server = ApiServer::shared();
    let namespace = server.namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let acquire = ["acquire", TYPED, "--try", OWNER, "--identity=a"];
    plugin(client, &acquire).success();
    let proxy = lose_first(server, |request| is(request, &Method::DELETE));
    let released = plugin(&proxy.client(client), &["release", TYPED, "--identity=a"]);
    assert_eq!(released.success().stdout, "configmap/desktop released\n");
    assert!(get(client, LOCK).is_none());
    // Somebody else comes at once.
    lock(&namespace, POD)
        .await
        .try_acquire()
        .await
        .unwrap()
        .release()
        .await
        .unwrap();
}

#[test]
fn a_takeover_is_finished_whichever_half_was_not_answered() {
    let server = ApiServer::shared();
    let namespace = server.namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    for method in [Method::DELETE, Method::POST] {
        pod(client, "gone");
        kvdis(client, LOCK, "gone", None);
        delete_pod(client, "gone");
        let lost = method.clone();
        let proxy = lose_first(server, move |request| is(request, &lost));
        let steal = ["steal", TYPED, OWNER, "--identity=a"];
        let stolen = plugin(&proxy.client(client), &steal);
        assert_eq!(stolen.code, Some(0), "{method}: {stolen:?}");
        let object = get(client, LOCK).unwrap();
        assert_eq!(
            object["metadata"]["annotations"]["kubectl-lease.io/holder"],
            "a"
        );
        plugin(client, &["release", TYPED, "--identity=a"]).success();
    }
}
