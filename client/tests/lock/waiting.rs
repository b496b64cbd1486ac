use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lease_client::{AcquireError, Machine, Released, Store, clock};
use lease_core::{Event, Identity, Instant, Mode, Notes, Refusal, Snapshot, Timestamp, Write};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::fixture::{LOCK, NAMESPACE, Place, acquired, soon, told};

#[tokio::test]
async fn who_comes_first_is_served_first() {
    let place = Place::new().await;
    let first = acquired(&place.lock()).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::new(AtomicUsize::new(0));
    let mut waiters = Vec::new();
    for number in 0..8 {
        let mut attempt = place.lock().attempt(Mode::Patient).unwrap();
        let (order, inside) = (Arc::clone(&order), Arc::clone(&inside));
        waiters.push(tokio::spawn(async move {
            let guard = attempt.acquired().await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two at once");
            order.lock().await.push((number, guard.token().unwrap()));
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(guard.is_held());
            assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
            guard.release().await.unwrap()
        }));
        place.until_queued(number + 1).await;
    }
    let before = first.token().unwrap();
    assert!(matches!(
        soon(first.release()).await.unwrap(),
        Released::To { .. }
    ));
    for (number, waiter) in waiters.into_iter().enumerate() {
        let released = soon(waiter).await.unwrap();
        assert_eq!(number == 7, released == Released::Open, "{released:?}");
    }
    let order = order.lock().await;
    let numbers: Vec<_> = order.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
    let mut tokens: Vec<_> = order.iter().map(|(_, token)| token.clone()).collect();
    tokens.insert(0, before);
    assert!(tokens.is_sorted_by(|a, b| a < b), "{tokens:?}");
    assert_eq!(place.queue().await, []);
    assert_eq!(place.snapshot().await.record.holder(), None);
}

/// A machine on which no time passes.
#[derive(Clone, Copy)]
struct Standstill(Instant);

impl Machine for Standstill {
    fn local(&self) -> Instant {
        self.0
    }

    fn wall(&self) -> Timestamp {
        clock::wall()
    }

    fn unique(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[tokio::test]
async fn what_a_lock_guards_begins_before_the_ticket_is_deleted() {
    let place = Place::new().await;
    let first = acquired(&place.lock()).await;
    let machine = Standstill(clock::local());
    let mut second = place.lock_on(machine).attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    soon(first.release()).await.unwrap();
    let second = soon(second.acquired()).await.unwrap();
    // By its clock, that is now.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(place.queue().await.len(), 1);
    }
    assert_eq!(soon(second.release()).await.unwrap(), Released::Open);
    assert_eq!(place.queue().await, []);
}

#[tokio::test]
async fn a_waiter_learns_who_holds_the_lock_and_how_many_are_ahead() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let _second = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    let mut third = place.lock().attempt(Mode::Patient).unwrap();
    let notices = third.notices();
    let mut notices = std::pin::pin!(notices);
    let holder = told(&mut notices, |event| match event {
        Event::HolderChanged { holder, .. } => Some(holder),
        _ => None,
    });
    assert_eq!(holder.await.as_deref(), Some(guard.identity().as_str()));
    let ahead = told(&mut notices, |event| match event {
        Event::Queued { ahead } => Some(ahead),
        _ => None,
    });
    assert_eq!(ahead.await, 1);
}

#[tokio::test]
async fn who_may_not_wait_does_not() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let refused = soon(place.lock().try_acquire()).await.err().unwrap();
    assert!(matches!(refused, AcquireError::Contended), "{refused}");
    let lock = place.lock();
    let late = soon(lock.acquire(Duration::from_millis(100)))
        .await
        .err()
        .unwrap();
    assert!(matches!(late, AcquireError::TimedOut { .. }), "{late}");
    // Neither left a place behind.
    assert_eq!(place.queue().await, []);
    soon(guard.release()).await.unwrap();
    soon(soon(place.lock().try_acquire()).await.unwrap().release())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_newcomer_does_not_pass_those_who_wait() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let mut waiter = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    // Somebody who knows nothing of queues sets it free; whoever waits is a moment slower than
    // a newcomer could be, and still comes first.
    soon(guard.release_open()).await.unwrap();
    let tried = soon(place.lock().try_acquire()).await;
    let held = soon(waiter.acquired()).await.unwrap();
    assert!(matches!(tried, Err(AcquireError::Contended)));
    soon(held.release()).await.unwrap();
}

#[tokio::test]
async fn who_stops_waiting_leaves_nothing_behind() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let cancelled = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    soon(cancelled.cancel()).await;
    assert_eq!(place.queue().await, []);
    let dropped = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    drop(dropped);
    place.until_queued(0).await;
    assert_eq!(soon(guard.release()).await.unwrap(), Released::Open);
}

#[tokio::test]
async fn a_waiter_that_goes_while_it_is_named_passes_the_lock_on() {
    let place = Place::new().await;
    let mut guard = acquired(&place.lock()).await;
    for _ in 0..20 {
        let goes = place.lock().attempt(Mode::Patient).unwrap();
        place.until_queued(1).await;
        let mut stays = place.lock().attempt(Mode::Patient).unwrap();
        place.until_queued(2).await;
        let release = tokio::spawn(guard.release());
        // Before, while or after it is handed over: whatever comes first.
        tokio::task::yield_now().await;
        drop(goes);
        soon(release).await.unwrap().unwrap();
        guard = soon(stays.acquired()).await.unwrap();
    }
    soon(guard.release()).await.unwrap();
    place.until_queued(0).await;
}

#[tokio::test]
async fn a_named_successor_comes_before_the_queue() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let mut first = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    let mut second = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(2).await;
    let successor = second.identity().clone();
    let released = soon(guard.release_to(successor.clone())).await.unwrap();
    let identity = successor.as_str().to_owned();
    assert_eq!(released, Released::To { identity });
    let second = soon(second.acquired()).await.unwrap();
    // Whoever was passed by by name keeps its place.
    assert_eq!(place.queue().await[0].holder, first.identity().as_str());
    soon(second.release()).await.unwrap();
    soon(soon(first.acquired()).await.unwrap().release())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_successor_that_nobody_knows_has_a_whole_lease_to_begin() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let elsewhere = Identity::new("elsewhere").unwrap();
    soon(guard.release_to(elsewhere)).await.unwrap();
    let lock = place.snapshot().await;
    assert_eq!(lock.record.holder(), Some("elsewhere"));
    assert_eq!(lock.record.duration(), Some(Duration::from_secs(4)));
    // Nobody comes, and after that it is whoever waits.
    soon(acquired(&place.lock()).await.release()).await.unwrap();
}

#[tokio::test]
async fn two_to_whom_somebody_gave_one_name_do_not_hold_together() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let named = place.lock().identity(Identity::new("ci").unwrap());
    let mut one = named.attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    let mut other = named.attempt(Mode::Patient).unwrap();
    place.until_queued(2).await;
    soon(guard.release()).await.unwrap();
    let (one, other) = soon(async { tokio::join!(one.acquired(), other.acquired()) }).await;
    let (held, refused) = match (one, other) {
        (Ok(guard), Err(error)) | (Err(error), Ok(guard)) => (guard, error),
        (one, other) => panic!("{:?} {:?}", one.err(), other.err()),
    };
    assert!(
        matches!(refused, AcquireError::Refused(Refusal::AlreadyYours)),
        "{refused}"
    );
    // What the other one was refused is left alone.
    place.until_queued(0).await;
    assert!(held.is_held());
    assert_eq!(place.snapshot().await.record.holder(), Some("ci"));
    soon(held.release()).await.unwrap();
}

#[tokio::test]
async fn a_lock_without_an_end_is_waited_for() {
    let place = Place::new().await;
    let guard = acquired(&place.lock().unattended()).await;
    soon(guard.leave()).await;
    let lease = place
        .store
        .get(NAMESPACE, LOCK)
        .await
        .unwrap()
        .value
        .unwrap();
    let mut unbounded = lease.snapshot().record.clone();
    unbounded.duration_seconds = None;
    let write = |lock: &Snapshot, record| Write::Replace {
        version: lock.version.clone(),
        record,
        notes: Notes::default(),
        drop_annotation: None,
    };
    let change = write(lease.snapshot(), unbounded);
    let lease = place.store.replace(&lease, &change).await.unwrap().value;
    let mut waiter = place.lock().attempt(Mode::Patient).unwrap();
    place.until_queued(1).await;
    let mut freed = lease.snapshot().record.clone();
    freed.holder = None;
    let change = write(lease.snapshot(), freed);
    place.store.replace(&lease, &change).await.unwrap();
    soon(soon(waiter.acquired()).await.unwrap().release())
        .await
        .unwrap();
}
