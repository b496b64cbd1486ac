//! Processes that stand still for longer than they may.

use lease_client::Released;
use lease_tests::ApiServer;

use super::process::{stands_in, wait_as};
use crate::lock::{LIMIT, holder};
use crate::waiter::{LOCK, acquired, lock, queued, soon, until};

#[tokio::test]
async fn a_waiter_that_is_passed_by_while_it_is_paused_lines_up_anew() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    let mut paused = wait_as(&namespace, "paused");
    let is_in_line = async || stands_in(&namespace, &store, "paused").await;
    until("it waits", is_in_line).await;
    let mut second = queued(&lock).await;

    paused.pause();
    let released = guard.release().await.unwrap();
    let identity = "paused".to_owned();
    assert_eq!(released, Released::To { identity });
    let guard = acquired(&mut second).await;
    until("its place is gone", async || !is_in_line().await).await;
    paused.resume();
    until("it waits anew", is_in_line).await;
    assert!(guard.is_held());

    guard.release().await.unwrap();
    assert_eq!(paused.line(LIMIT).as_deref(), Some("held"));
    paused.terminate();
    paused.wait(LIMIT);
    soon(lock.acquire_patiently())
        .await
        .unwrap()
        .release()
        .await
        .unwrap();
}

/// Who stood still does not go on as if nothing had happened, nor does it touch its successor's
/// lock.
#[tokio::test]
async fn a_holder_that_is_paused_beyond_its_lease_ends_its_work() {
    let namespace = ApiServer::shared().namespace("queue");
    let mut paused = wait_as(&namespace, "paused");
    assert_eq!(paused.line(LIMIT).as_deref(), Some("held"));

    paused.pause();
    let guard = soon(lock(&namespace).await.acquire_patiently())
        .await
        .unwrap();
    paused.resume();

    assert_eq!(paused.wait(LIMIT).code(), Some(122), "{}", paused.stderr());
    assert_eq!(holder(namespace.admin(), LOCK), guard.identity().as_str());
    guard.release().await.unwrap();
}
