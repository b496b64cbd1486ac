//! Locks that are config maps: what may be done to one, by which means, and how one is waited for.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::config_map::stated;
use lease_core::decide::{
    acquire, force_release, hand_over_without_ticket, release, release_from_gone, renew, steal,
    steal_from_gone,
};
use lease_core::{
    Action, Claim, Contender, Dialect, End, Event, Failed, Forced, Identity, Instant, Look, Loss,
    MARGIN, Means, Mode, Notes, OwnerGone, PodOwner, PodSeen, Record, Refusal, ResourceVersion,
    Snapshot, State, Succession, Timestamp, Timing, Uid, Version, Write, judge,
};
use proptest::prelude::*;

const CREATED: i64 = 1_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn local(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

fn identity(name: &str) -> Identity {
    Identity::new(name).unwrap()
}

fn claim(name: &str, number: u64) -> Claim {
    Claim {
        identity: identity(name),
        duration_seconds: 6,
        number,
        attends: true,
    }
}

fn owner() -> PodOwner {
    PodOwner {
        name: "web-0".into(),
        uid: Uid::new("pod"),
    }
}

fn snapshot(version: u64, record: Record, notes: Notes, is_ours: bool) -> Snapshot {
    Snapshot {
        namespace: "work".into(),
        name: "lock".into(),
        version: Version {
            uid: Uid::new(format!("of {}", record.holder().unwrap_or_default())),
            resource_version: ResourceVersion::new(version.to_string()),
        },
        stamp: Some(record.renewed().unwrap_or(at(CREATED))),
        record,
        notes,
        dialect: Dialect::ConfigMap {
            owner: owner(),
            is_ours,
        },
    }
}

/// What kvdi creates, which ends then.
fn kvdis(version: u64, ends: Option<i64>) -> Snapshot {
    let text = ends.map(|ends| ends.to_string());
    let record = stated(&owner(), Some(at(CREATED)), text.as_deref());
    snapshot(version, record, Notes::default(), false)
}

/// What this claim creates at this time.
fn ours(version: u64, claim: &Claim, now: Timestamp) -> Snapshot {
    let write = acquire(None, claim, now).unwrap();
    snapshot(version, write.record().clone(), write.notes().clone(), true)
}

fn forced() -> Forced {
    Forced {
        tombstone: identity("broken by me"),
        because: None,
        at_once: false,
        confirmed: false,
    }
}

#[test]
fn a_lock_is_kept_in_place_by_its_own_contender_alone() {
    let me = claim("me", 1);
    let lock = ours(7, &me, at(CREATED));
    let now = at(CREATED + 3);
    let means = |write: Write| write.means(&lock);
    assert_eq!(
        means(renew(&lock, &me.identity, None, now).unwrap()),
        Means::Update
    );
    assert_eq!(
        means(release(&lock, &me.identity, now).unwrap()),
        Means::Delete
    );

    let late = at(CREATED + 60);
    let judged = judge(&lock, Look::Stamped { date: late });
    let other = steal(&judged, &claim("other", 2), late).unwrap();
    assert_eq!(means(other), Means::Recreate);
    // One who was given the same name by mistake.
    let mut namesake = Snapshot { ..lock.clone() };
    namesake.notes.taken_by.as_mut().unwrap().number = 9;
    let write = renew(&lock, &me.identity, None, now).unwrap();
    assert_eq!(write.means(&namesake), Means::Recreate);

    let lease = Snapshot {
        dialect: Dialect::ClientGo,
        ..lock.clone()
    };
    let freed = release(&lease, &me.identity, now).unwrap();
    assert_eq!(freed.means(&lease), Means::Update);
}

#[test]
fn a_broken_lock_is_deleted_and_nobody_is_put_in_its_place() {
    for lock in [
        ours(7, &claim("me", 1), at(CREATED)),
        kvdis(7, Some(CREATED + 600)),
        kvdis(7, None),
    ] {
        let date = at(CREATED + 1);
        let judged = judge(&lock, Look::Stamped { date });
        let write = force_release(&judged, &forced(), date).unwrap();
        assert_eq!(write.means(&lock), Means::Delete, "{lock:?}");
        assert_eq!(write.record().holder(), None);
    }
    let plain = Snapshot {
        dialect: Dialect::PlainConfigMap,
        record: Record::default(),
        ..kvdis(7, None)
    };
    let date = at(CREATED + 1);
    let judged = judge(&plain, Look::Stamped { date });
    assert_eq!(judged.standing().state, State::Malformed);
    let foreign = Refusal::Foreign(Dialect::PlainConfigMap);
    assert_eq!(
        force_release(&judged, &forced(), date),
        Err(foreign.clone())
    );
    assert_eq!(
        acquire(Some(&judged), &claim("me", 1), date),
        Err(foreign.clone())
    );
    let gone = owner().gone(&PodSeen::Absent).unwrap();
    assert_eq!(release_from_gone(&judged, &gone, date), Err(foreign));
}

/// Two contenders of kvdi in one pod cannot be told apart, so none of ours is ever one of them.
#[test]
fn what_kvdi_holds_is_nobody_s_of_ours_whatever_they_are_called() {
    let lock = kvdis(7, Some(CREATED + 600));
    let namesake = identity(lock.record.holder().unwrap());
    let now = at(CREATED + 1);
    assert_eq!(release(&lock, &namesake, now), Err(Refusal::NotHolder));
    assert_eq!(renew(&lock, &namesake, None, now), Err(Refusal::NotHolder));
    let handed = hand_over_without_ticket(&lock, &namesake, &identity("you"), now);
    assert!(matches!(handed, Err(Refusal::Foreign(_))));
}

#[test]
fn a_pod_that_is_gone_frees_what_it_owns_and_nothing_else_does() {
    let me = claim("me", 1);
    let lock = kvdis(7, None);
    let date = at(CREATED + 1);
    let judged = judge(&lock, Look::Stamped { date });
    let owner = owner();
    assert_eq!(owner.gone(&PodSeen::Present(Uid::new("pod"))), None);
    assert_eq!(steal(&judged, &me, date), Err(Refusal::Unbounded));
    let steal = |gone: &OwnerGone| steal_from_gone(&judged, gone, &me, date);
    for seen in [PodSeen::Absent, PodSeen::Present(Uid::new("another"))] {
        let gone = owner.gone(&seen).unwrap();
        assert_eq!(steal(&gone).unwrap().means(&lock), Means::Recreate);
        let freed = release_from_gone(&judged, &gone, date).unwrap();
        assert_eq!(freed.means(&lock), Means::Delete);
        // The owner of the lock that was there before, by the same name or another one.
        for (name, uid) in [("web-0", "before"), ("web-1", "pod")] {
            let before = PodOwner {
                name: name.into(),
                uid: Uid::new(uid),
            };
            let gone = before.gone(&PodSeen::Absent).unwrap();
            assert_eq!(steal(&gone), Err(Refusal::Unbounded));
            let freed = release_from_gone(&judged, &gone, date);
            assert_eq!(freed, Err(Refusal::Unbounded));
        }
    }
    // A lease belongs to nobody.
    let lease = Snapshot {
        dialect: Dialect::ClientGo,
        ..lock.clone()
    };
    let judged = judge(&lease, Look::Stamped { date });
    let gone = owner.gone(&PodSeen::Absent).unwrap();
    let stolen = steal_from_gone(&judged, &gone, &me, date);
    assert_eq!(stolen, Err(Refusal::Unbounded));
}

proptest! {
    /// Whatever was watched, for however long, and whatever one clock alone says.
    #[test]
    fn what_kvdi_holds_is_over_when_two_clocks_are_past_its_end_and_the_margin(
        ends in -100..100_i64, server in 0..400_i64, us in 0..400_i64,
        unchanged_for in 0..400_u64, change_seen in any::<bool>(),
    ) {
        let lock = kvdis(7, Some(CREATED + ends));
        let me = claim("me", 1);
        let (date, wall) = (at(CREATED + server), at(CREATED + us));
        for look in [
            Look::Observed { unchanged_for: Duration::from_secs(unchanged_for), change_seen },
            Look::Recorded { now: wall },
        ] {
            let judged = judge(&lock, look);
            prop_assert!(judged.standing().state != State::Expired);
            prop_assert!(steal(&judged, &me, wall).is_err());
            prop_assert!(acquire(Some(&judged), &me, wall).is_err());
        }
        // One that was over before it was created lasts a second.
        let over = ends.max(1) + i64::try_from(MARGIN.as_secs()).unwrap();
        let taken = acquire(Some(&judge(&lock, Look::Stamped { date })), &me, wall);
        prop_assert_eq!(taken.is_ok(), server > over && us > over, "{:?}", taken);
    }
}

fn contender(mode: Mode) -> Contender {
    let seconds = Duration::from_secs;
    let timing = Timing::new(seconds(6), seconds(4), seconds(1)).unwrap();
    let contender = Contender::new(claim("me", 1), timing, mode).unwrap();
    contender.existing_while_held()
}

fn events(contender: &mut Contender) -> Vec<Event> {
    std::iter::from_fn(|| contender.poll_event()).collect()
}

/// A lock whose last holder gave it back is free, and so is one that was deleted: it is created
/// anew at once, and nobody stands in line for it.
#[test]
fn what_does_not_exist_is_created_at_once() {
    let mut contender = contender(Mode::Patient);
    let wall = at(CREATED + 1);
    assert_eq!(contender.poll_action(local(0), wall), Some(Action::Read));
    let lock = ours(7, &claim("other", 2), at(CREATED));
    contender.read(Some(lock), Some(wall), local(1));
    assert_eq!(contender.poll_action(local(1), wall), None);
    contender.observe(None, local(100));
    assert_eq!(contender.poll_action(local(100), wall), Some(Action::Read));
    contender.read(None, None, local(101));
    let created = contender.poll_action(local(101), wall);
    assert!(
        matches!(created, Some(Action::Write(Write::Create { .. }))),
        "{created:?}"
    );
    // Somebody is faster, and is gone again.
    contender.failed(Failed::Conflict, local(102));
    assert_eq!(contender.poll_action(local(102), wall), Some(Action::Read));
    contender.read(None, None, local(103));
    let created = contender.poll_action(local(103), wall);
    assert!(
        matches!(created, Some(Action::Write(Write::Create { .. }))),
        "{created:?}"
    );
    contender.written(ours(9, &claim("me", 1), wall), local(104));
    assert!(contender.believes(local(105)));

    contender.observe(None, local(200));
    assert_eq!(contender.poll_action(local(200), wall), Some(Action::Read));
    contender.read(None, None, local(201));
    let told = events(&mut contender);
    assert!(told.contains(&Event::Lost(Loss::Deleted)), "{told:?}");
}

/// Neither that nothing changed nor that something did tells anything of it.
#[test]
fn what_kvdi_holds_is_waited_for_by_the_clocks() {
    let mut contender = contender(Mode::Patient);
    let wall = |millis: u64| at(CREATED).saturating_add(Duration::from_millis(millis));
    let date = |millis: u64| Some(at(CREATED + i64::try_from(millis / 1000).unwrap()));
    assert_eq!(contender.poll_action(local(0), wall(0)), Some(Action::Read));
    contender.read(None, None, local(1));
    let _ = contender.poll_action(local(1), wall(1));
    contender.failed(Failed::Conflict, local(2));
    assert_eq!(contender.poll_action(local(2), wall(2)), Some(Action::Read));
    contender.read(Some(kvdis(7, Some(CREATED + 10))), date(3), local(3));
    // Somebody edits it, and the watch that brings that brings no date.
    let lock = kvdis(8, Some(CREATED + 10));
    contender.observe(Some(lock.clone()), local(4));
    let (mut now, mut reads) = (4, 0);
    let taken = loop {
        match contender.poll_action(local(now), wall(now)) {
            Some(Action::Read) => {
                reads += 1;
                contender.read(Some(lock.clone()), date(now), local(now + 1));
            }
            Some(action) => break action,
            None => {
                let next = contender.poll_timeout(local(now)).unwrap();
                assert!(next > local(now), "it spins at {now}");
                now = next.as_nanos() / 1_000_000 + 1;
            }
        }
        assert!(now < 60_000, "it is never taken");
    };
    let Action::Write(write) = taken else {
        panic!("{taken:?}")
    };
    assert_eq!(write.means(&lock), Means::Recreate);
    assert!((15_000..18_000).contains(&now), "{now}");
    assert_eq!(reads, 1);
}

/// The same, of one that never ends, and where the server tells no date.
#[test]
fn what_never_ends_is_neither_taken_nor_asked_for_again_and_again() {
    for (lock, date) in [
        (kvdis(7, None), Some(at(CREATED))),
        (kvdis(7, Some(CREATED + 10)), None),
    ] {
        let mut contender = contender(Mode::Patient);
        let mut reads = 0;
        for second in 0..600 {
            let now = local(second * 1000);
            let wall = at(CREATED + i64::try_from(second).unwrap());
            while let Some(action) = contender.poll_action(now, wall) {
                assert_eq!(action, Action::Read);
                reads += 1;
                contender.read(Some(lock.clone()), date, now);
            }
        }
        assert!(reads <= 2, "{reads}");
    }
}

#[test]
fn whoever_does_not_wait_is_told_and_a_named_successor_is_not_created_a_lock() {
    let mut trying = contender(Mode::Try);
    let wall = at(CREATED + 1);
    assert_eq!(trying.poll_action(local(0), wall), Some(Action::Read));
    trying.read(Some(kvdis(7, None)), Some(wall), local(1));
    while trying.poll_action(local(1), wall).is_some() {}
    let told = events(&mut trying);
    assert!(
        told.contains(&Event::NotAcquired(End::Contended)),
        "{told:?}"
    );

    let mut holder = contender(Mode::Try);
    let _ = holder.poll_action(local(0), wall);
    holder.read(None, None, local(1));
    let _ = holder.poll_action(local(1), wall);
    let lock = ours(9, &claim("me", 1), wall);
    holder.written(lock.clone(), local(2));
    holder.resign(Succession::To(identity("you")), local(3));
    let Some(Action::Write(write)) = holder.poll_action(local(3), wall) else {
        panic!("nothing is given back")
    };
    assert_eq!(write.means(&lock), Means::Delete);
}

/// A creation of unknown outcome that is read to be gone is in doubt no more: what landed of it and
/// was deleted since would else be believed of a lock that is another's by then.
#[test]
fn what_was_created_unseen_and_is_gone_is_not_believed_later() {
    let mut contender = contender(Mode::Patient);
    let wall = at(CREATED + 1);
    assert_eq!(contender.poll_action(local(0), wall), Some(Action::Read));
    contender.read(None, None, local(1));
    let Some(Action::Write(first)) = contender.poll_action(local(1), wall) else {
        panic!("it is free");
    };
    contender.failed(Failed::Unknown, local(2));
    assert_eq!(contender.poll_action(local(2), wall), Some(Action::Read));
    contender.read(None, None, local(3));
    let again = contender.poll_action(local(3), at(CREATED + 2));
    assert!(
        matches!(again, Some(Action::Write(Write::Create { .. }))),
        "{again:?}"
    );
    contender.failed(Failed::Conflict, local(4));
    assert_eq!(contender.poll_action(local(4), wall), Some(Action::Read));
    let lock = ours(9, &claim("me", 1), wall);
    assert_eq!(lock.record, *first.record());
    contender.read(Some(lock.clone()), Some(wall), local(5));
    assert!(!contender.believes(local(5)));
    // It is its own, and is believed once it is written anew.
    let Some(Action::Write(write)) = contender.poll_action(local(5), wall) else {
        panic!("its own lock is left alone");
    };
    assert_eq!(write.means(&lock), Means::Update);
    let (record, notes) = (write.record().clone(), write.notes().clone());
    contender.written(snapshot(10, record, notes, true), local(6));
    assert!(contender.believes(local(6)));
}
