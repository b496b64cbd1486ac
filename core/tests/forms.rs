//! The records that are written, field by field, as client-go writes and reads them
//! (`tools/leaderelection`).

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::decide::{acquire, release, renew, steal, steal_and_release};
use lease_core::{
    Claim, Dialect, Identity, Look, Record, ResourceVersion, Snapshot, Timestamp, Uid, Version,
    Write, judge,
};

const BEFORE: Timestamp = Timestamp::from_micros(1_000_000_000);
const NOW: Timestamp = Timestamp::from_micros(2_000_000_000);
/// The lock has been watched for longer than it lasts.
const OVER: Look = Look::Observed {
    unchanged_for: Duration::from_secs(60),
    change_seen: false,
};

fn lock(holder: &str) -> Snapshot {
    Snapshot {
        namespace: "default".into(),
        name: "lock".into(),
        version: Version {
            uid: Uid::new("uid"),
            resource_version: ResourceVersion::new("7"),
        },
        record: record(holder, 15, BEFORE, BEFORE, 3),
        notes: lease_core::Notes::default(),
        stamp: None,
        dialect: Dialect::ClientGo,
    }
}

fn record(
    holder: &str,
    seconds: i32,
    acquired: Timestamp,
    renewed: Timestamp,
    transitions: i32,
) -> Record {
    Record {
        holder: Some(holder.into()),
        duration_seconds: Some(seconds),
        acquire_time: Some(acquired),
        renew_time: Some(renewed),
        transitions: Some(transitions),
        ..Record::default()
    }
}

fn me() -> Claim {
    Claim {
        identity: Identity::new("me").unwrap(),
        duration_seconds: 30,
        number: 7,
        attends: false,
    }
}

#[test]
fn a_new_lock_starts_without_transitions() {
    let write = acquire(None, &me(), NOW).unwrap();
    assert!(matches!(write, Write::Create { .. }));
    assert_eq!(write.record(), &record("me", 30, NOW, NOW, 0));
}

#[test]
fn a_takeover_counts_from_an_empty_holder_too() {
    for (lock, look) in [(lock(""), Look::FIRST), (lock("other"), OVER)] {
        let write = acquire(Some(&judge(&lock, look)), &me(), NOW).unwrap();
        assert_eq!(write.record(), &record("me", 30, NOW, NOW, 4));
    }
    let lock = lock("other");
    let write = steal(&judge(&lock, OVER), &me(), NOW).unwrap();
    assert_eq!(write.record(), &record("me", 30, NOW, NOW, 4));
}

#[test]
fn a_renewal_moves_only_the_renewal() {
    let write = renew(&lock("me"), &me().identity, None, NOW).unwrap();
    assert_eq!(write.record(), &record("me", 15, BEFORE, NOW, 3));
}

#[test]
fn a_release_lasts_a_second_and_keeps_the_transitions() {
    let freed = record("", 1, NOW, NOW, 3);
    let write = release(&lock("me"), &me().identity, NOW).unwrap();
    assert_eq!(write.record(), &freed);
    let lock = lock("other");
    let write = steal_and_release(&judge(&lock, OVER), NOW).unwrap();
    assert_eq!(write.record(), &freed);
}
