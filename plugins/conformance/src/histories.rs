//! Generated histories of a contender.

use std::time::Duration;

use lease_core::{Claim, Contender, Identity, Instant, Mode, Succession, Timestamp, Timing};
use serde_json::{Value, json};

use crate::json::{self, error, int, ok, tagged, timestamp};
use crate::random::Random;
use crate::reference::{Outcome, Reference, Request};
use crate::server::{NAME, NAMESPACE, Server, date};

const MILLI: u64 = 1_000_000;
const FAILURES: [&str; 6] = [
    "absent", "conflict", "denied", "rejected", "not-sent", "unknown",
];
/// How many calls a history has at most.
const STEPS: usize = 120;

/// So many histories: lives of one contender before a server where others meddle, answers are lost
/// and requests fail, with calls that break the contract in between. Each is a list of calls with
/// what each must return; a contender is made by the first one.
pub fn histories(seed: u64, count: u64) -> Vec<Value> {
    (0..count)
        .map(|index| History::new(seed ^ (index << 20)).play())
        .collect()
}

struct History {
    random: Random,
    reference: Reference,
    server: Server,
    now: u64,
    wall: i64,
    steps: Vec<Value>,
    has_resigned: bool,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = if random.percent(5) {
            u64::MAX - 20_000 * MILLI
        } else {
            random.below(1 << 50)
        };
        let mode = match random.below(10) {
            0 | 1 => Mode::Try,
            2 | 3 => Mode::Until(Instant::from_nanos(
                now.saturating_add(random.below(9000) * MILLI),
            )),
            _ => Mode::Patient,
        };
        let number = random.below(2);
        let claim = Claim {
            identity: Identity::new("me").expect("it is one"),
            duration_seconds: 3,
            number,
            attends: random.percent(50),
        };
        let (deadline, retry) = (2000, 500);
        let timing = Timing::new(
            Duration::from_secs(3),
            Duration::from_millis(deadline),
            Duration::from_millis(retry),
        );
        let timing = timing.expect("it keeps the rules");
        let mut contender = Contender::new(claim.clone(), timing, mode).expect("there is slack");
        let reads_every = random.percent(20).then(|| random.below(5000) * MILLI + 1);
        if let Some(gap) = reads_every {
            contender.set_window(Duration::from_nanos(gap));
        }
        let patience = match mode {
            Mode::Patient => tagged("endless", Value::Null),
            Mode::Try => tagged("none", Value::Null),
            Mode::Until(until) => tagged("until", int(json::instant(until))),
        };
        let settings = json!({
            "namespace": NAMESPACE,
            "name": NAME,
            "claim": {
                "identity": "me", "number": int(number), "attends": claim.attends,
                "lease-duration": int(3_000_000_000_u64),
            },
            "renew-deadline": int(deadline * MILLI),
            "retry-period": int(retry * MILLI),
            "patience": patience,
            "reads-every": reads_every.map(int),
        });
        let mut history = Self {
            random,
            reference: Reference::new(contender, "me".into(), number),
            server: Server::default(),
            now,
            wall: 1_790_000_000_000_000,
            steps: Vec::new(),
            has_resigned: false,
        };
        history.step("create", json!([settings]), ok(Value::Null));
        history
    }

    fn step(&mut self, call: &str, args: Value, result: Value) {
        self.steps
            .push(json!({ "call": call, "args": args, "result": result }));
    }

    fn play(mut self) -> Value {
        if self.random.percent(70) {
            self.meddle();
        }
        while self.steps.len() < STEPS && !(self.has_resigned && self.reference.has_ended()) {
            self.pass_time();
            match self.random.below(100) {
                0..=59 => self.go_on(),
                60..=69 => self.meddle(),
                70..=84 => self.observe(),
                85..=88 => self.break_the_contract(),
                89 => self.suspect(),
                90 if self.steps.len() > STEPS / 2 || self.random.percent(20) => self.resign(),
                _ => self.ask(),
            }
            while self.steps.len() < STEPS {
                let event = self.reference.poll_event();
                let is_last = event.is_null();
                self.step("poll-event", json!([]), event);
                if is_last || self.random.percent(10) {
                    break;
                }
            }
        }
        Value::Array(self.steps)
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(self.wall)
    }

    fn local(&mut self) -> Instant {
        self.reference.latest = self.now;
        Instant::from_nanos(self.now)
    }

    fn pass_time(&mut self) {
        let until = self.reference.poll_timeout(self.now);
        let passes = match self.random.below(10) {
            0..=3 => self.random.below(20) * MILLI,
            4..=7 => until.map_or(0, |until| {
                until.saturating_sub(self.now).min(60_000 * MILLI)
            }),
            8 => self.random.below(4000) * MILLI,
            _ => self.random.below(700) * MILLI + 1,
        };
        self.now = self.now.saturating_add(passes);
        self.wall += i64::try_from(passes / 1000).unwrap_or(0);
    }

    fn meddle(&mut self) {
        let wall = self.wall();
        self.server.meddle(&mut self.random, "me", wall);
    }

    fn go_on(&mut self) {
        if self.reference.pending.is_some() && self.random.percent(85) {
            self.answer();
            return;
        }
        let wall = self.wall();
        let is_busy = self.reference.pending.is_some();
        let now = self.local();
        let request = if is_busy {
            // Time passes all the same.
            self.reference.contender.poll_action(now, wall);
            None
        } else {
            self.reference.poll(now, wall)
        };
        let told = request.as_ref().map(Request::json);
        self.step(
            "poll-request",
            json!([int(self.now), timestamp(wall)]),
            ok(told.into()),
        );
    }

    fn answer(&mut self) {
        let Some(request) = self.reference.pending.clone() else {
            return;
        };
        let outcome = match self.random.below(100) {
            0..=17 => Outcome::Failed(self.random.pick(&FAILURES)),
            18..=25 => {
                self.serve(&request);
                Outcome::Failed("unknown")
            }
            _ => self.serve(&request),
        };
        let at = self.local();
        self.reference.answered(&outcome, at);
        self.step(
            "answered",
            json!([outcome.json(), int(self.now)]),
            ok(Value::Null),
        );
    }

    fn serve(&mut self, request: &Request) -> Outcome {
        let wall = self.wall();
        let date = self.random.percent(80).then(|| date(wall));
        let conflict = Outcome::Failed("conflict");
        match request {
            Request::Get(name) => {
                let all = self.server.lock.iter().chain(&self.server.tickets);
                let found = all.into_iter().find(|stored| stored.name == *name);
                found.map_or(Outcome::Failed("absent"), |found| {
                    Outcome::Landed(found.clone(), date)
                })
            }
            Request::List(lock) => {
                let tickets = self.server.tickets.iter();
                let of = tickets.filter(|ticket| ticket.waits_for.as_ref() == Some(lock));
                Outcome::Listed(of.cloned().collect())
            }
            Request::Write(write) => match self.server.write(write, wall) {
                Some(stored) => Outcome::Landed(stored, date),
                None => conflict,
            },
            Request::Enqueue { name, lock, record } => {
                let (name, lock) = (name.clone(), lock.clone());
                match self.server.add_ticket(name, lock, record.clone(), wall) {
                    Some(stored) => Outcome::Landed(stored, date),
                    None => conflict,
                }
            }
            Request::Delete { name, version } => {
                let tickets = &mut self.server.tickets;
                let Some(at) = tickets.iter().position(|ticket| ticket.name == *name) else {
                    return Outcome::Failed("absent");
                };
                let is_the_one = match &version.1 {
                    Some(version) => tickets[at].version == *version,
                    None => tickets[at].version.uid == version.0,
                };
                if !is_the_one {
                    return conflict;
                }
                tickets.remove(at);
                Outcome::Deleted
            }
        }
    }

    fn observe(&mut self) {
        let is_late = !self.server.past.is_empty() && self.random.percent(15);
        let seen = if is_late {
            Some(self.random.pick(&self.server.past))
        } else {
            self.server.lock.clone()
        };
        let at = self.local();
        let snapshot = seen.as_ref().map(crate::server::Stored::snapshot);
        self.reference.contender.observe(snapshot, at);
        let told = seen.map(|seen| json!({ "snapshot": seen.json() }));
        self.step("observe", json!([told, int(self.now)]), ok(Value::Null));
    }

    fn suspect(&mut self) {
        self.reference.contender.suspect();
        self.step("suspect", json!([]), Value::Null);
    }

    fn resign(&mut self) {
        self.has_resigned = true;
        let now = self.local();
        let (succession, told) = match self.random.below(3) {
            0 => (Succession::Queue, tagged("queue", Value::Null)),
            1 => (Succession::Open, tagged("open", Value::Null)),
            _ => {
                let to = self.random.pick(&["first", "me", "nobody"]);
                let identity = Identity::new(to).expect("it is one");
                (Succession::To(identity), tagged("named", to.into()))
            }
        };
        self.reference.contender.resign(succession, now);
        self.step("resign", json!([told, int(self.now)]), ok(Value::Null));
    }

    /// What changes nothing.
    fn ask(&mut self) {
        let now = if self.random.percent(10) { 0 } else { self.now };
        match self.random.below(3) {
            0 => {
                let timeout = self.reference.poll_timeout(now).map(int);
                self.step("poll-timeout", json!([int(now)]), timeout.into());
            }
            1 => {
                let until = self.reference.held_until(now).map(int);
                self.step("held-until", json!([int(now)]), until.into());
            }
            _ => {
                let has_ended = self.reference.has_ended();
                self.step("has-ended", json!([]), has_ended.into());
            }
        }
    }

    fn break_the_contract(&mut self) {
        let wall = timestamp(self.wall());
        let not_asked = error("out-of-order", "not-asked");
        let went_back = error("invalid", "clock-went-back");
        let out_of_range = error("invalid", "time-out-of-range");
        let before = int(self.reference.latest.saturating_sub(1));
        let (now, has_been) = (int(self.now), self.reference.latest > 0);
        match self.random.below(7) {
            0 if has_been => self.step("poll-request", json!([before, wall]), went_back),
            1 if has_been => self.step("observe", json!([null, before]), went_back),
            2 if has_been => {
                let queue = tagged("queue", Value::Null);
                self.step("resign", json!([queue, before]), went_back);
            }
            3 => {
                let absurd = json!({ "seconds": int(i64::MAX), "nanoseconds": 0 });
                self.step("poll-request", json!([now, absurd]), out_of_range);
            }
            4 => {
                let nobody = tagged("named", "".into());
                let empty = error("invalid", "identity-empty");
                self.step("resign", json!([nobody, now]), empty);
            }
            5 => {
                // What no request under way can come to.
                let wrong = match &self.reference.pending {
                    Some(Request::Delete { .. }) => Outcome::Listed(Vec::new()),
                    _ => Outcome::Deleted,
                };
                self.step("answered", json!([wrong.json(), now]), not_asked);
            }
            _ => {
                let Some(lock) = &self.server.lock else {
                    return;
                };
                let mut other = lock.clone();
                other.name = "another".into();
                let other = json!({ "snapshot": other.json() });
                let error = error("invalid", "other-lease");
                self.step("observe", json!([other, now]), error);
            }
        }
    }
}
