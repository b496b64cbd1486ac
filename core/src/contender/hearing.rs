//! What a contender hears.

use alloc::vec::Vec;

use super::{Busy, Contender, Doubt, End, Event, Failed, Lock, Mode, Phase, Place, Queueing, SOON};
use crate::{Instant, Observer, Queue, Refusal, Snapshot, Ticket, Timestamp};

impl Contender {
    /// A watch brought a state of the lock, `None` if it was deleted, which arrived at `at`. A
    /// state that is older than what is known is passed over: watches lag.
    pub fn observe(&mut self, lock: Option<Snapshot>, at: Instant) {
        let is_old = match (&lock, self.version()) {
            (Some(lock), Some(known)) => lock.version.resource_version <= *known,
            // Whether a deletion came before or after what is known, only reading tells.
            (None, Some(_)) => {
                self.must_read = true;
                true
            }
            _ => false,
        };
        if !is_old {
            self.take_in(lock, at);
        }
    }

    /// A read was answered, at `at`, by a server whose clock showed `date`.
    pub fn read(&mut self, lock: Option<Snapshot>, date: Option<Timestamp>, at: Instant) {
        let taken = self.busy.take_if(|busy| matches!(busy, Busy::Read { .. }));
        let Some(Busy::Read { known }) = taken else {
            return;
        };
        self.pause = None;
        if let Some(open) = &mut self.open {
            open.is_read = true;
        }
        if lock.is_none() && self.version() != known.as_ref() {
            // The watch brought something meanwhile, which may be younger than the answer.
            self.must_read = true;
            return;
        }
        if let (Some(lock), Some(newest)) = (&lock, self.version())
            && lock.version.resource_version < *newest
        {
            let went_back = known.is_some_and(|known| lock.version.resource_version < known);
            if !went_back {
                // The watch was faster than the answer.
                return;
            }
            // The server was restored from a backup: what is remembered belongs to another history.
            self.doubts = Vec::new();
            self.queue = None;
            self.disbelieved = None;
            self.lock = Lock::Absent { until: None };
            if let Place::Given(_) = self.place {
                // It may never have been, or be older than it was.
                self.place = Place::Asked;
            }
        }
        if let (Some(lock), Some(date)) = (&lock, date) {
            self.dated = Some((lock.version.resource_version.clone(), date, at));
        }
        self.take_in(lock, at);
    }

    /// The tickets of the lock were listed.
    pub fn listed(&mut self, tickets: impl IntoIterator<Item = Ticket>) {
        if self
            .busy
            .take_if(|busy| matches!(busy, Busy::List))
            .is_none()
        {
            return;
        }
        let queue = Queue::new(tickets);
        self.queue = Some(queue);
        self.tell_ahead();
    }

    /// Our ticket was created, or found.
    pub fn enqueued(&mut self, ticket: Ticket) {
        if self
            .busy
            .take_if(|busy| matches!(busy, Busy::Enqueue))
            .is_some()
        {
            let served = self.served_through();
            if served.is_some_and(|served| served >= ticket.place()) {
                self.disbelieved = served.cloned();
            }
            self.place = Place::Given(ticket);
            self.told_ahead = None;
            // Listed without it.
            self.queue = None;
        }
    }

    /// Our ticket was deleted, or was not there.
    pub fn dequeued(&mut self) {
        match self
            .busy
            .take_if(|busy| matches!(busy, Busy::Dequeue { .. }))
        {
            Some(Busy::Dequeue { own: true }) => {
                self.place = Place::None;
                self.dequeue_again = None;
            }
            Some(_) => self.dead = None,
            None => return,
        }
        self.queue = None;
    }

    /// A write succeeded and made this of the lock; the answer arrived at `at`.
    pub fn written(&mut self, lock: Snapshot, at: Instant) {
        let taken = self.busy.take_if(|busy| matches!(busy, Busy::Write(_)));
        let Some(Busy::Write(doubt)) = taken else {
            return;
        };
        self.pause = None;
        if self
            .version()
            .is_some_and(|known| lock.version.resource_version < *known)
        {
            // What the watch brought since is the truth, but the write did land before that.
            self.landed(&doubt, &lock, at);
            self.check_hold();
            return;
        }
        self.doubts.push(doubt);
        self.take_in(Some(lock), at);
    }

    /// A request came to nothing, as it was known at `at`.
    pub fn failed(&mut self, failed: Failed, at: Instant) {
        let Some(busy) = self.busy.take() else {
            return;
        };
        let is_resigning = matches!(self.phase, Phase::Resigning { .. });
        let mut is_to_pause = !matches!(failed, Failed::Conflict);
        match (busy, failed) {
            (Busy::Write(_), Failed::Conflict) => {
                self.must_read = true;
                let outlives_holders = !self.exists_while_held();
                if let (Lock::Absent { until }, true) = (&mut self.lock, outlives_holders) {
                    // Somebody created it, and may believe though it is gone again when it is read.
                    *until = Some(at.saturating_add(self.timing.lease_duration()));
                }
                self.give_came_to_nothing();
                // The first time, somebody was faster. If it is the same version again, the server
                // means something else.
                is_to_pause = self.conflicts > 0;
                if is_to_pause && self.mode == Mode::Try && self.is_waiting() {
                    self.end_waiting(End::Contended, at);
                    is_to_pause = false;
                }
                self.conflicts = 1;
            }
            (Busy::Write(doubt), Failed::Unknown) => {
                // Read back at once, but not again and again.
                is_to_pause = !self.doubts.is_empty();
                self.doubts.push(doubt);
                self.must_read = true;
            }
            (Busy::Write(_) | Busy::Read { .. }, Failed::Denied) if self.is_waiting() => {
                self.end_waiting(End::Denied, at);
                is_to_pause = false;
            }
            (Busy::Write(_), Failed::NotSent | Failed::Denied) => self.give_came_to_nothing(),
            (Busy::Read { .. }, Failed::Denied) if is_resigning => {
                let may_be_named = self.is_named() || !self.doubts.is_empty();
                self.tell_end(may_be_named.then_some(Event::ReleaseFailed));
            }
            (Busy::Read { .. }, _) => {
                self.must_read = true;
                is_to_pause = true;
            }
            (busy @ (Busy::List | Busy::Enqueue), Failed::Denied) => {
                // Without the right to queue one waits without a place.
                if self.may_queue() && !is_resigning {
                    self.events.push_back(Event::CannotQueue);
                }
                self.queueing = Queueing::Denied;
                if matches!(busy, Busy::Enqueue) {
                    self.place = Place::None;
                }
                is_to_pause = false;
            }
            (Busy::List, _) if is_resigning => {
                // Better free than held by who is gone.
                self.queue = Some(Queue::default());
                is_to_pause = false;
            }
            (Busy::List | Busy::Enqueue, _) => is_to_pause = true,
            // A dead ticket is in nobody's way for long.
            (Busy::Dequeue { own: false }, _) => {
                self.dead = None;
                is_to_pause = false;
            }
            // Somebody edited it: it is to be found, or deleted by its name alone.
            (Busy::Dequeue { own: true }, Failed::Conflict)
                if !matches!(self.place, Place::Asked) =>
            {
                self.place = Place::Asked;
            }
            (Busy::Dequeue { own: true }, failed) => {
                let mut is_hopeless = failed == Failed::Denied;
                if let Phase::Resigning { since, .. } = self.phase {
                    is_hopeless |= at >= self.gives_up_at(since);
                }
                if is_hopeless {
                    self.place = Place::None;
                    is_to_pause = false;
                } else {
                    is_to_pause = !self.dequeue_later(at);
                }
            }
        }
        if is_to_pause {
            let period = self.timing.retry_period();
            let is_urgent = self.is_waiting() && self.is_named();
            let pause = if is_urgent { period.min(SOON) } else { period };
            self.pause = Some(at.saturating_add(pause));
        }
    }

    /// Neither a renewal nor a hand-over waits for a ticket that cannot be deleted. Tells whether
    /// there is one of them to come.
    fn dequeue_later(&mut self, at: Instant) -> bool {
        let comes_first = !self.is_waiting();
        if comes_first {
            self.dequeue_again = Some(at.saturating_add(self.timing.retry_period()));
        }
        comes_first
    }

    /// Takes in what is the newest truth.
    fn take_in(&mut self, lock: Option<Snapshot>, at: Instant) {
        let Some(lock) = lock else {
            self.take_in_deletion(at);
            return;
        };
        let is_first = matches!(self.lock, Lock::Unknown);
        let before = self.version().cloned();
        let is_other = self.lock_uid().is_some_and(|uid| *uid != lock.version.uid);
        if is_other {
            self.wait_out_the_last(at);
        }
        match &mut self.lock {
            Lock::Known(observer) => observer.observe(lock, at),
            Lock::Unknown | Lock::Absent { .. } => self.lock = Lock::Known(Observer::new(lock, at)),
        }
        if is_other {
            self.queue = None;
            self.lose_to_deletion();
        }
        let doubts = core::mem::take(&mut self.doubts);
        if let Some(lock) = self.snapshot().cloned() {
            if let Some(doubt) = doubts.iter().find(|doubt| doubt.write.stands_in(&lock)) {
                self.landed(doubt, &lock, at);
            } else if before.as_ref() == Some(&lock.version.resource_version) {
                // They may land yet.
                self.doubts = doubts;
            }
            if before.as_ref() != Some(&lock.version.resource_version) {
                // What failed before may succeed now.
                self.pause = None;
                self.conflicts = 0;
                // If it still is there for the taking, ranks are counted anew.
                self.open = None;
            }
        }
        if is_first {
            let is_offered = self.snapshot().is_some_and(|lock| lock.offer().is_some());
            if self.is_named() && !is_offered {
                // Another contender of this name has it, and it is not ours to give back.
                let refused = Event::NotAcquired(End::Refused(Refusal::AlreadyYours));
                let is_waiting = self.is_waiting();
                self.tell_end(is_waiting.then_some(refused));
                return;
            }
        }
        self.check_hold();
        self.tell_holder();
        self.tell_ahead();
    }

    fn take_in_deletion(&mut self, at: Instant) {
        if let Lock::Absent { .. } = self.lock {
            if self.exists_while_held() {
                // What was created unseen is gone again, and may be another's by now.
                self.doubts = Vec::new();
            }
            return;
        }
        self.wait_out_the_last(at);
        self.lock = Lock::Absent { until: None };
        self.doubts = Vec::new();
        self.queue = None;
        self.open = None;
        self.check_hold();
        self.tell_holder();
    }

    /// The lock that was known was deleted. Its last holder may believe on, and may have taken it
    /// unseen, for as long as we would.
    fn wait_out_the_last(&mut self, at: Instant) {
        if let Lock::Known(observer) = &self.lock
            && !self.exists_while_held()
        {
            let last = observer.latest().record.duration().unwrap_or_default();
            let last = last.max(self.timing.lease_duration());
            self.not_before = Some(at.saturating_add(last));
        }
    }

    /// A write of ours made, or had made, this of the lock.
    fn landed(&mut self, doubt: &Doubt, lock: &Snapshot, at: Instant) {
        if doubt.write.record().holder.as_deref() != Some(self.claim.identity.as_str()) {
            return;
        }
        match self.phase {
            // What was learnt too late names us, and that is all: it has to be confirmed.
            Phase::Waiting if at.since(doubt.sent) >= self.timing.renew_deadline() => {}
            Phase::Waiting => {
                let version = lock.version.resource_version.clone();
                self.begin_to_hold(version, doubt);
                self.keep_count(lock);
            }
            Phase::Holding(_) => {
                self.go_on_holding(doubt.sent);
                self.keep_count(lock);
            }
            Phase::Lost | Phase::Resigning { .. } | Phase::Ended => {}
        }
    }
}
