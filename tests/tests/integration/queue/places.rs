//! Places in line.

use lease_client::{AcquireError, Released};
use lease_core::{Mode, Refusal};
use lease_tests::ApiServer;
use serde_json::json;

use crate::lock::patch;
use crate::waiter::{acquired, identity, lock, queue, queued, soon, until};

#[tokio::test]
async fn a_ticket_that_somebody_edits_goes_to_the_back() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    let mut edited = queued(&lock).await;
    let mut second = queued(&lock).await;
    let ticket = queue(&namespace, &store).await.remove(0);
    assert_eq!(ticket.holder, edited.identity().as_str());

    let label = json!({"metadata": {"labels": {"team": "blue"}}});
    patch(namespace.admin(), &ticket.name, "robot", &label);

    guard.release().await.unwrap();
    let guard = acquired(&mut second).await;
    guard.release().await.unwrap();
    acquired(&mut edited).await.release().await.unwrap();
    until("no ticket is left", async || {
        queue(&namespace, &store).await.is_empty()
    })
    .await;
}

/// Whoever wants to be served out of turn by a ticket in another's name gets nothing for it.
#[tokio::test]
async fn a_ticket_that_is_edited_to_another_name_is_nobodys() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    let mut robbed = queued(&lock).await;
    let ticket = queue(&namespace, &store).await.remove(0);

    let other = json!({"spec": {"holderIdentity": "somebody"}});
    patch(namespace.admin(), &ticket.name, "robber", &other);

    let released = guard.release().await.unwrap();
    let identity = "somebody".to_owned();
    assert_eq!(released, Released::To { identity });
    // Somebody does not come.
    acquired(&mut robbed).await.release().await.unwrap();
    until("no ticket is left", async || {
        queue(&namespace, &store).await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_somebody_deletes_is_missed_by_nobody() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    let mut robbed = queued(&lock).await;
    let ticket = queue(&namespace, &store).await.remove(0);

    let args = ["delete", "lease", &ticket.name];
    namespace.admin().kubectl(args).success();

    assert_eq!(guard.release().await.unwrap(), Released::Open);
    acquired(&mut robbed).await.release().await.unwrap();
}

#[tokio::test]
async fn two_contenders_of_one_process_are_two() {
    let namespace = ApiServer::shared().namespace("queue");
    let lock = lock(&namespace).await;
    let one = lock.try_acquire().await.unwrap();
    assert!(matches!(
        soon(lock.try_acquire()).await,
        Err(AcquireError::Contended)
    ));
    let mut two = queued(&lock).await;
    assert_ne!(one.identity(), two.identity());
    assert!(one.is_held());
    one.release().await.unwrap();
    acquired(&mut two).await.release().await.unwrap();
}

/// Two in one name would both be the holder.
#[tokio::test]
async fn two_contenders_in_one_name_are_not_both_let_in() {
    let namespace = ApiServer::shared().namespace("queue");
    let lock = lock(&namespace).await.identity(identity("me"));
    let one = lock.try_acquire().await.unwrap();
    for mode in [Mode::Try, Mode::Patient] {
        let other = soon(lock.attempt(mode).unwrap().acquired()).await;
        assert!(
            matches!(other, Err(AcquireError::Refused(Refusal::AlreadyYours))),
            "{:?}",
            other.err()
        );
    }
    assert!(one.is_held());
    one.release().await.unwrap();
}
