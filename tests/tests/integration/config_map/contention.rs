//! One config map for contenders as kvdi's are and ours, before a witness.

use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Contenders, Kind, Witness};

use super::world::{LOCK, POD, get, pod};

/// How often each kind has to get the lock at least.
const TIMES: usize = 60;
const LIMIT: Duration = Duration::from_secs(150);

#[test]
fn kvdis_and_ours_share_a_lock() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let witness = Witness::new();
    let millis = Duration::from_millis;
    let contenders = |kind| {
        let contenders = namespace.contenders(kind, LOCK, &witness).pod(POD);
        contenders.hold(millis(10)).pause(millis(300))
    };
    let timed = |kind| {
        let timing = [6000, 4000, 100].map(millis);
        contenders(kind).timing(timing[0], timing[1], timing[2])
    };
    let mut all = vec![
        contenders(Kind::ConfigMapLock).many(20).start(),
        timed(Kind::Library).many(2).start(),
        timed(Kind::Run).many(2).start(),
    ];
    let kinds = [Kind::ConfigMapLock, Kind::Library, Kind::Run];
    let started = Instant::now();
    loop {
        let ended = witness.ended(kinds.map(Kind::name));
        if ended.iter().all(|&ended| ended >= TIMES) {
            println!("{ended:?} of {kinds:?} in {:?}", started.elapsed());
            break;
        }
        assert!(started.elapsed() < LIMIT, "{ended:?} of {kinds:?}");
        all.iter_mut().for_each(Contenders::assert_running);
        std::thread::sleep(millis(100));
    }
    drop(all);
    assert_eq!(witness.overlap(), None);
}

/// Without a lock between them, the same contenders meet: the witness would have seen it.
#[test]
fn the_witness_sees_two_locks() {
    let namespace = ApiServer::shared().namespace("config-map");
    pod(namespace.admin(), POD);
    let witness = Witness::new();
    let hold = Duration::from_millis(300);
    let contenders = |kind, lock| {
        let contenders = namespace.contenders(kind, lock, &witness).pod(POD);
        contenders.hold(hold).start()
    };
    let _all = [
        contenders(Kind::ConfigMapLock, "one"),
        contenders(Kind::Library, "two"),
    ];
    crate::lock::until("they meet", || witness.overlap().is_some());
    assert!(get(namespace.admin(), LOCK).is_none());
}
