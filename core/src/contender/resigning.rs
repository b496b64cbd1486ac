//! What a contender does that gives the lock back, or stops waiting for it.

use alloc::string::String;

use super::{
    AFTER_DEAD, Action, Contender, Doubt, Event, Gave, HEARS_AT_ONCE, LINGERS, Phase, Place,
    Succession,
};
use crate::decide::{hand_over, hand_over_without_ticket, release};
use crate::{Instant, Snapshot, Ticket, Timestamp, Write};

impl Contender {
    pub(super) fn resign_on(
        &mut self,
        since: Instant,
        now: Instant,
        wall: Timestamp,
    ) -> Option<Action> {
        // The tickets go first: nobody hands a lock to who is not there any more.
        if let Some(action) = self.leave_queue(now).or_else(|| self.remove_dead()) {
            return Some(action);
        }
        if now >= self.gives_up_at(since) {
            let event = if self.is_named() || self.may_be_named_yet() {
                Some(Event::ReleaseFailed)
            } else {
                self.released()
            };
            self.tell_end(event);
            return None;
        }
        if self.must_read {
            return Some(Action::Read);
        }
        if !self.is_named() {
            if self.has_place() {
                // Nothing is left to do but to delete our ticket, when that is tried again.
                return None;
            }
            if self.lingers(now).is_some() || self.may_be_named_yet() {
                return None;
            }
            let event = self.released();
            self.tell_end(event);
            return None;
        }
        let Phase::Resigning {
            succession, gave, ..
        } = &self.phase
        else {
            return None;
        };
        if !matches!(gave, Gave::Nothing) && self.dequeues_at(now).is_some() {
            // It was named again, by its ticket. Two of them would name each other for ever.
            return None;
        }
        let lock = self.snapshot()?;
        let me = &self.claim.identity;
        let named = match succession {
            // What is created for somebody else would be there without them.
            Succession::To(to) if to != me && !self.exists_while_held() => Some(to),
            _ => None,
        };
        let wants_queue = !matches!(succession, Succession::Open) && self.may_queue();
        if wants_queue && self.queue.is_none() {
            return Some(Action::List {
                lock: lock.version.uid.clone(),
            });
        }
        let queue = self.queue.as_ref().filter(|_| wants_queue);
        let ticket = queue.and_then(|queue| match named {
            Some(to) => queue.first_of(to.as_str()),
            None => queue.next_besides(me.as_str(), self.served_through()),
        });
        let write = match (ticket, named) {
            (Some(ticket), named) => {
                hand_over(lock, me, &self.hurried(ticket), named.is_none(), wall)
            }
            (None, Some(to)) => hand_over_without_ticket(lock, me, to, wall),
            (None, None) => release(lock, me, wall),
        };
        let Ok(write) = write else {
            self.tell_end(Some(Event::ReleaseFailed));
            return None;
        };
        let to = write.record().holder().map(String::from);
        if let Phase::Resigning { gave, .. } = &mut self.phase {
            *gave = Gave::To(to);
        }
        Some(Action::Write(write))
    }

    /// Until when it has nothing to do but to listen whether it is named after all: who hands over
    /// lists the tickets first, so that one which is deleted in between is named all the same, and
    /// nobody but its waiter knows that it is gone. Only those who attend to a lock hand it over
    /// unasked.
    pub(super) fn lingers(&self, now: Instant) -> Option<Instant> {
        let Phase::Resigning {
            since,
            was_in_line: true,
            gave: Gave::Nothing,
            ..
        } = &self.phase
        else {
            return None;
        };
        let is_idle = self.place == Place::None && self.dead.is_none() && !self.must_read;
        let attended = self.snapshot().and_then(Snapshot::taker);
        let is_attended = attended.is_some_and(|taker| taker.attends);
        let until = since.saturating_add(LINGERS);
        (is_idle && is_attended && !self.is_named() && now < until).then_some(until)
    }

    /// Whether a write of which nobody knows what came of it would name us, should it land yet.
    pub(super) fn may_be_named_yet(&self) -> bool {
        let me = self.claim.identity.as_str();
        // What names a version lands on that version alone.
        let may_land = |write: &Write| match (write, self.snapshot()) {
            (Write::Create { .. }, lock) => lock.is_none(),
            (Write::Replace { version, .. }, Some(lock)) => *version == lock.version,
            // Such a lock may be deleted and created anew for one replacement.
            (Write::Replace { .. }, None) => self.exists_while_held(),
        };
        let names_us =
            |doubt: &Doubt| doubt.write.record().holder() == Some(me) && may_land(&doubt.write);
        self.doubts.iter().any(names_us)
    }

    /// By then the lock is free without us.
    pub(super) fn gives_up_at(&self, since: Instant) -> Instant {
        since.saturating_add(self.timing.lease_duration())
    }

    fn released(&self) -> Option<Event> {
        match &self.phase {
            Phase::Resigning {
                gave: Gave::To(to), ..
            } => Some(Event::Released { to: to.clone() }),
            _ => None,
        }
    }

    /// A write that gives the lock away did not land; if no other may have, it was not given.
    pub(super) fn give_came_to_nothing(&mut self) {
        if let Phase::Resigning { gave, .. } = &mut self.phase
            && self.doubts.is_empty()
        {
            *gave = Gave::Nothing;
        }
    }

    /// The ticket with the time that its waiter is given to confirm.
    fn hurried(&self, ticket: &Ticket) -> Ticket {
        let mut ticket = ticket.clone();
        if self.took_from_dead && ticket.window <= HEARS_AT_ONCE {
            ticket.window = ticket.window.min(AFTER_DEAD);
        }
        ticket
    }

    /// Deletes our ticket, if there may be one.
    pub(super) fn leave_queue(&self, now: Instant) -> Option<Action> {
        if self.dequeues_at(now).is_some() {
            return None;
        }
        let version = match &self.place {
            Place::None => return None,
            Place::Asked => None,
            Place::Given(ticket) => Some(ticket.version.clone()),
        };
        Some(Action::Dequeue {
            name: None,
            version,
            uid: None,
        })
    }
}
