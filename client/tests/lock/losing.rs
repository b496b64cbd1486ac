use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lease_client::{Machine, Released, Store, clock};
use lease_core::{Event, Instant, Loss, Timestamp};
use uuid::Uuid;

use crate::fixture::{LOCK, NAMESPACE, Place, acquired, soon, told};

/// A machine that can be suspended: its clock goes on, and nothing else.
#[derive(Clone, Default)]
struct Sleeper {
    slept_seconds: Arc<AtomicU64>,
}

impl Machine for Sleeper {
    fn local(&self) -> Instant {
        let slept = self.slept_seconds.load(Ordering::SeqCst);
        clock::local().saturating_add(Duration::from_secs(slept))
    }

    fn wall(&self) -> Timestamp {
        clock::wall()
    }

    fn unique(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[tokio::test]
async fn who_slept_too_long_does_not_believe_for_a_moment() {
    let place = Place::new().await;
    let machine = Sleeper::default();
    let guard = acquired(&place.lock_on(machine.clone())).await;
    let notices = guard.notices();
    assert!(guard.is_held());
    machine.slept_seconds.store(60, Ordering::SeqCst);
    // Before anything else had a chance to run.
    assert!(!guard.is_held());
    assert_eq!(soon(guard.lost()).await, Loss::NotRenewed);
    let loss = told(notices, |event| match event {
        Event::Lost(loss) => Some(loss),
        _ => None,
    });
    assert_eq!(loss.await, Loss::NotRenewed);
    assert!(guard.check(Duration::from_secs(100)).is_ok());
    machine.slept_seconds.store(120, Ordering::SeqCst);
    assert!(guard.check(Duration::from_secs(20)).is_err());
    // It still stands in its name, and is given back for the next one.
    assert_eq!(soon(guard.release()).await.unwrap(), Released::Open);
}

#[tokio::test]
async fn a_lock_that_is_deleted_is_lost_at_once() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let uid = guard.uid().unwrap();
    soon(place.store.delete(NAMESPACE, LOCK, &uid, None))
        .await
        .unwrap();
    assert_eq!(soon(guard.lost()).await, Loss::Deleted);
    assert_eq!(guard.token(), None);
    assert_eq!(soon(guard.release()).await.unwrap(), Released::NotHeld);
}

#[tokio::test]
async fn a_holder_without_a_server_is_warned_and_stops_in_time() {
    let mut place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let mut notices = std::pin::pin!(guard.notices());
    let before = std::time::Instant::now();
    place.server = None;
    told(&mut notices, |event| {
        matches!(event, Event::AtRisk { .. }).then_some(())
    })
    .await;
    assert!(guard.is_held());
    assert_eq!(soon(guard.lost()).await, Loss::NotRenewed);
    // The renew deadline of two seconds counts from the sending of the last renewal.
    assert!(before.elapsed() < Duration::from_millis(2300));
    assert!(!guard.is_held());
}

#[tokio::test]
async fn those_who_wait_outlive_the_lock() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let uid = guard.uid().unwrap();
    let mut first = place.lock().attempt(lease_core::Mode::Patient).unwrap();
    place.until_queued(1).await;
    let mut second = place.lock().attempt(lease_core::Mode::Patient).unwrap();
    place.until_queued(2).await;
    soon(place.store.delete(NAMESPACE, LOCK, &uid, None))
        .await
        .unwrap();
    let deleted = std::time::Instant::now();
    soon(guard.lost()).await;
    let one = soon(async {
        tokio::select! {
            guard = first.acquired() => (guard, second),
            guard = second.acquired() => (guard, first),
        }
    })
    .await;
    // The holder may have believed on for as long.
    assert!(deleted.elapsed() >= Duration::from_millis(3900));
    let (one, mut other) = (one.0.unwrap(), one.1);
    assert_ne!(one.uid().unwrap(), uid);
    place.until_queued(1).await;
    soon(one.release()).await.unwrap();
    soon(soon(other.acquired()).await.unwrap().release())
        .await
        .unwrap();
}
