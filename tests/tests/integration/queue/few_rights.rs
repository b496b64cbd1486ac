//! Those who may not queue, or not watch: they are told so, and get the lock.

use lease_client::{Lock, Notice};
use lease_core::{Event, Mode};
use lease_tests::{ApiServer, Client, Namespace, Process};
use serde_json::json;

use crate::lock::{LIMIT, held, patch};
use crate::rights::Role;
use crate::waiter::{LOCK, acquired, lock, lock_of, queued, timing, told};

/// Somebody with just these rights, who knows that they are in force.
fn somebody(namespace: &Namespace<'_>, verbs: &[&str], names: &[&str]) -> Client {
    Role::new(verbs, names).bind(namespace, "alice");
    let alice = namespace.client("alice");
    crate::lock::until("the role is known", || {
        let args = ["auth", "can-i", "update", "leases.coordination.k8s.io/lock"];
        alice.kubectl(args).stdout == "yes\n"
    });
    alice
}

async fn hasty_lock(namespace: &Namespace<'_>, client: &Client) -> Lock {
    lock_of(namespace, client).await.timing(timing(6, 4, 1))
}

fn set_free(namespace: &Namespace<'_>) {
    let free = json!({"spec": {"holderIdentity": ""}});
    patch(namespace.admin(), LOCK, "holder", &free);
}

#[tokio::test]
async fn who_may_not_queue_is_told_so_and_gets_the_lock() {
    let namespace = ApiServer::shared().namespace("queue");
    namespace.admin().create(&held(LOCK, "holder", 300));
    let alice = somebody(&namespace, &["get", "update", "watch"], &[LOCK]);
    let mut attempt = hasty_lock(&namespace, &alice)
        .await
        .attempt(Mode::Patient)
        .unwrap();
    let cannot = |notice: &Notice| matches!(notice, Notice::Told(Event::CannotQueue));
    told(attempt.notices(), cannot).await;

    set_free(&namespace);
    let guard = acquired(&mut attempt).await;
    guard.release().await.unwrap();
}

#[tokio::test]
async fn who_may_not_watch_is_told_so_and_served_in_turn() {
    let namespace = ApiServer::shared().namespace("queue");
    let guard = lock(&namespace).await.try_acquire().await.unwrap();
    let verbs = ["get", "list", "create", "update", "delete"];
    let alice = somebody(&namespace, &verbs, &[]);
    let mut attempt = hasty_lock(&namespace, &alice)
        .await
        .attempt(Mode::Patient)
        .unwrap();
    let mut notices = std::pin::pin!(attempt.notices());
    let cannot = |notice: &Notice| matches!(notice, Notice::CannotWatch(_));
    told(&mut notices, cannot).await;
    let is_queued = |notice: &Notice| matches!(notice, Notice::Told(Event::Queued { .. }));
    told(&mut notices, is_queued).await;
    let mut second = queued(&lock(&namespace).await).await;

    guard.release().await.unwrap();
    let guard = acquired(&mut attempt).await;
    guard.release().await.unwrap();
    acquired(&mut second).await.release().await.unwrap();
}

/// A name in a role is all that a lock needs.
#[tokio::test]
async fn who_may_only_get_and_update_the_lock_gets_it() {
    let namespace = ApiServer::shared().namespace("queue");
    namespace.admin().create(&held(LOCK, "holder", 300));
    let alice = somebody(&namespace, &["get", "update"], &[LOCK]);
    let mut attempt = hasty_lock(&namespace, &alice)
        .await
        .attempt(Mode::Patient)
        .unwrap();
    let cannot = |notice: &Notice| matches!(notice, Notice::CannotWatch(_));
    told(attempt.notices(), cannot).await;

    set_free(&namespace);
    let guard = acquired(&mut attempt).await;
    // It sees that it is still the holder, without a watch, too.
    let is_renewed = |notice: &Notice| matches!(notice, Notice::Told(Event::Renewed));
    tokio::time::timeout(LIMIT, told(guard.notices(), is_renewed))
        .await
        .unwrap();
    guard.release().await.unwrap();
}

/// The same from a shell.
#[test]
fn run_tells_what_is_lost_for_want_of_rights() {
    let namespaces = ApiServer::shared().namespaces("queue", 2);
    let lost = [
        (&["get", "update", "watch"][..], "no right to create leases"),
        (
            &["get", "list", "create", "update", "delete"],
            "no right to watch",
        ),
    ];
    for ((verbs, says), namespace) in lost.into_iter().zip(&namespaces) {
        namespace.admin().create(&held(LOCK, "holder", 300));
        let alice = somebody(namespace, verbs, &[]);
        let mut command = alice.plugin_command();
        command.args(["run", LOCK, "--duration", "6s", "--renew-deadline", "4s"]);
        command.args(["--retry-period", "1s", "--", "echo", "held"]);
        let mut run = Process::start(&mut command);
        crate::lock::until("it tells", || run.stderr().contains(says));

        set_free(namespace);
        assert_eq!(run.line(LIMIT).as_deref(), Some("held"), "{}", run.stderr());
        assert!(run.wait(LIMIT).success(), "{}", run.stderr());
    }
}
