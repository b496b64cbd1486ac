//! Generated histories of a lock: a holder that renews, managers that meddle, clocks that are
//! off, answers that come late. A steal must never be decided while the holder can still believe.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::decide::steal;
use lease_core::{
    Claim, Dialect, FieldOwner, Identity, Instant, Look, Observer, Record, ResourceVersion,
    Snapshot, SpecField, Timestamp, Uid, Version, judge, stamp,
};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000;
/// Where true time begins, in microseconds since the Unix epoch.
const START: i64 = 1_790_000_000 * SECOND;

/// What happens to the lease, `after` microseconds after the event before it.
#[derive(Clone, Debug)]
enum Event {
    /// The holder renews.
    Renew { after: i64 },
    /// Another manager puts a label on it.
    Label { after: i64 },
    /// Another manager changes only the holder.
    Rename { after: i64 },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let after = 1..20 * SECOND;
    let event = prop_oneof![
        4 => after.clone().prop_map(|after| Event::Renew { after }),
        1 => after.clone().prop_map(|after| Event::Label { after }),
        1 => after.prop_map(|after| Event::Rename { after }),
    ];
    proptest::collection::vec(event, 1..12)
}

/// One version of the lease: what was stored when, in true time.
#[derive(Clone, Debug)]
struct Stored {
    committed: i64,
    changes_record: bool,
    lock: Snapshot,
}

/// Clocks and delays of one run, in microseconds.
#[derive(Clone, Debug)]
struct World {
    holder_clock: i64,
    server_clock: i64,
    admission: i64,
}

fn world() -> impl Strategy<Value = World> {
    (
        prop_oneof![Just(0), -7200 * SECOND..7200 * SECOND, -SECOND..SECOND],
        -SECOND..SECOND,
        0..2 * SECOND,
    )
        .prop_map(|(holder_clock, server_clock, admission)| World {
            holder_clock,
            server_clock,
            admission,
        })
}

fn whole_seconds(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros.div_euclid(SECOND) * SECOND)
}

/// Plays the events as the API server would store them.
fn play(events: &[Event], world: &World, duration: i32) -> Vec<Stored> {
    let mut owners: Vec<FieldOwner> = Vec::new();
    let mut record = Record {
        holder: Some("holder".into()),
        duration_seconds: Some(duration),
        transitions: Some(0),
        ..Record::default()
    };
    let mut now = START;
    let mut history: Vec<Stored> = Vec::new();
    let mut all = vec![Event::Renew { after: 0 }];
    all.extend_from_slice(events);
    for (index, event) in all.iter().enumerate() {
        let (Event::Renew { after } | Event::Label { after } | Event::Rename { after }) = event;
        now += after;
        // The stamp is taken before admission, the commit comes after it.
        let stamped = Some(whole_seconds(now - world.admission + world.server_clock));
        let mut own = |fields: &[SpecField]| {
            owners.retain(|owner| !fields.contains(&owner.field));
            owners.extend(fields.iter().map(|&field| FieldOwner {
                field,
                time: stamped,
            }));
        };
        match event {
            Event::Renew { .. } => {
                record.renew_time = Some(Timestamp::from_micros(now + world.holder_clock));
                record.acquire_time = record.acquire_time.or(record.renew_time);
                if index == 0 {
                    own(&SpecField::ALL);
                } else {
                    // The holder's entry is dated anew as a whole; a field that another manager
                    // took stays with that one.
                    own(&[
                        SpecField::RenewTime,
                        SpecField::AcquireTime,
                        SpecField::Duration,
                        SpecField::Transitions,
                    ]);
                }
            }
            Event::Label { .. } => {}
            Event::Rename { .. } => {
                record.holder = Some(format!("holder-{index}"));
                own(&[SpecField::Holder]);
            }
        }
        history.push(Stored {
            committed: now,
            changes_record: !matches!(event, Event::Label { .. }),
            lock: Snapshot {
                namespace: "default".into(),
                name: "lock".into(),
                version: Version {
                    uid: Uid::new("uid"),
                    resource_version: ResourceVersion::new((index + 1).to_string()),
                },
                record: record.clone(),
                notes: lease_core::Notes::default(),
                stamp: stamp(&record, &owners),
                dialect: Dialect::ClientGo,
            },
        });
    }
    history
}

fn thief() -> Claim {
    Claim {
        identity: Identity::new("thief").unwrap(),
        duration_seconds: 15,
        number: 7,
        attends: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// Whatever the holder's clock says, a steal on the stamp comes only after the full duration
    /// since the last change was stored; and it does come in the end, unless the recorded time
    /// lies ahead.
    #[test]
    fn the_stamp_never_lets_a_live_lock_be_stolen(
        events in events(),
        world in world(),
        duration in 1..40_i32,
        later in 0..120 * SECOND,
        other_server_clock in -SECOND..SECOND,
    ) {
        let history = play(&events, &world, duration);
        let last = history.last().unwrap();
        let changed = history.iter().rev().find(|stored| stored.changes_record).unwrap();
        let now = last.committed + later;
        let date = whole_seconds(now + other_server_clock);
        let judged = judge(&last.lock, Look::Stamped { date });
        let since_change = now - changed.committed;
        let lease = i64::from(duration) * SECOND;
        match steal(&judged, &thief(), Timestamp::from_micros(now)) {
            Ok(_) => prop_assert!(since_change > lease),
            Err(_) => prop_assert!(
                since_change <= lease + 10 * SECOND || world.holder_clock > -SECOND
            ),
        }
        if since_change > lease + 10 * SECOND && world.holder_clock <= 0 {
            prop_assert!(steal(&judged, &thief(), Timestamp::from_micros(now)).is_ok());
        }
    }

    /// A `Date` that lies by any amount (one of several API servers, or a proxy's own) takes no
    /// lock from a live holder as long as our own clock and the holder's are right.
    #[test]
    fn one_wrong_clock_of_a_server_never_lets_a_live_lock_be_stolen(
        events in events(),
        duration in 1..40_i32,
        later in 0..60 * SECOND,
        lie in -7200 * SECOND..7200 * SECOND,
    ) {
        let world = World { holder_clock: 0, server_clock: 0, admission: 0 };
        let history = play(&events, &world, duration);
        let last = history.last().unwrap();
        let changed = history.iter().rev().find(|stored| stored.changes_record).unwrap();
        let now = last.committed + later;
        let judged = judge(&last.lock, Look::Stamped { date: whole_seconds(now + lie) });
        if steal(&judged, &thief(), Timestamp::from_micros(now)).is_ok() {
            prop_assert!(now - changed.committed > i64::from(duration) * SECOND);
        }
    }

    /// An observer that sees each version late, or not at all, never counts a lease as over
    /// before the record has stood still for its duration since it first saw it.
    #[test]
    fn observation_never_lets_a_live_lock_be_stolen(
        events in events(),
        world in world(),
        duration in 1..40_i32,
        delays in proptest::collection::vec(0..5 * SECOND, 13),
        later in 0..60 * SECOND,
    ) {
        let history = play(&events, &world, duration);
        let lease = Duration::from_secs(duration.unsigned_abs().into());
        let local = |micros: i64| Instant::from_nanos((micros - START).unsigned_abs() * 1000);
        let mut observer: Option<Observer> = None;
        let mut arrived = START;
        let mut last_change_stored = START;
        for (stored, delay) in history.iter().zip(&delays) {
            arrived = arrived.max(stored.committed + delay);
            if stored.changes_record {
                last_change_stored = stored.committed;
            }
            match &mut observer {
                Some(observer) => observer.observe(stored.lock.clone(), local(arrived)),
                None => observer = Some(Observer::new(stored.lock.clone(), local(arrived))),
            }
        }
        let observer = observer.unwrap();
        let now = arrived + later;
        let decided = steal(&observer.judged(local(now)), &thief(), Timestamp::from_micros(0));
        if decided.is_ok() {
            let stood_still = u64::try_from(now - last_change_stored).unwrap();
            prop_assert!(Duration::from_micros(stood_still) >= lease);
        }
        if Duration::from_micros(later.unsigned_abs()) >= lease {
            prop_assert!(decided.is_ok());
        }
    }
}

#[test]
fn a_label_is_no_sign_of_life_but_another_uid_is() {
    let world = World {
        holder_clock: 0,
        server_clock: 0,
        admission: 0,
    };
    let history = play(&[Event::Label { after: SECOND }], &world, 10);
    let second = |seconds: u64| Instant::from_nanos(seconds * 1_000_000_000);
    let mut observer = Observer::new(history[0].lock.clone(), second(0));
    observer.observe(history[1].lock.clone(), second(9));
    assert_eq!(observer.remaining(second(9)), Some(Duration::from_secs(1)));
    assert!(
        steal(
            &observer.judged(second(10)),
            &thief(),
            Timestamp::from_micros(0)
        )
        .is_ok()
    );

    let mut recreated = history[1].lock.clone();
    recreated.version.uid = Uid::new("another");
    observer.observe(recreated, second(10));
    assert!(
        steal(
            &observer.judged(second(19)),
            &thief(),
            Timestamp::from_micros(0)
        )
        .is_err()
    );

    // A version that goes back tells of a restored etcd.
    let mut restored = observer.latest().clone();
    restored.version.resource_version = ResourceVersion::new("1");
    observer.observe(restored, second(20));
    assert!(
        steal(
            &observer.judged(second(29)),
            &thief(),
            Timestamp::from_micros(0)
        )
        .is_err()
    );
}
