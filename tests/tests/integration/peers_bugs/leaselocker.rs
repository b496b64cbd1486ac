//! leaselocker 0.3.0.

use std::time::{Duration, Instant};

use lease_client::{AcquireError, Released};
use lease_core::{Loss, Mode};
use lease_tests::{ApiServer, Fate, FaultProxy, Kind, Witness};
use serde_json::json;

use crate::lock::{AT_ONCE, LIMIT, held, holder, patch};
use crate::waiter::{LOCK, identity, lock, lock_of, soon, timing};

/// It compares the time that a holder wrote with its own clock, and takes a lock from a live
/// holder whose clock is behind.
#[tokio::test]
async fn a_live_holder_whose_clock_is_behind_keeps_its_lock() {
    const DURATION: Duration = Duration::from_secs(4);

    let namespace = ApiServer::shared().namespace("leaselocker");
    let elector = |lock| {
        let elector = namespace.elector(lock, "behind").timing(4, 3, 1);
        let mut elector = elector.shift_seconds(-3600).start();
        elector.wait_for("started", LIMIT);
        elector
    };
    let _electors = [elector(LOCK), elector("theirs")];

    let witness = Witness::new();
    let mut theirs = namespace
        .contenders(Kind::Leaselocker, "theirs", &witness)
        .rounds(1)
        .start();
    theirs.wait(LIMIT);
    assert_eq!(witness.ended([Kind::Leaselocker.name()]), [1]);

    // Long enough for whoever would take it after its duration.
    let ours = soon(lock(&namespace).await.acquire(DURATION * 2)).await;
    assert!(matches!(ours, Err(AcquireError::TimedOut { .. })));
    assert_eq!(holder(namespace.admin(), LOCK), "behind");
}

/// The same the other way round: a dead holder whose clock was ahead keeps it out for as long.
#[tokio::test]
async fn a_dead_holder_whose_clock_was_ahead_does_not_keep_its_lock() {
    let namespace = ApiServer::shared().namespace("leaselocker");
    let mut elector = namespace.elector(LOCK, "ahead").timing(4, 3, 1);
    elector = elector.shift_seconds(3600);
    let mut elector = elector.start();
    elector.wait_for("started", LIMIT);
    elector.kill();

    let guard = soon(lock(&namespace).await.acquire(LIMIT)).await.unwrap();
    guard.release().await.unwrap();
}

/// Its Lock returns in the same way whether it was acquired or cancelled.
#[tokio::test]
async fn waiting_that_is_cut_short_never_looks_like_success() {
    let namespace = ApiServer::shared().namespace("leaselocker");
    namespace.admin().create(&held(LOCK, "holder", 300));
    let lock = lock(&namespace).await;

    let waited = soon(lock.acquire(Duration::from_secs(1))).await;
    assert!(matches!(waited, Err(AcquireError::TimedOut { .. })));

    let mut attempt = lock.attempt(Mode::Patient).unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(1), attempt.acquired()).await;
    assert!(waited.is_err());
    attempt.cancel().await;
    assert_eq!(holder(namespace.admin(), LOCK), "holder");
}

/// Its `TryLock` goes on for as long as the lock's lease lasts.
#[tokio::test]
async fn trying_does_not_wait() {
    let namespace = ApiServer::shared().namespace("leaselocker");
    namespace.admin().create(&held(LOCK, "holder", 60));
    let lock = lock(&namespace).await;

    let started = Instant::now();
    let tried = soon(lock.try_acquire()).await;
    let took = started.elapsed();

    assert!(matches!(tried, Err(AcquireError::Contended)));
    assert!(took < AT_ONCE, "{took:?}");
}

/// Its Unlock panics where there was no Lock before. In ours, only who holds a lock can release
/// it; and who lost it meanwhile is told that.
#[tokio::test]
async fn who_does_not_hold_the_lock_is_told_so_at_release() {
    let namespace = ApiServer::shared().namespace("leaselocker");
    let client = namespace.admin();
    client.create(&held(LOCK, "holder", 300));
    let output = client.plugin(["release", LOCK, "--identity", "nobody"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains("held by holder"), "{output:?}");
    let output = client.plugin(["release", "none", "--identity", "nobody"]);
    assert_eq!(output.code, Some(1), "{output:?}");

    client.kubectl(["delete", "lease", LOCK]).success();
    let guard = soon(lock(&namespace).await.try_acquire()).await.unwrap();
    let taken = json!({"spec": {"holderIdentity": "thief"}});
    patch(client, LOCK, "thief", &taken);
    assert_eq!(soon(guard.release()).await.unwrap(), Released::NotHeld);
    assert_eq!(holder(client, LOCK), "thief");
}

/// Its `UnlockWithRetry` repeats a version that is no more until it gives up, and the lock stays
/// held.
#[tokio::test]
async fn a_release_goes_on_from_the_lock_as_it_is() {
    let server = ApiServer::shared();
    let namespace = server.namespace("leaselocker");
    let client = namespace.admin();
    // No watch tells that the version moved on.
    let proxy = FaultProxy::before(server, |request| {
        if request.is_watch() {
            Fate::HangRequest
        } else {
            Fate::Forward
        }
    });
    let lock = lock_of(&namespace, &proxy.client(client)).await;
    let lock = lock.timing(timing(6, 4, 1));
    let guard = soon(lock.acquire(LIMIT)).await.unwrap();
    let label = json!({"metadata": {"labels": {"team": "blue"}}});
    patch(client, LOCK, "robot", &label);

    assert_eq!(soon(guard.release()).await.unwrap(), Released::Open);
    assert_eq!(holder(client, LOCK), "");
}

/// Nothing tells its caller that the lock was lost.
#[tokio::test]
async fn who_loses_the_lock_is_told_so() {
    let namespace = ApiServer::shared().namespace("leaselocker");
    let client = namespace.admin();
    let lock = lock(&namespace).await;

    let guard = soon(lock.try_acquire()).await.unwrap();
    let taken = json!({"spec": {"holderIdentity": "thief"}});
    patch(client, LOCK, "thief", &taken);
    let by = "thief".to_owned();
    assert_eq!(soon(guard.lost()).await, Loss::Taken { by });

    let lock = lock.identity(identity("again"));
    client.kubectl(["delete", "lease", LOCK]).success();
    let guard = soon(lock.try_acquire()).await.unwrap();
    client.kubectl(["delete", "lease", LOCK]).success();
    assert_eq!(soon(guard.lost()).await, Loss::Deleted);
}
