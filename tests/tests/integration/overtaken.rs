//! Whoever judged a lock that then became another one writes nothing.

use lease_client::{Dated, Lease, LeaseStore, Store, WriteError, carry_out, clock};
use lease_core::{Claim, Identity, Look, Write, decide, judge};
use lease_tests::{ApiServer, Client, Namespace};
use serde_json::json;

use crate::lock::{LIMIT, create_expired, create_without_stamp, get, held, holder, patch, renew};
use crate::thieves::watching;

/// A lock as it was read and judged expired, and what a thief decided to write to it.
struct Plan {
    judged: Lease,
    store: LeaseStore,
    write: Write,
}

impl Plan {
    async fn to_steal(namespace: &Namespace<'_>) -> Self {
        create_expired(namespace.admin(), "lock", "victim", 15);
        let store = namespace.admin().store().await;
        let Dated { value, date } = store.get(namespace.name(), "lock").await.unwrap();
        let judged = value.unwrap();
        let look = Look::stamped_or_first(judged.snapshot(), date);
        let claim = Claim {
            identity: Identity::new("thief").unwrap(),
            duration_seconds: 15,
            number: 7,
            attends: false,
        };
        let write = decide::steal(&judge(judged.snapshot(), look), &claim, clock::wall());
        Self {
            write: write.unwrap(),
            judged,
            store,
        }
    }

    async fn carry_out(&self) -> Result<Lease, WriteError> {
        let lock = self.judged.snapshot();
        let (namespace, name) = (&lock.namespace, &lock.name);
        let current = Some(&self.judged);
        let carried_out = carry_out(&self.store, namespace, name, current, &self.write).await;
        carried_out.map(|dated| dated.value)
    }
}

fn delete(client: &Client) {
    client.kubectl(["delete", "lease", "lock"]).success();
}

fn is_gone(client: &Client) -> bool {
    let args = ["get", "lease", "lock", "--ignore-not-found"];
    client.kubectl(args).success().stdout.is_empty()
}

#[tokio::test]
async fn a_plan_that_nothing_comes_between_is_carried_out() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let plan = Plan::to_steal(&namespace).await;
    plan.carry_out().await.unwrap();
    assert_eq!(holder(namespace.admin(), "lock"), "thief");
}

#[tokio::test]
async fn a_deleted_lock_is_not_raised_from_the_dead() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let plan = Plan::to_steal(&namespace).await;
    delete(namespace.admin());

    let result = plan.carry_out().await;

    assert!(
        matches!(result, Err(WriteError::Conflict(_) | WriteError::Gone(_))),
        "{result:?}"
    );
    assert!(is_gone(namespace.admin()));
}

#[tokio::test]
async fn a_lock_that_was_created_anew_is_not_stolen() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let client = namespace.admin();
    let plan = Plan::to_steal(&namespace).await;
    delete(client);
    let anew = client.create(&held("lock", "victim", 15));

    let result = plan.carry_out().await;

    assert!(matches!(result, Err(WriteError::Conflict(_))), "{result:?}");
    let stands = get(client, "lock");
    assert_eq!(stands["spec"], anew["spec"]);
    assert_eq!(stands["metadata"]["uid"], anew["metadata"]["uid"]);
}

#[tokio::test]
async fn a_holder_that_renews_in_the_meantime_wins() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let client = namespace.admin();
    let plan = Plan::to_steal(&namespace).await;
    renew(client, "lock", "victim");

    let result = plan.carry_out().await;

    assert!(matches!(result, Err(WriteError::Conflict(_))), "{result:?}");
    assert_eq!(holder(client, "lock"), "victim");
}

#[tokio::test]
async fn a_paused_ex_holder_does_not_blank_its_successor() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let client = namespace.admin();
    client.create(&held("lock", "paused", 15));
    let store = client.store().await;
    let read = store.get(namespace.name(), "lock").await.unwrap();
    let read = read.value.unwrap();
    let paused = Identity::new("paused").unwrap();
    let write = decide::release(read.snapshot(), &paused, clock::wall()).unwrap();
    patch(
        client,
        "lock",
        "x",
        &json!({"spec": {"holderIdentity": "successor"}}),
    );

    let result = carry_out(&store, namespace.name(), "lock", Some(&read), &write).await;
    assert!(matches!(result, Err(WriteError::Conflict(_))), "{result:?}");
    assert_eq!(holder(client, "lock"), "successor");

    for verb in ["release", "renew"] {
        let output = client.plugin([verb, "lock", "--identity", "paused"]);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(
            output.stderr.contains("held by successor, not by paused"),
            "{output:?}"
        );
        assert_eq!(holder(client, "lock"), "successor");
    }
}

#[test]
fn a_thief_is_told_that_its_lock_is_gone() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let client = namespace.admin();
    for args in [&["steal", "lock"][..], &["steal", "lock", "--release"]] {
        create_without_stamp(client, "lock", "victim", 30);
        let mut thief = watching(client, args);
        delete(client);

        assert_eq!(thief.wait(LIMIT).code(), Some(4), "{}", thief.stderr());
        let said = thief.stderr();
        assert!(
            said.contains("\"lock\" was deleted in the meantime"),
            "{said}"
        );
        assert!(is_gone(client));
    }
}

#[test]
fn a_thief_is_told_who_came_first() {
    let namespace = ApiServer::shared().namespace("overtaken");
    let client = namespace.admin();
    create_without_stamp(client, "lock", "victim", 30);
    let mut thief = watching(client, &["steal", "lock", "--identity", "thief"]);
    patch(
        client,
        "lock",
        "x",
        &json!({"spec": {"holderIdentity": "first"}}),
    );

    assert_eq!(thief.wait(LIMIT).code(), Some(4), "{}", thief.stderr());
    assert!(
        thief.stderr().contains("held by first, whose lease runs"),
        "{}",
        thief.stderr()
    );
    assert_eq!(holder(client, "lock"), "first");
}
