//! Who waits behind a holder, kept in view while it holds.
//!
//! Whoever is next could be looked up when the lock is given back, but then everybody waits for
//! that answer. A waiter has listed the tickets to learn its place, and once it holds the lock, one
//! watch from that list on brings its view up to date: a request in place of another one, at a
//! time when nobody waits for it.

use std::time::Duration;

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use lease_core::{Identity, Instant, ResourceVersion, Ticket, Uid};

use crate::lease_store::List;
use crate::store::{ReadError, Store};
use crate::watch::Change;

/// A list that is older is no place to begin a watch: the server may remember too little by then.
/// And where locks are held for so long, nobody minds a list when one is given back.
const FRESH: Duration = Duration::from_secs(30);
/// A watch that told nothing for so long may be broken.
const HEARD: Duration = Duration::from_secs(60);

/// What is known of those who wait behind us.
#[derive(Default)]
pub(super) enum Line {
    #[default]
    Unknown,
    /// They were listed once.
    Listed { known: Known, at: Instant },
    /// A watch goes on where the list ended.
    Followed {
        known: Known,
        changes: BoxStream<'static, TicketChange>,
        /// When it last told something.
        heard: Instant,
    },
}

type TicketChange = Result<Change<Option<Ticket>>, ReadError>;

pub(super) struct Known {
    lock: Uid,
    /// Our own place.
    own: ResourceVersion,
    /// Our own ticket and those behind it. Those before it were served by the time when it is.
    tickets: Vec<Ticket>,
    /// The version up to which this is how it was.
    as_of: ResourceVersion,
}

impl Line {
    /// Takes in a list, in which our own ticket is if we wait.
    pub(super) fn listed(&mut self, list: List<Ticket>, me: &Identity, at: Instant) {
        let List {
            leases: mut tickets,
            resource_version,
        } = list;
        let own = tickets.iter().find(|ticket| is_of(ticket, me)).cloned();
        *self = own.map_or(Self::Unknown, |own| {
            tickets.retain(|ticket| ticket.place() >= own.place());
            let known = Known {
                own: own.place().clone(),
                lock: own.lock,
                tickets,
                as_of: resource_version,
            };
            Self::Listed { known, at }
        });
    }

    /// Begins to follow who waits for a lock that is ours now, if that is of use.
    pub(super) fn follow<S: Store>(&mut self, store: &S, namespace: &str, now: Instant) {
        let Self::Listed { known, at } = std::mem::take(self) else {
            return;
        };
        if now.since(at) < FRESH {
            let changes = store.watch_tickets(namespace, &known.lock, known.as_of.clone());
            *self = Self::Followed {
                known,
                changes: changes.boxed(),
                heard: now,
            };
        }
    }

    /// Waits for the next change; for ever if none can come.
    pub(super) async fn changed(&mut self) -> Option<TicketChange> {
        match self {
            Self::Followed { changes, .. } => changes.next().await,
            Self::Unknown | Self::Listed { .. } => std::future::pending().await,
        }
    }

    /// Takes in a change. What interrupts the watch ends the view.
    pub(super) fn take_in(&mut self, change: Option<TicketChange>, at: Instant) {
        let Self::Followed { known, heard, .. } = self else {
            return;
        };
        let is_sound = match change {
            Some(Ok(Change::Applied(Some(ticket)))) => known.change(ticket, true),
            Some(Ok(Change::Deleted(Some(ticket)))) => known.change(ticket, false),
            Some(Ok(Change::Progress)) => true,
            _ => false,
        };
        *heard = at;
        if !is_sound {
            *self = Self::Unknown;
        }
    }

    /// Who waits for this lock, which was given to us in order if all up to our own place were
    /// served; `None` if a list may tell something else. Where nobody waits, only a list is sure of
    /// that.
    pub(super) fn tickets(
        &mut self,
        lock: &Uid,
        me: &Identity,
        served: Option<&ResourceVersion>,
        now: Instant,
    ) -> Option<Vec<Ticket>> {
        // What has arrived by now counts.
        while let Some(change) = self.changed().now_or_never() {
            self.take_in(change, now);
        }
        let Self::Followed { known, heard, .. } = self else {
            return None;
        };
        // The end of our own ticket shows that the watch has come as far as to our own time.
        let is_known = known.lock == *lock
            && served.is_some_and(|served| *served == known.own)
            && !known.tickets.iter().any(|ticket| is_of(ticket, me))
            && !known.tickets.is_empty()
            && now.since(*heard) < HEARD;
        is_known.then(|| known.tickets.clone())
    }
}

fn is_of(ticket: &Ticket, who: &Identity) -> bool {
    ticket.holder == who.as_str()
}

impl Known {
    /// Takes in a ticket that came, changed or went, and tells whether that can be.
    fn change(&mut self, ticket: Ticket, is_there: bool) -> bool {
        let version = &ticket.version.resource_version;
        if *version <= self.as_of {
            // The server was restored to an older state.
            return false;
        }
        self.as_of = version.clone();
        let uid = &ticket.version.uid;
        self.tickets.retain(|known| known.version.uid != *uid);
        if is_there {
            self.tickets.push(ticket);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use lease_core::Version;

    use super::*;

    const LOCK: &str = "l";

    fn version(number: u32) -> ResourceVersion {
        ResourceVersion::new(number.to_string())
    }

    fn ticket(holder: &str, number: u32) -> Ticket {
        Ticket {
            holder: holder.to_owned(),
            lock: Uid::new(LOCK),
            name: holder.to_owned(),
            version: Version {
                uid: Uid::new(holder),
                resource_version: version(number),
            },
            window: Duration::from_secs(2),
        }
    }

    fn at(second: u64) -> Instant {
        Instant::from_nanos(second * 1_000_000_000)
    }

    fn me() -> Identity {
        Identity::new("me").unwrap()
    }

    /// A queue of which we listed ourselves, one before and one behind us, and what a watch tells
    /// since then.
    fn followed(changes: Vec<Change<Option<Ticket>>>) -> Line {
        let mut line = Line::default();
        let list = List {
            leases: vec![ticket("z", 9), ticket("me", 7), ticket("before", 5)],
            resource_version: version(10),
        };
        line.listed(list, &me(), at(1));
        let Line::Listed { known, .. } = line else {
            panic!("we are in the list");
        };
        Line::Followed {
            known,
            changes: stream::iter(changes)
                .map(Ok)
                .chain(stream::pending())
                .boxed(),
            heard: at(1),
        }
    }

    /// Who waits behind us, when all up to `served` were served.
    fn seen(
        changes: Vec<Change<Option<Ticket>>>,
        served: u32,
        now: Instant,
    ) -> Option<Vec<String>> {
        let served = version(served);
        let tickets = followed(changes).tickets(&Uid::new(LOCK), &me(), Some(&served), now)?;
        Some(tickets.into_iter().map(|ticket| ticket.holder).collect())
    }

    fn came(holder: &str, number: u32) -> Change<Option<Ticket>> {
        Change::Applied(Some(ticket(holder, number)))
    }

    fn went(holder: &str, number: u32) -> Change<Option<Ticket>> {
        Change::Deleted(Some(ticket(holder, number)))
    }

    #[test]
    fn who_came_and_went_since_the_list_is_known() {
        let changes = vec![went("before", 11), came("y", 12), went("me", 13)];
        assert_eq!(seen(changes, 7, at(2)).unwrap(), ["z", "y"]);
        let changes = vec![came("y", 12), went("me", 13), went("z", 14)];
        assert_eq!(seen(changes, 7, at(2)).unwrap(), ["y"]);
        // Edited, it is behind all others.
        let changes = vec![came("y", 12), went("me", 13), came("z", 14)];
        assert_eq!(seen(changes, 7, at(2)).unwrap(), ["y", "z"]);
    }

    #[test]
    fn what_a_list_could_tell_otherwise_is_not_known() {
        let changes = || vec![went("before", 11), went("me", 12)];
        assert_eq!(seen(changes(), 7, at(2)).unwrap(), ["z"]);
        let not_so_far = vec![went("before", 11)];
        assert_eq!(seen(not_so_far, 7, at(2)), None);
        let nobody = vec![went("me", 11), went("z", 12)];
        assert_eq!(seen(nobody, 7, at(2)), None);
        let went_back = vec![went("before", 11), went("me", 9)];
        assert_eq!(seen(went_back, 7, at(2)), None);
        let listed_anew = Change::Listed {
            leases: vec![Some(ticket("z", 9))],
            date: None,
        };
        assert_eq!(seen(vec![went("me", 11), listed_anew], 7, at(2)), None);
        // Out of turn, some before us may wait still.
        assert_eq!(seen(changes(), 5, at(2)), None);
        // Nothing was heard for long.
        assert!(seen(changes(), 7, at(61)).is_some());
        let mut silent = followed(changes());
        let uid = Uid::new(LOCK);
        let mut ask = |second| silent.tickets(&uid, &me(), Some(&version(7)), at(second));
        assert!(ask(2).is_some());
        assert!(ask(62).is_none());
        assert_eq!(
            followed(changes()).tickets(&Uid::new("other"), &me(), Some(&version(7)), at(2)),
            None
        );
    }
}
