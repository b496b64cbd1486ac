//! What every decision must keep, on any lock, however it is looked at.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::decide::{
    acquire, end_tombstone, force_release, release, renew, steal, steal_and_release,
};
use lease_core::{
    Claim, Dialect, Forced, Identity, Look, MARGIN, Record, Refusal, ResourceVersion, Snapshot,
    State, Ticket, Timestamp, Uid, Version, Write, judge,
};
use proptest::option;
use proptest::prelude::*;

/// Times around a common middle, so that all relations to the duration come up, and the absurd.
fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (-120_000_000_i64..120_000_000).prop_map(Timestamp::from_micros),
        1 => any::<i64>().prop_map(Timestamp::from_micros),
        1 => Just(Timestamp::GO_ZERO),
    ]
}

fn holder() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("me".into()), Just("other".into())]
}

fn record() -> impl Strategy<Value = Record> {
    (
        option::of(holder()),
        option::of(prop_oneof![8 => 1..100_i32, 1 => any::<i32>()]),
        option::of(time()),
        option::weighted(0.8, time()),
        option::of(any::<i32>()),
        option::weighted(0.1, Just("OldestEmulationVersion".to_owned())),
    )
        .prop_map(
            |(holder, duration_seconds, acquire_time, renew_time, transitions, strategy)| Record {
                holder,
                duration_seconds,
                acquire_time,
                renew_time,
                transitions,
                strategy,
                preferred_holder: None,
            },
        )
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop_oneof![
        6 => Just(Dialect::ClientGo),
        1 => Just(Dialect::ApiServerIdentity),
        1 => Just(Dialect::CloudNativePg),
        1 => Just(Dialect::Coordinated),
        1 => Just(Dialect::Longhorn),
        1 => Just(Dialect::NodeHeartbeat),
        1 => option::of(holder()).prop_map(|lock_id| Dialect::Terraform { lock_id }),
    ]
}

prop_compose! {
    fn snapshot()(
        record in record(),
        dialect in dialect(),
        stamp in option::of(time()),
        version in 1..u64::MAX,
    ) -> Snapshot {
        Snapshot {
            namespace: "default".into(),
            name: "lock".into(),
            version: Version {
                uid: Uid::new("uid"),
                resource_version: ResourceVersion::new(version.to_string()),
            },
            record,
            notes: lease_core::Notes::default(),
            stamp,
            dialect,
        }
    }
}

fn look() -> impl Strategy<Value = Look> {
    prop_oneof![
        (0..200_u64, any::<bool>()).prop_map(|(seconds, change_seen)| Look::Observed {
            unchanged_for: Duration::from_secs(seconds),
            change_seen,
        }),
        time().prop_map(|now| Look::Recorded { now }),
        time().prop_map(|date| Look::Stamped { date }),
    ]
}

fn claim() -> Claim {
    Claim {
        identity: Identity::new("me").unwrap(),
        duration_seconds: 15,
        number: 7,
        attends: false,
    }
}

fn forced() -> impl Strategy<Value = Forced> {
    (any::<bool>(), any::<bool>()).prop_map(|(at_once, confirmed)| Forced {
        tombstone: Identity::new("tombstone").unwrap(),
        because: Some("it hangs".into()),
        at_once,
        confirmed,
    })
}

fn ticket() -> Ticket {
    Ticket {
        name: "ticket".into(),
        holder: "waiter".into(),
        lock: Uid::new("u"),
        version: Version {
            uid: Uid::new("t"),
            resource_version: ResourceVersion::new("7"),
        },
        window: Duration::from_secs(2),
    }
}

/// Written out once more, apart from the code: what a look must show for a lock to be taken.
fn is_proven_over(lock: &Snapshot, look: Look, ours: Timestamp) -> bool {
    let Some(duration) = lock.record.duration() else {
        return false;
    };
    let Some(renewed) = lock.record.renewed() else {
        return false;
    };
    match look {
        Look::Observed { unchanged_for, .. } => unchanged_for >= duration,
        Look::Recorded { now } => now.since(renewed) > duration + MARGIN,
        Look::Stamped { date } => lock
            .stamp
            .is_some_and(|stamp| date.min(ours).since(stamp.max(renewed)) > duration + MARGIN),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_steal_needs_a_lock_that_its_basis_proves_to_be_over(
        lock in snapshot(), look in look(), now in time()
    ) {
        let judged = judge(&lock, look);
        let stolen = steal(&judged, &claim(), now);
        if stolen.is_ok() || steal_and_release(&judged, now).is_ok() {
            prop_assert_eq!(judged.standing().state, State::Expired);
            prop_assert!(is_proven_over(&lock, look, now));
            prop_assert!(matches!(lock.dialect, Dialect::ClientGo | Dialect::Longhorn));
        }
        if stolen.is_ok() {
            prop_assert_ne!(lock.record.holder(), Some("me"));
        }
    }

    #[test]
    fn an_expired_lock_of_a_plain_election_can_be_stolen(
        lock in snapshot(), look in look(), now in time()
    ) {
        let judged = judge(&lock, look);
        let plain = lock.dialect == Dialect::ClientGo && lock.record.holder() == Some("other");
        if plain && lock.record.duration().is_some() && is_proven_over(&lock, look, now) {
            prop_assert!(steal(&judged, &claim(), now).is_ok());
            prop_assert!(acquire(Some(&judged), &claim(), now).is_ok());
        }
    }

    #[test]
    fn acquiring_takes_nothing_that_somebody_may_hold(
        lock in snapshot(), look in look(), now in time()
    ) {
        let judged = judge(&lock, look);
        if acquire(Some(&judged), &claim(), now).is_ok() {
            prop_assert!(lock.record.holder().is_none() || is_proven_over(&lock, look, now));
        }
    }

    #[test]
    fn every_write_is_conditioned_on_what_was_judged_and_loses_nothing(
        lock in snapshot(), look in look(), now in time(), forced in forced()
    ) {
        let judged = judge(&lock, look);
        let me = claim().identity;
        let writes = [
            acquire(Some(&judged), &claim(), now),
            steal(&judged, &claim(), now),
            steal_and_release(&judged, now),
            renew(&lock, &me, None, now),
            renew(&lock, &me, Some(30), now),
            release(&lock, &me, now),
            force_release(&judged, &forced, now),
        ];
        for write in writes.into_iter().flatten() {
            let Write::Replace { version, record, .. } = write else {
                panic!("a lock that exists is never created");
            };
            prop_assert_eq!(version, lock.version.clone());
            prop_assert_eq!(&record.strategy, &lock.record.strategy);
            prop_assert_eq!(&record.preferred_holder, &lock.record.preferred_holder);
        }
    }

    #[test]
    fn only_the_holder_renews_and_releases(lock in snapshot(), now in time()) {
        let me = claim().identity;
        let mine = lock.record.holder() == Some("me");
        let renewed = renew(&lock, &me, None, now);
        prop_assert!(mine || renewed.is_err());
        if let Ok(write) = renewed {
            let record = write.record();
            prop_assert_eq!(&record.holder, &lock.record.holder);
            prop_assert_eq!(record.acquire_time, lock.record.acquire_time);
            prop_assert_eq!(record.transitions, lock.record.transitions);
        }
        match release(&lock, &me, now) {
            Ok(write) => {
                prop_assert!(mine);
                prop_assert!(lock.dialect.is_free(write.record()));
            }
            Err(Refusal::AlreadyFree) => prop_assert!(lock.dialect.is_free(&lock.record)),
            Err(_) => {}
        }
    }

    #[test]
    fn a_lock_that_may_be_alive_is_broken_by_a_tombstone(
        lock in snapshot(), look in look(), now in time(), forced in forced()
    ) {
        let judged = judge(&lock, look);
        let Ok(write) = force_release(&judged, &forced, now) else { return Ok(()) };
        let state = judged.standing().state;
        let record = write.record();
        let knows_holders = matches!(lock.dialect, Dialect::Longhorn | Dialect::Terraform { .. });
        let may_wait = !knows_holders && !forced.at_once;
        if matches!(state, State::Held | State::Late | State::Unknown) && may_wait {
            prop_assert_eq!(record.holder(), Some("tombstone"));
            prop_assert_eq!(record.duration_seconds, lock.record.duration_seconds);
        }
        if !lock.dialect.is_free(record) {
            prop_assert_eq!(record.holder(), Some("tombstone"));
        }
        if lock.dialect == Dialect::Longhorn {
            prop_assert_eq!(record.holder.as_deref(), Some(""));
            prop_assert!(lock.record.acquired().is_some() || record.acquire_time.is_none());
        }
        prop_assert_ne!(&lock.dialect, &Dialect::NodeHeartbeat);
        prop_assert_ne!(&lock.dialect, &Dialect::ApiServerIdentity);
        prop_assert!(lock.dialect != Dialect::CloudNativePg || forced.confirmed);
        let broken = write.notes().broken.as_ref();
        prop_assert_eq!(
            broken.map(|broken| broken.holder.as_str()),
            lock.record.holder.as_deref()
        );
        prop_assert!(broken.is_none_or(|broken| broken.because == forced.because));
    }

    #[test]
    fn a_tombstone_is_passed_on_once_it_has_had_its_time(
        lock in snapshot(), first_look in look(), look in look(), now in time(),
        forced in forced(), waits in any::<bool>()
    ) {
        // Who writes in the year 1 writes no time.
        prop_assume!(now.is_set());
        prop_assert!(end_tombstone(&judge(&lock, look), None, now).is_err());
        let Ok(write) = force_release(&judge(&lock, first_look), &forced, now) else {
            return Ok(());
        };
        let broken = Snapshot {
            record: write.record().clone(),
            notes: write.notes().clone(),
            ..lock.clone()
        };
        prop_assert_eq!(
            broken.tombstone().is_some(), broken.record.holder() == Some("tombstone")
        );
        let judged = judge(&broken, look);
        let at_once = Forced { at_once: true, ..forced.clone() };
        if broken.tombstone().is_none() {
            prop_assert!(end_tombstone(&judged, None, now).is_err());
        } else if is_proven_over(&broken, look, now) {
            let ticket = ticket();
            let ended = end_tombstone(&judged, waits.then_some(&ticket), now).unwrap();
            if waits && lock.dialect == Dialect::ClientGo {
                prop_assert_eq!(ended.record().holder(), Some("waiter"));
            } else {
                prop_assert!(lock.dialect.is_free(ended.record()));
                prop_assert_eq!(&ended.notes().broken, &broken.notes.broken);
            }
        } else {
            // Neither is another one put in its place, which would begin its time anew.
            prop_assert!(end_tombstone(&judged, None, now).is_err());
            let patient = Forced { at_once: false, ..forced.clone() };
            prop_assert!(force_release(&judged, &patient, now).is_err());
        }
        if broken.tombstone().is_some() {
            let freed = force_release(&judged, &at_once, now).unwrap();
            prop_assert!(lock.dialect.is_free(freed.record()));
            let victim = freed.notes().broken.clone().map(|broken| broken.holder);
            prop_assert_eq!(&victim, &lock.record.holder);
        }
    }
}
