//! What of a world matters for what may come: two worlds that differ in nothing else are one.
//!
//! Times count from now, and long ago is long ago. Versions and uids count by their order, wall
//! clocks by whether they are those of the record that stands. What a watch has brought counts not at all, nor who bears which name. All of that is
//! seen by a hasher, to which a contender with all its secrets shows itself.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use crate::client::{Client, Wire};
use lease_core::Timestamp;

use crate::server::{FIRST_TICKET, FIRST_TRANSITIONS, FIRST_VERSION, number, wall};
use crate::world::{NAMES, World};

/// Times above this are of a clock, and durations below.
const CLOCK: u64 = 100_000_000_000_000;
/// What is further away than this in time, in milliseconds, is for ever: longer than any lease.
const FOR_EVER: i64 = 3000;

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

/// A number that is the same for worlds that are the same.
pub(crate) fn key(world: &World) -> u64 {
    SEEN.with_borrow_mut(|seen| seen.key(world))
}

/// What a hasher was shown.
#[derive(Clone, Copy)]
enum Shown {
    /// A number, or some text, as it is.
    Number(u64),
    /// A version, or what was made of one, by what it begins with.
    Version(u64, u64),
    /// A reading of a wall clock.
    Wall(i64),
    /// The name of a client by its index, how many attempts ago it was its identity, and whether
    /// it is of the ticket that it asks for next.
    Name(usize, u64, u64),
}

/// All that was shown: of the world, and of each client.
#[derive(Default)]
struct Seen {
    shown: Vec<Shown>,
    /// Where what each client showed begins.
    begins: Vec<usize>,
    versions: Vec<u64>,
    /// What the clock shows of whom all this is, in milliseconds.
    now: i64,
    transitions: i32,
    /// The names of the clients, and the numbers of their attempts and tickets.
    names: Vec<(&'static str, u64, u64)>,
}

impl Seen {
    fn key(&mut self, world: &World) -> u64 {
        self.shown.clear();
        self.begins.clear();
        self.versions.clear();
        let lock = world.server.lock.as_ref();
        let transitions = lock.and_then(|lock| lock.record.transitions);
        self.transitions = transitions.unwrap_or(FIRST_TRANSITIONS);
        self.names.clear();
        for client in &world.clients {
            let now = (client.name, client.attempts, client.tickets);
            self.names.push(now);
        }
        feed(world, self);
        for client in &world.clients {
            self.begins.push(self.shown.len());
            feed_client(world, client, self);
        }
        self.begins.push(self.shown.len());
        self.versions.sort_unstable();
        self.versions.dedup();
        let record = lock.map(|lock| &lock.record);
        let walls = [
            Some(wall(world.tick)),
            record.and_then(|record| record.renew_time),
            record.and_then(|record| record.acquire_time),
        ];
        let tickets = self.versions.partition_point(|one| *one < FIRST_TICKET) as u64;
        let wall = |at: i64| {
            let is_at = |wall: Option<Timestamp>| wall.is_some_and(|wall| wall.as_micros() == at);
            walls
                .iter()
                .fold(0, |all, wall| all << 1 | u64::from(is_at(*wall)))
        };
        // Broken clients that share a name are not to be confused.
        let is_symmetric = self.names.iter().zip(NAMES).all(|(name, of)| name.0 == of);
        let first = self.told(&[0, 1, 2], tickets, wall);
        if world.clients.len() == 2 && is_symmetric {
            first.min(self.told(&[1, 0], tickets, wall))
        } else {
            first
        }
    }

    /// What was shown as one number, with the clients in this order.
    fn told(&self, order: &[usize], tickets: u64, wall: impl Fn(i64) -> u64) -> u64 {
        let mut mixed = 0x243f_6a88_85a3_08d3;
        let mut tell = |shown: &[Shown]| {
            for one in shown {
                let (kind, number) = match *one {
                    Shown::Number(number) => (1, number),
                    Shown::Version(begins, version) => {
                        let rank = rank(&self.versions, &version);
                        if version < FIRST_TICKET {
                            (2 + begins, rank)
                        } else {
                            (10 + begins, rank - tickets)
                        }
                    }
                    Shown::Wall(at) => (18, wall(at)),
                    Shown::Name(i, ago, of) => (
                        20 + 8 * ago + of,
                        order.iter().position(|j| *j == i).unwrap_or(9) as u64,
                    ),
                };
                mixed = mix(mixed ^ kind, number);
            }
        };
        tell(&self.shown[..self.begins[0]]);
        for i in order.iter().filter(|i| **i + 1 < self.begins.len()) {
            tell(&self.shown[self.begins[*i]..self.begins[*i + 1]]);
        }
        mixed
    }

    fn of_clock(&mut self, tick: u64) {
        self.now = i64::try_from(tick * 1000).unwrap_or(i64::MAX);
    }
}

fn mix(one: u64, other: u64) -> u64 {
    let whole = u128::from(one ^ 0x9e37_79b9_7f4a_7c15)
        * u128::from(other.wrapping_add(0xa076_1d64_78bd_642f) | 1);
    #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (high, low) = ((whole >> 64) as u64, whole as u64);
    (high ^ low).wrapping_add(other.rotate_left(32))
}

fn rank<T: Ord>(all: &[T], one: &T) -> u64 {
    all.binary_search(one).unwrap_or_else(|at| at) as u64
}

fn feed(world: &World, to: &mut Seen) {
    let World {
        clients: _,
        peer,
        server,
        tick,
        left,
        is_prompt: _,
        heard: _,
        token,
        deleted,
        unchecked_until,
        served: _,
        risks_nothing: _,
        reached: _,
        wrong,
    } = world;
    to.of_clock(*tick);
    left.hash(to);
    // How far it may go depends on that.
    server.writes.hash(to);
    token.hash(to);
    wrong.hash(to);
    deleted.map(|at| (tick - at).min(5)).hash(to);
    unchecked_until.saturating_sub(*tick).hash(to);
    server.lock.hash(to);
    let mut tickets: Vec<_> = server.tickets.iter().collect();
    tickets.sort_by_key(|ticket| number(ticket.place()));
    tickets.hash(to);
    if let Some(peer) = peer {
        let age = |at: u64| (tick - at).min(5);
        let observed = peer.observed.as_ref();
        observed.map(|(record, at)| (record, age(*at))).hash(to);
        peer.writes.hash(to);
        peer.renewed.map(age).hash(to);
    }
}

fn feed_client(world: &World, client: &Client, to: &mut Seen) {
    client.is_crashed.hash(to);
    client.late.hash(to);
    if client.is_crashed {
        return;
    }
    to.of_clock(world.tick - client.lag);
    client.contender.hash(to);
    (client.is_paused, client.is_deaf).hash(to);
    match &client.wire {
        // Whatever it was, it comes too late.
        Wire::Sent(lease_core::Action::Write(write)) if !world.server.would_take(write) => {
            2_u8.hash(to);
        }
        // The contender knows what it sent.
        Wire::Sent(_) => 3_u8.hash(to),
        wire => wire.hash(to),
    }
    client.token.is_some().hash(to);
    let unseen = client.seen - world.server.forgotten;
    for lock in world.server.log.iter().skip(unseen) {
        lock.as_ref().map(|lock| &lock.version).hash(to);
        if lock.as_ref().map(|lock| &lock.version)
            != world.server.lock.as_ref().map(|lock| &lock.version)
        {
            lock.hash(to);
        }
    }
    if world.left.deletions > 0 {
        client.knows.hash(to);
    }
    if client.broken.is_some() {
        let credulous = client.credulous;
        credulous
            .map(|until| until.saturating_sub(world.tick))
            .hash(to);
        client.offered.hash(to);
    }
}

/// A version, or a uid that was made of one, and how it begins.
fn versioned(bytes: &[u8]) -> Option<(u64, u64)> {
    let begins = match bytes.first()? {
        b'l' if bytes.starts_with(b"lock-") => 5,
        b't' if bytes.starts_with(b"ticket-") => 7,
        b'1' | b'5' => 0,
        _ => return None,
    };
    let mut version = 0;
    for digit in &bytes[begins..] {
        if !digit.is_ascii_digit() {
            return None;
        }
        version = version * 10 + u64::from(digit - b'0');
    }
    (version >= FIRST_VERSION).then_some((begins as u64, version))
}

fn number_of(digits: &[u8]) -> u64 {
    let digit = |all, byte: &u8| all * 10 + u64::from(byte - b'0');
    digits.iter().fold(0, digit)
}

impl Hasher for Seen {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some((begins, version)) = versioned(bytes) {
            self.versions.push(version);
            self.shown.push(Shown::Version(begins, version));
            return;
        }
        for (i, (name, attempts, tickets)) in self.names.iter().enumerate() {
            let Some(rest) = bytes.strip_prefix(name.as_bytes()) else {
                continue;
            };
            let mut numbers = rest[1..].split(|byte| *byte == b'-').map(number_of);
            let ago = attempts - numbers.next().unwrap_or(*attempts);
            let of = numbers
                .next()
                .map_or(0, |number| 1 + u64::from(number == *tickets));
            self.shown.push(Shown::Name(i, ago.min(3), of));
            return;
        }
        for chunk in bytes.chunks(8) {
            let number = chunk
                .iter()
                .fold(0, |all, byte| all << 8 | u64::from(*byte));
            self.shown.push(Shown::Number(number));
        }
    }

    fn write_u8(&mut self, number: u8) {
        // All texts end with this one.
        if number != 0xff {
            self.shown.push(Shown::Number(number.into()));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.shown.push(Shown::Number(number.into()));
    }

    fn write_u64(&mut self, number: u64) {
        let number = if number < CLOCK {
            number
        } else {
            let since = self.now - i64::try_from(number / 1_000_000).unwrap_or(i64::MAX);
            since.clamp(-FOR_EVER, FOR_EVER).cast_unsigned()
        };
        self.shown.push(Shown::Number(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.shown.push(Shown::Number(number as u64));
    }

    fn write_isize(&mut self, number: isize) {
        self.shown
            .push(Shown::Number(number.cast_unsigned() as u64));
    }

    fn write_i32(&mut self, number: i32) {
        // How often the lock changed hands since.
        let number = if number >= FIRST_TRANSITIONS {
            1_000_000 + self.transitions - number
        } else {
            number
        };
        self.shown
            .push(Shown::Number(u64::from(number.cast_unsigned())));
    }

    fn write_i64(&mut self, micros: i64) {
        self.shown.push(Shown::Wall(micros));
    }
}
