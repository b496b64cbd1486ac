//! The records that are written, field by field, as client-go writes and reads them
//! (`tools/leaderelection`).

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::decide::{
    acquire, ask_release, hand_over, hand_over_without_ticket, release, renew, steal,
    steal_and_release,
};
use lease_core::{
    Claim, Dialect, Identity, Look, Record, Refusal, ResourceVersion, Snapshot, State, Taker,
    Ticket, Timestamp, Uid, Version, Write, judge,
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

#[test]
fn a_hand_over_is_an_offer_for_its_window_and_out_of_turn_serves_nobody_else() {
    let mine = lock("me");
    let place = |place: &str| Version {
        uid: Uid::new("ticket"),
        resource_version: ResourceVersion::new(place),
    };
    let ticket = Ticket {
        holder: "next".into(),
        lock: Uid::new("uid"),
        name: "lock-ticket-1".into(),
        version: place("5"),
        window: Duration::from_secs(2),
    };
    for in_order in [true, false] {
        let write = hand_over(&mine, &me().identity, &ticket, in_order, NOW).unwrap();
        assert_eq!(write.record(), &record("next", 2, NOW, NOW, 3));
        let served = write.notes().served_through.as_ref();
        assert_eq!(served, in_order.then_some(&ticket.version.resource_version));
        let offered = Snapshot {
            record: write.record().clone(),
            notes: write.notes().clone(),
            ..lock("me")
        };
        let look = |seconds| Look::Observed {
            unchanged_for: Duration::from_secs(seconds),
            change_seen: true,
        };
        let judged = judge(&offered, look(1));
        assert_eq!(judged.standing().state, State::Offered);
        let refused = steal(&judged, &me(), NOW);
        assert!(matches!(refused, Err(Refusal::Held { .. })));
        assert_eq!(judge(&offered, look(2)).standing().state, State::Expired);
    }
}

#[test]
fn a_successor_without_a_ticket_has_a_whole_lease() {
    let next = Identity::new("next").unwrap();
    let write = hand_over_without_ticket(&lock("me"), &me().identity, &next, NOW).unwrap();
    assert_eq!(write.record(), &record("next", 15, NOW, NOW, 3));
    assert_eq!(write.notes().grant, None);
}

#[test]
fn only_a_holder_that_watches_is_asked() {
    let mut lock = lock("other");
    assert_eq!(ask_release(&lock), Err(Refusal::Unattended));
    lock.notes.taken_by = Some(Taker {
        holder: "somebody before".into(),
        number: 1,
        attends: true,
    });
    assert_eq!(ask_release(&lock), Err(Refusal::Unattended));
    lock.notes.taken_by = Some(Taker {
        holder: "other".into(),
        number: 1,
        attends: true,
    });
    let write = ask_release(&lock).unwrap();
    assert_eq!(write.record(), &lock.record);
    assert_eq!(write.notes().release_asked.as_deref(), Some("other"));
    // The record is the same either way: only the question shows that it was asked.
    assert!(!write.stands_in(&lock));
    lock.notes = write.notes().clone();
    assert!(write.stands_in(&lock));
}
