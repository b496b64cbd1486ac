//! A contender whose requests fail in any way goes on or ends: it never hangs, and never spins.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

use std::time::Duration;

use lease_core::{
    Action, Claim, Contender, Dialect, End, Event, Failed, Identity, Instant, Mode, Notes, Record,
    Refusal, ResourceVersion, Snapshot, Succession, Taker, Ticket, Timestamp, Timing, Uid, Version,
    Write, decide,
};
use proptest::prelude::*;

const LEASE: u64 = 2;
const RETRY: u64 = 500;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Done,
    /// Done, and the reply is lost.
    Lost,
    Fails(Failed),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Done),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Fails(Failed::Conflict)),
        1 => Just(Fate::Fails(Failed::NotSent)),
        1 => Just(Fate::Fails(Failed::Unknown)),
    ]
}

fn failure() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Lost),
        Just(Fate::Fails(Failed::Conflict)),
        Just(Fate::Fails(Failed::Denied)),
        Just(Fate::Fails(Failed::NotSent)),
        Just(Fate::Fails(Failed::Unknown)),
    ]
}

/// The kinds of requests, each of which may have a fate of its own.
fn kind(action: &Action) -> usize {
    match action {
        Action::Dequeue { .. } => 0,
        Action::Enqueue { .. } => 1,
        Action::List { .. } => 2,
        Action::Read => 3,
        Action::Write(_) => 4,
    }
}

#[derive(Default)]
struct Server {
    lock: Option<Snapshot>,
    tickets: Vec<Ticket>,
    version: u64,
}

impl Server {
    fn next(&mut self, uid: &str) -> Version {
        self.version += 1;
        Version {
            uid: Uid::new(uid),
            resource_version: ResourceVersion::new(self.version.to_string()),
        }
    }

    fn store(&mut self, record: Record, notes: Notes) {
        let version = self.next("lock");
        self.lock = Some(Snapshot {
            namespace: "work".into(),
            name: "lock".into(),
            version,
            record,
            notes,
            stamp: None,
            dialect: Dialect::ClientGo,
        });
    }

    fn write(&mut self, write: Write) -> Option<Snapshot> {
        match (write, &self.lock) {
            (Write::Create { record, notes }, None) => self.store(record, notes),
            (
                Write::Replace {
                    version,
                    record,
                    notes,
                    ..
                },
                Some(lock),
            ) if lock.version == version => self.store(record, notes),
            _ => return None,
        }
        self.lock.clone()
    }

    /// Does what was asked, and lets the contender know unless the reply is lost.
    fn serve(&mut self, contender: &mut Contender, action: Action, fate: Fate, now: Instant) {
        if let Fate::Fails(failed) = fate {
            return contender.failed(failed, now);
        }
        let is_lost = matches!(fate, Fate::Lost);
        let lost = |contender: &mut Contender| contender.failed(Failed::Unknown, now);
        match action {
            Action::Write(write) => match self.write(write) {
                _ if is_lost => lost(contender),
                Some(lock) => contender.written(lock, now),
                None => contender.failed(Failed::Conflict, now),
            },
            Action::Enqueue { lock, window } => {
                if self.tickets.is_empty() {
                    let version = self.next("ticket");
                    self.tickets.push(Ticket {
                        holder: "me".into(),
                        lock,
                        name: "ticket".into(),
                        version,
                        window,
                    });
                }
                if is_lost {
                    lost(contender);
                } else {
                    contender.enqueued(self.tickets[0].clone());
                }
            }
            Action::Dequeue { .. } => {
                self.tickets.clear();
                if is_lost {
                    lost(contender);
                } else {
                    contender.dequeued();
                }
            }
            _ if is_lost => lost(contender),
            Action::List { .. } => contender.listed(self.tickets.clone()),
            Action::Read => contender.read(self.lock.clone(), None, now),
        }
    }
}

fn contender(mode: Mode) -> Contender {
    let claim = Claim {
        identity: Identity::new("me").unwrap(),
        duration_seconds: 2,
        number: 1,
        attends: true,
    };
    let timing = Timing::new(
        Duration::from_secs(LEASE),
        Duration::from_secs(1),
        Duration::from_millis(RETRY),
    )
    .unwrap();
    Contender::new(claim, timing, mode).unwrap()
}

fn at(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// What became of a contender that was driven for so long.
struct Driven {
    contender: Contender,
    server: Server,
    millis: u64,
    requests: u64,
}

impl Driven {
    fn new(mode: Mode, is_held: bool) -> Self {
        let mut server = Server::default();
        if is_held {
            let record = Record {
                holder: Some("another".into()),
                duration_seconds: Some(3),
                renew_time: Some(Timestamp::from_micros(0)),
                ..Record::default()
            };
            server.store(record, Notes::default());
        }
        Self {
            contender: contender(mode),
            server,
            millis: 1000,
            requests: 0,
        }
    }

    /// Drives as a driver does: one request at a time, else asleep until there is something to do.
    fn drive(&mut self, millis: u64, mut fate: impl FnMut(&Action) -> Fate) {
        let end = self.millis + millis;
        while self.millis < end && !self.contender.has_ended() {
            let now = at(self.millis);
            let wall = Timestamp::from_micros(i64::try_from(self.millis).unwrap() * 1000);
            if let Some(action) = self.contender.poll_action(now, wall) {
                self.requests += 1;
                self.millis += 1;
                let fate = fate(&action);
                let now = at(self.millis);
                self.server.serve(&mut self.contender, action, fate, now);
                continue;
            }
            let Some(next) = self.contender.poll_timeout(now) else {
                return;
            };
            if self.contender.has_ended() {
                return;
            }
            let left = next.since(now);
            assert!(!left.is_zero(), "it spins: {:?}", self.contender);
            self.millis += u64::try_from(left.as_micros().div_ceil(1000)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2048) })]

    #[test]
    fn requests_that_fail_are_neither_repeated_at_once_nor_given_up_silently(
        fates in [fate(), fate(), fate(), fate(), fate()],
        failing in 0..5_usize, failure in failure(), is_held: bool, holds in 0..5000_u64,
    ) {
        const WAITS: u64 = 20_000;
        let mut driven = Driven::new(Mode::Patient, is_held);
        // One kind fails always, the others now and then.
        let mut count = 0;
        let mut fate = |action: &Action| {
            count += 1;
            if kind(action) == failing {
                failure
            } else if count % 3 == 0 {
                fates[kind(action)]
            } else {
                Fate::Done
            }
        };
        driven.drive(WAITS.min(4000 + holds), &mut fate);
        driven.contender.resign(Succession::Queue, at(driven.millis));
        let begun = driven.millis;
        driven.drive(60_000, &mut fate);
        prop_assert!(driven.contender.has_ended(), "{:?}", driven.contender);
        // A lease, and the last pause or two.
        prop_assert!(driven.millis - begun <= LEASE * 1000 + 3 * RETRY, "{}", driven.millis - begun);
        // Some requests in each retry period, and what it takes to begin and to end.
        let most = 30 + 8 * (driven.millis / RETRY);
        prop_assert!(driven.requests <= most, "{} of {most}", driven.requests);
    }

    #[test]
    fn whoever_waits_until_a_time_ends_by_then(
        fates in proptest::collection::vec(fate(), 1..40), is_held: bool, wait in 100..6000_u64,
    ) {
        let deadline = 1000 + wait;
        let mut driven = Driven::new(Mode::Until(at(deadline)), is_held);
        let mut fates = fates.into_iter().cycle();
        driven.drive(wait + 1, |_| fates.next().unwrap());
        let mut events = std::iter::from_fn(|| driven.contender.poll_event());
        if !events.any(|event| matches!(event, Event::Acquired { .. })) {
            // Only what it may have left behind is cleared away.
            driven.drive(LEASE * 1000 + 3 * RETRY, |_| Fate::Done);
            prop_assert!(driven.contender.has_ended(), "{:?}", driven.contender);
            prop_assert!(driven.server.tickets.is_empty());
            let lock = driven.server.lock;
            prop_assert!(lock.is_none_or(|lock| lock.record.holder() != Some("me")));
        }
    }

    #[test]
    fn a_try_ends_without_waiting(is_held: bool, refused in 0..3_usize) {
        let mut driven = Driven::new(Mode::Try, is_held);
        let mut left = refused;
        driven.drive(1000, |_| {
            left = left.saturating_sub(1);
            if left > 0 { Fate::Fails(Failed::Conflict) } else { Fate::Done }
        });
        prop_assert!(is_held == driven.contender.token().is_none());
        prop_assert!(!is_held || driven.contender.has_ended());
        prop_assert!(driven.server.tickets.is_empty());
    }
}

#[test]
fn a_lock_that_names_us_at_first_sight_is_another_one_s() {
    let mut driven = Driven::new(Mode::Patient, true);
    if let Some(lock) = &mut driven.server.lock {
        lock.record.holder = Some("me".into());
    }
    driven.drive(10_000, |_| Fate::Done);
    assert!(driven.contender.has_ended());
    assert_eq!(driven.requests, 1, "it reads, and touches nothing");
    let mut events = std::iter::from_fn(|| driven.contender.poll_event());
    let refused = End::Refused(Refusal::AlreadyYours);
    assert!(events.any(|event| event == Event::NotAcquired(refused.clone())));
}

#[test]
fn a_lock_is_passed_to_whom_is_named_with_or_without_a_ticket() {
    for has_ticket in [true, false] {
        let mut driven = Driven::new(Mode::Patient, false);
        driven.drive(300, |_| Fate::Done);
        assert!(driven.contender.is_settled());
        let version = driven.server.next("ticket of next");
        if has_ticket {
            driven.server.tickets.push(Ticket {
                holder: "next".into(),
                lock: Uid::new("lock"),
                name: "next-1".into(),
                version,
                window: Duration::from_secs(1),
            });
        }
        let next = Identity::new("next").unwrap();
        driven
            .contender
            .resign(Succession::To(next), at(driven.millis));
        assert!(!driven.contender.is_settled());
        driven.drive(1000, |_| Fate::Done);
        assert!(driven.contender.has_ended());
        let lock = driven.server.lock.unwrap();
        assert_eq!(lock.record.holder(), Some("next"));
        assert_eq!(lock.offer().is_some(), has_ticket);
        let seconds = if has_ticket { 1 } else { 2 };
        assert_eq!(lock.record.duration_seconds, Some(seconds));
        let mut events = std::iter::from_fn(|| driven.contender.poll_event());
        let to = Some("next".to_owned());
        assert!(events.any(|event| event == Event::Released { to: to.clone() }));
    }
}

/// Whoever hands over lists who waits, and one of them may leave before it writes: it hears of that,
/// and the lock does not stay with nobody until the hand-over has run out.
#[test]
fn who_leaves_the_line_passes_on_what_was_being_handed_to_it() {
    for is_attended in [true, false] {
        let mut driven = Driven::new(Mode::Patient, true);
        if let Some(lock) = &mut driven.server.lock {
            lock.notes.taken_by = Some(Taker {
                holder: "another".into(),
                number: 2,
                attends: is_attended,
            });
        }
        driven.drive(500, |_| Fate::Done);
        let ticket = driven.server.tickets[0].clone();
        let left = driven.millis;
        driven.contender.resign(Succession::Queue, at(left));
        // As long as it may be named, and no longer.
        driven.drive(100, |_| Fate::Done);
        assert!(driven.server.tickets.is_empty());
        assert_eq!(driven.contender.has_ended(), !is_attended);
        if !is_attended {
            continue;
        }
        let mut patient = driven.contender.clone();
        assert!(
            patient
                .poll_action(at(left + 250), Timestamp::from_micros(0))
                .is_none()
        );
        assert!(patient.has_ended());

        let lock = driven.server.lock.clone().unwrap();
        let who = Identity::new("another").unwrap();
        let now = Timestamp::from_micros(1);
        let write = decide::hand_over(&lock, &who, &ticket, true, now).unwrap();
        let named = driven.server.write(write);
        driven.contender.observe(named, at(left + 200));
        driven.millis = left + 200;
        driven.drive(10, |_| Fate::Done);
        assert!(driven.contender.has_ended());
        assert_eq!(driven.server.lock.unwrap().record.holder(), None);
    }
}

/// What a stamp proves to a newcomer, it proves to nobody who saw the holder change since: then
/// the server's clock and ours are both wrong.
#[test]
fn a_stamp_proves_nothing_against_what_was_seen() {
    const HOURS: i64 = 2 * 3600 * 1_000_000;
    for changes in [false, true] {
        let mut driven = Driven::new(Mode::Patient, true);
        let begun = at(driven.millis);
        let wall = Timestamp::from_micros(HOURS);
        assert_eq!(
            driven.contender.poll_action(begun, wall),
            Some(Action::Read)
        );
        let mut lock = driven.server.lock.clone().unwrap();
        lock.stamp = Some(Timestamp::from_micros(0));
        if changes {
            // The answer to the first reading, and then a holder that took over from that one.
            let date = Some(Timestamp::from_micros(0));
            driven.contender.read(Some(lock.clone()), date, begun);
            lock.version = driven.server.next("lock");
            lock.record.holder = Some("next".into());
            lock.record.renew_time = Some(Timestamp::from_micros(1));
        }
        driven.server.lock = Some(lock.clone());
        let now = at(driven.millis + 100);
        driven.contender.observe(Some(lock.clone()), now);
        if changes {
            // So that it reads once more, and hears of a date.
            driven.contender.suspect();
            assert_eq!(driven.contender.poll_action(now, wall), Some(Action::Read));
        }
        driven.contender.read(Some(lock), Some(wall), now);
        let mut millis = driven.millis + 100;
        let taken = loop {
            if let Some(action) = driven.contender.poll_action(at(millis), wall) {
                if let Action::Write(write) = &action {
                    break write.clone();
                }
                if matches!(action, Action::Read) {
                    let read = driven.server.lock.clone();
                    driven.contender.read(read, Some(wall), at(millis));
                } else {
                    driven
                        .server
                        .serve(&mut driven.contender, action, Fate::Done, at(millis));
                }
            }
            millis += 1;
        };
        assert_eq!(taken.record().holder(), Some("me"));
        let waited = millis - driven.millis - 100;
        // It lasts 3 s.
        assert_eq!(waited >= 3000, changes, "{waited} ms");
    }
}
