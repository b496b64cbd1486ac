//! Who waits for a lock, and in which order.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::time::Duration;

use crate::{ResourceVersion, Snapshot, Uid, Version};

/// The longest name of an object is 253 bytes; what is left over here takes `-ticket-` and a uuid.
const LONGEST_LOCK_NAME: usize = 200;

/// A waiter's place in the queue of one lock.
///
/// It is a Lease that its waiter creates and never updates, so the resourceVersion of its creation
/// is an order that the API server gave and no client's clock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Ticket {
    /// The identity that waits.
    pub holder: String,
    /// The uid of the lock that it waits for.
    pub lock: Uid,
    /// The ticket's own name.
    pub name: String,
    /// The ticket's uid and resourceVersion. One that somebody edited has a younger one, and goes
    /// to the back.
    pub version: Version,
    /// How long its waiter needs to confirm a hand-over. Whole seconds.
    pub window: Duration,
}

impl Ticket {
    /// The label of a ticket; its value is the uid of the lock that its owner waits for.
    pub const WAITS_FOR: &'static str = "kubectl-lease.io/waits-for";

    /// The name of a ticket for a lock, made unique by what nobody else has: 36 characters at most.
    pub fn name_for(lock_name: &str, unique: &str) -> String {
        let mut end = lock_name.len().min(LONGEST_LOCK_NAME);
        while !lock_name.is_char_boundary(end) {
            end -= 1;
        }
        // What is cut off may leave a dot or a dash at the end, which a name may go on after.
        let begin = lock_name.get(..end).unwrap_or_default();
        [begin.trim_end_matches('.'), "-ticket-", unique].concat()
    }

    /// The ticket that this lease is, whose label says that it waits for `lock`.
    pub fn of(lease: &Snapshot, lock: Uid) -> Self {
        Self {
            holder: lease.record.holder().unwrap_or_default().into(),
            lock,
            name: lease.name.clone(),
            version: lease.version.clone(),
            window: lease.record.duration().unwrap_or_default(),
        }
    }

    /// Its place: whoever has a lower one comes first.
    pub const fn place(&self) -> &ResourceVersion {
        &self.version.resource_version
    }
}

/// The tickets of one lock as they were listed, the first one first.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Queue {
    tickets: Vec<Ticket>,
}

impl Queue {
    /// Sorts the tickets of a list. One without a time to confirm in could never be served, and is
    /// left out.
    pub fn new(tickets: impl IntoIterator<Item = Ticket>) -> Self {
        let tickets = tickets
            .into_iter()
            .filter(|ticket| !ticket.window.is_zero() && !ticket.holder.is_empty());
        let mut tickets: Vec<Ticket> = tickets.collect();
        sort(&mut tickets);
        Self { tickets }
    }

    /// The first one in line that is not `who`'s own and comes after the last one that was
    /// served: whoever was served and still has its ticket is dead, or queues again. If there is
    /// none, the first one, since the note of who was served may be wrong.
    pub fn next_besides(&self, who: &str, served: Option<&ResourceVersion>) -> Option<&Ticket> {
        let mut others = self.tickets.iter().filter(|ticket| ticket.holder != who);
        let first = others.clone().next();
        others
            .find(|ticket| served.is_none_or(|served| ticket.place() > served))
            .or(first)
    }

    /// Whether anybody but `who` is in line.
    pub fn has_others(&self, who: &str) -> bool {
        self.tickets.iter().any(|ticket| ticket.holder != who)
    }

    /// The first one that is this identity's.
    pub fn first_of(&self, who: &str) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.holder == who)
    }

    /// How many stand before the ticket of this uid; before a newcomer without one, all of them.
    pub fn before(&self, uid: Option<&Uid>) -> usize {
        uid.and_then(|uid| {
            self.tickets
                .iter()
                .position(|ticket| ticket.version.uid == *uid)
        })
        .unwrap_or(self.tickets.len())
    }

    /// How many stand before the ticket of this uid and were not served yet, if all up to `served`
    /// were.
    pub fn ahead_of(&self, uid: &Uid, served: Option<&ResourceVersion>) -> usize {
        let before = &self.tickets[..self.before(Some(uid))];
        let is_ahead = |ticket: &&Ticket| served.is_none_or(|served| ticket.place() > served);
        before.iter().filter(is_ahead).count()
    }

    /// Whether the ticket of this uid is among them.
    pub fn has(&self, uid: &Uid) -> bool {
        self.tickets.iter().any(|ticket| ticket.version.uid == *uid)
    }

    /// The tickets, the first one first.
    pub fn tickets(&self) -> &[Ticket] {
        &self.tickets
    }
}

/// Shell's sort: that of the library would be several kB of a component.
fn sort(tickets: &mut [Ticket]) {
    let mut gap = tickets.len() / 2;
    while gap > 0 {
        for from in gap..tickets.len() {
            let mut to = from;
            while to >= gap && comes_before(&tickets[to], &tickets[to - gap]) {
                tickets.swap(to, to - gap);
                to -= gap;
            }
        }
        gap /= 2;
    }
}

/// Versions that cannot be compared come from no API server; any order will do, as long as everybody
/// has the same.
fn comes_before(a: &Ticket, b: &Ticket) -> bool {
    let places = a.place().partial_cmp(b.place());
    let order = places.unwrap_or(Ordering::Equal);
    order.then_with(|| a.name.cmp(&b.name)).is_lt()
}
