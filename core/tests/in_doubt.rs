//! Whoever leaves while nobody knows what came of a write of theirs.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::{
    Action, Claim, Contender, Dialect, Event, Failed, Identity, Instant, Mode, Notes, Record,
    ResourceVersion, Snapshot, Succession, Timestamp, Timing, Uid, Version, Write,
};

const LEASE: u64 = 2000;
const WALL: Timestamp = Timestamp::from_micros(1_000_000);

/// So many milliseconds after the beginning.
fn at(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// A contender whose creation of the lock is under way.
fn creating() -> (Contender, Write) {
    let claim = Claim {
        identity: Identity::new("me").unwrap(),
        duration_seconds: 2,
        number: 1,
        attends: true,
    };
    let [lease, deadline, period] = [LEASE, 1000, 500].map(Duration::from_millis);
    let timing = Timing::new(lease, deadline, period).unwrap();
    let mut contender = Contender::new(claim, timing, Mode::Patient).unwrap();
    assert_eq!(contender.poll_action(at(0), WALL), Some(Action::Read));
    contender.read(None, None, at(1));
    let Some(Action::Write(write)) = contender.poll_action(at(1), WALL) else {
        panic!("it is free");
    };
    (contender, write)
}

/// The lock in its first version.
fn lock(record: Record, notes: Notes) -> Snapshot {
    Snapshot {
        namespace: "work".into(),
        name: "lock".into(),
        version: Version {
            uid: Uid::new("lock"),
            resource_version: ResourceVersion::new("1"),
        },
        stamp: Some(WALL),
        record,
        notes,
        dialect: Dialect::ClientGo,
    }
}

/// It has left, and has read that the lock is not there.
fn left() -> (Contender, Write) {
    let (mut contender, write) = creating();
    contender.failed(Failed::Unknown, at(2));
    contender.resign(Succession::Queue, at(3));
    assert_eq!(contender.poll_action(at(3), WALL), Some(Action::Read));
    contender.read(None, None, at(4));
    assert_eq!(contender.poll_action(at(4), WALL), None);
    assert!(!contender.has_ended());
    // It is listened to, and that does not spin.
    assert_eq!(contender.poll_timeout(at(4)), Some(at(3 + LEASE)));
    (contender, write)
}

/// Nobody else would give back what is taken then.
#[test]
fn what_lands_after_all_is_given_back() {
    let (mut contender, write) = left();
    let landed = lock(write.record().clone(), write.notes().clone());
    contender.observe(Some(landed), at(500));
    let mut given = contender.poll_action(at(500), WALL);
    if let Some(Action::List { .. }) = given {
        contender.listed([]);
        given = contender.poll_action(at(500), WALL);
    }
    let Some(Action::Write(write)) = given else {
        panic!("nothing is given back: {given:?}");
    };
    assert_eq!(write.record().holder().unwrap_or_default(), "");
}

#[test]
fn what_does_not_land_is_waited_for_no_longer_than_a_lease() {
    let (mut contender, _) = left();
    assert_eq!(contender.poll_action(at(3 + LEASE), WALL), None);
    assert!(contender.has_ended());
    assert_eq!(contender.poll_event(), Some(Event::ReleaseFailed));
}

/// Somebody else was faster.
#[test]
fn what_cannot_land_any_more_is_not_waited_for() {
    let (mut contender, write) = creating();
    let mut record = write.record().clone();
    record.holder = Some("you".into());
    let taken = lock(record, Notes::default());
    contender.observe(Some(taken.clone()), at(2));
    contender.failed(Failed::Unknown, at(3));
    contender.resign(Succession::Queue, at(4));
    assert_eq!(contender.poll_action(at(4), WALL), Some(Action::Read));
    contender.read(Some(taken), None, at(5));
    assert_eq!(contender.poll_action(at(5), WALL), None);
    assert!(contender.has_ended());
}
