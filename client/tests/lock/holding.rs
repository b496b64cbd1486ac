use std::time::Duration;

use lease_client::{LeaseStore, Lock, NotHeld, RunError, Store};
use lease_core::{Event, Timing};

use crate::fixture::{LOCK, NAMESPACE, Place, acquired, soon, told};

#[tokio::test]
async fn a_holder_renews_until_it_releases() {
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let first = place.snapshot().await;
    assert_eq!(first.record.holder(), Some(guard.identity().as_str()));
    assert_eq!(
        guard.token().unwrap().version(),
        &first.version.resource_version
    );
    assert_eq!(guard.uid().unwrap(), first.version.uid);
    for _ in 0..3 {
        told(std::pin::pin!(guard.notices()), |event| {
            (event == Event::Renewed).then_some(())
        })
        .await;
    }
    let later = place.snapshot().await;
    assert_eq!(later.record.acquire_time, first.record.acquire_time);
    assert!(later.record.renew_time > first.record.renew_time);
    assert!(guard.is_held());
    guard.check(Duration::ZERO).unwrap();
    soon(guard.release()).await.unwrap();
    assert_eq!(place.snapshot().await.record.holder(), None);
}

#[tokio::test]
async fn a_guard_that_is_left_stands_and_is_not_renewed() {
    let place = Place::new().await;
    let guard = acquired(&place.lock().unattended()).await;
    let who = guard.identity().clone();
    soon(guard.leave()).await;
    let left = place.snapshot().await;
    assert_eq!(left.record.holder(), Some(who.as_str()));
    assert!(left.taker().is_some_and(|taker| !taker.attends));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(place.snapshot().await.version, left.version);
}

#[tokio::test]
async fn what_is_asked_of_an_attended_lock_reaches_its_holder() {
    let place = Place::new().await;
    let lock = place.lock();
    let work = lock.run(|_| std::future::pending::<()>());
    let ask = async {
        let lease = loop {
            let found = place.store.get(NAMESPACE, LOCK).await.unwrap().value;
            match found {
                Some(lease) if lease.snapshot().taker().is_some() => break lease,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        let write = lease_core::decide::ask_release(lease.snapshot()).unwrap();
        place.store.replace(&lease, &write).await.unwrap();
    };
    let (result, ()) = Box::pin(soon(async { tokio::join!(work, ask) })).await;
    assert!(matches!(result, Err(RunError::ReleaseAsked)), "{result:?}");
    soon(acquired(&lock).await.release()).await.unwrap();
}

#[tokio::test]
async fn the_lock_is_given_back_after_the_work_however_it_ends() {
    let place = Place::new().await;
    let lock = place.lock();
    let was_held = soon(lock.run(async |held| held.is_held())).await;
    assert!(was_held.unwrap());
    assert_eq!(place.snapshot().await.record.holder(), None);
    let cut_off = tokio::time::timeout(
        Duration::from_millis(200),
        lock.run(|_| std::future::pending::<()>()),
    );
    assert!(cut_off.await.is_err());
    soon(async {
        while place.snapshot().await.record.holder().is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_holder_writes_through_its_client() {
    use k8s_openapi::api::coordination::v1::Lease;
    use kube::api::{Api, ObjectMeta, PostParams};

    const LONGEST: Duration = Duration::from_secs(1);
    let place = Place::new().await;
    let guard = acquired(&place.lock()).await;
    let kubeconfig = kube::config::Kubeconfig::read_from(place.kubeconfig.path()).unwrap();
    let options = kube::config::KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options);
    let client = kube::Client::try_from(config.await.unwrap()).unwrap();
    let leases: Api<Lease> = Api::default_namespaced(guard.client(client, LONGEST));
    let named = |name: &str| Lease {
        metadata: ObjectMeta {
            name: Some(name.into()),
            ..ObjectMeta::default()
        },
        ..Lease::default()
    };
    leases
        .create(&PostParams::default(), &named("during"))
        .await
        .unwrap();
    let held = guard.held().clone();
    soon(guard.release()).await.unwrap();
    assert!(!held.is_held());
    let refused = leases.create(&PostParams::default(), &named("after")).await;
    let Err(kube::Error::Service(refused)) = refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(refused.downcast_ref(), Some(NotHeld::NotSent)));
    assert!(leases.get_opt("during").await.unwrap().is_some());
    assert!(leases.get_opt("after").await.unwrap().is_none());
}

#[tokio::test]
async fn a_lease_that_ends_with_belief_is_refused() {
    let place = Place::new().await;
    let timing = Timing::new(
        Duration::from_secs(3),
        Duration::from_millis(2500),
        Duration::from_secs(1),
    );
    let lock: Lock<LeaseStore> = place.lock().timing(timing.unwrap());
    let refused = lock.try_acquire().await.err().unwrap();
    assert!(refused.to_string().contains("longer than"), "{refused}");
}
