//! What a contender does that does not hold the lock.

use alloc::string::String;

use super::{
    Action, Contender, End, Event, Lock, MOST_STEPS, Mode, Opening, Phase, Place, STEP, Taken,
};
use crate::decide::{acquire, confirm};
use crate::{
    Evidence, Grant, Instant, Judged, Look, MARGIN, Observer, Queue, Refusal, ResourceVersion,
    Standing, State, Timestamp, Write, judge,
};

impl Contender {
    pub(super) fn wait(&mut self, now: Instant, wall: Timestamp) -> Option<Action> {
        if self.must_read {
            return Some(Action::Read);
        }
        match &self.lock {
            Lock::Unknown => Some(Action::Read),
            Lock::Absent { .. } if self.created_at(now) > now => {
                if self.mode == Mode::Try {
                    self.end_waiting(End::Contended, now);
                }
                None
            }
            Lock::Absent { .. } => match acquire(None, &self.claim, wall) {
                Ok(write) => Some(Action::Write(write)),
                Err(refusal) => self.refuse(refusal, now),
            },
            Lock::Known(_) if self.is_named() => self.take_what_names_us(now, wall),
            Lock::Known(_) => {
                if let Some(action) = self.leave_stale_place(now) {
                    return Some(action);
                }
                if self.pause.is_some() {
                    return None;
                }
                if self.asks_for_the_date() {
                    return Some(Action::Read);
                }
                match self.chance(now, wall) {
                    Chance::Take(write, standing) => self.take_in_turn(write, standing, now),
                    Chance::Never(refusal) => self.refuse(refusal, now),
                    Chance::NotYet => self.stand_in_line(now),
                }
            }
        }
    }

    /// When waiting alone may lead on.
    pub(super) fn waits_until(&self, now: Instant) -> Option<Instant> {
        let until = match (&self.lock, self.open) {
            (Lock::Unknown, _) => Some(now),
            (Lock::Absent { .. }, _) => Some(self.created_at(now)),
            (Lock::Known(_), _) if self.not_before.is_some() => self.not_before,
            (Lock::Known(_), Some(open)) => Some(open.since.saturating_add(self.delay())),
            (Lock::Known(observer), None) if observer.latest().dialect.ends_as_stated() => {
                let bounded = observer.latest().record.duration();
                // Where the clocks disagree, one of them comes to it by and by.
                let later = now.saturating_add(self.timing.retry_period());
                bounded.map(|_| self.stamped_end(now).unwrap_or(later))
            }
            (Lock::Known(observer), None) => {
                let left = observer.remaining(now);
                let by_stamp = self.stamped_end(now);
                left.map(|left| {
                    let observed = now.saturating_add(left);
                    by_stamp.map_or(observed, |stamped| stamped.min(observed))
                })
            }
        };
        [until, self.deadline()].into_iter().flatten().min()
    }

    /// When a lock that does not exist may be created: when nobody believes any more who held it.
    fn created_at(&self, now: Instant) -> Instant {
        let until = match self.lock {
            Lock::Absent { until } => until,
            Lock::Unknown | Lock::Known(_) => None,
        };
        until.max(self.not_before).unwrap_or(now)
    }

    /// A hand-over, or a write of ours that was given up: only a write of now makes us the holder.
    fn take_what_names_us(&mut self, now: Instant, wall: Timestamp) -> Option<Action> {
        let confirmed = self
            .snapshot()
            .map(|lock| confirm(lock, &self.claim, wall))?;
        match confirmed {
            Ok(write) => Some(Action::Write(write)),
            Err(refusal) => self.refuse(refusal, now),
        }
    }

    /// Gives up a place that is worth nothing: in the queue of a lock that was deleted, or passed
    /// by.
    fn leave_stale_place(&mut self, now: Instant) -> Option<Action> {
        let Place::Given(ticket) = &self.place else {
            return None;
        };
        let lock = self.snapshot()?;
        let is_other_lock = ticket.lock != lock.version.uid;
        let was_passed_by = self.served_through().is_some_and(|served| {
            served >= ticket.place() && self.disbelieved.as_ref() != Some(served)
        });
        if is_other_lock || was_passed_by {
            return Some(Action::Dequeue {
                name: None,
                version: Some(ticket.version.clone()),
                uid: None,
            });
        }
        let was_removed = self
            .queue
            .as_ref()
            .is_some_and(|queue| !queue.has(&ticket.version.uid));
        if was_removed {
            // Whoever did that may do it again and again.
            self.place = Place::None;
            self.pause_until(now.saturating_add(self.timing.retry_period()));
        }
        None
    }

    /// What the lock offers now, by the best evidence that there is.
    fn chance(&self, now: Instant, wall: Timestamp) -> Chance {
        let Lock::Known(observer) = &self.lock else {
            return Chance::NotYet;
        };
        if self.not_before.is_some_and(|until| now < until) {
            return Chance::NotYet;
        }
        let observed = self.try_to_take(&observer.judged(now), wall);
        match observed {
            Chance::NotYet => match self.stamped(observer, now) {
                Some(judged) => self.try_to_take(&judged, wall),
                None => observed,
            },
            observed => observed,
        }
    }

    fn try_to_take(&self, judged: &Judged<'_>, wall: Timestamp) -> Chance {
        match acquire(Some(judged), &self.claim, wall) {
            Ok(write) => Chance::Take(write, *judged.standing()),
            Err(
                // Somebody may put in order what never ends by itself.
                Refusal::Held { .. }
                | Refusal::Malformed
                | Refusal::Unbounded
                | Refusal::Unproven
                | Refusal::DateAhead { .. }
                | Refusal::RecordAhead { .. },
            ) => Chance::NotYet,
            Err(refusal) => Chance::Never(refusal),
        }
    }

    /// The lock judged by the API server's date of the reading, moved on by our clock.
    ///
    /// Not once it was seen to change: what we saw ourselves tells when that was, and a stamp that
    /// is older than that can only come from clocks that are wrong, however many agree. But what
    /// ends as it was stated is not renewed, whatever was seen.
    fn stamped<'a>(&self, observer: &'a Observer, now: Instant) -> Option<Judged<'a>> {
        let lock = observer.latest();
        let was_seen_to_change = matches!(
            observer.look(now),
            Look::Observed {
                change_seen: true,
                ..
            }
        );
        if was_seen_to_change && !lock.dialect.ends_as_stated() {
            return None;
        }
        let (version, date, at) = self.dated.as_ref()?;
        (*version == lock.version.resource_version && lock.stamp.is_some()).then(|| {
            let date = date.saturating_add(now.since(*at));
            judge(lock, Look::Stamped { date })
        })
    }

    /// Whether only the API server's date tells how the lock stands, and was not asked for yet.
    fn asks_for_the_date(&mut self) -> bool {
        let Some(lock) = self.snapshot() else {
            return false;
        };
        let version = &lock.version.resource_version;
        let is_dated = self.dated.as_ref().is_some_and(|dated| dated.0 == *version);
        if is_dated || !lock.dialect.ends_as_stated() || lock.record.duration().is_none() {
            return false;
        }
        let asks = self.date_asked.as_ref() != Some(version);
        if asks {
            self.date_asked = Some(version.clone());
        }
        asks
    }

    /// When the lock will be over by its stamp.
    fn stamped_end(&self, now: Instant) -> Option<Instant> {
        let Lock::Known(observer) = &self.lock else {
            return None;
        };
        let judged = self.stamped(observer, now)?;
        let evidence = judged.standing().evidence?;
        if judged.standing().state == State::Expired {
            // Other clocks are against it; observation decides.
            return None;
        }
        let lease = observer.latest().record.duration()?;
        let whole = lease.saturating_add(evidence.margin());
        let left = whole.saturating_sub(evidence.age());
        // Over is after its end, not at it.
        Some(now.saturating_add(left + core::time::Duration::from_millis(1)))
    }

    /// Takes a lock that became open without a hand-over, after those who waited longer.
    fn take_in_turn(&mut self, write: Write, standing: Standing, now: Instant) -> Option<Action> {
        if self.open.is_none() {
            // Ranks are counted when the lock opens.
            self.queue = None;
        }
        let open = *self.open.get_or_insert(Opening {
            since: now,
            is_read: false,
        });
        if self.may_queue() {
            let Some(queue) = &self.queue else {
                return self.lock_uid().cloned().map(|lock| Action::List { lock });
            };
            let own = match &self.place {
                Place::Given(ticket) => Some(&ticket.version.uid),
                Place::None | Place::Asked => None,
            };
            let others = queue.has_others(self.claim.identity.as_str());
            let is_behind = own.is_none() && others;
            if is_behind && self.mode == Mode::Try && self.is_forgotten(queue, now) {
                // Whoever waited would have come by now.
            } else if is_behind {
                if self.mode == Mode::Try {
                    self.end_waiting(End::Contended, now);
                    return None;
                }
                return self.enqueue();
            }
        }
        if now < open.since.saturating_add(self.delay()) {
            return None;
        }
        let by_stamp = matches!(standing.evidence, Some(Evidence::Stamped { .. }));
        if standing.state == State::Expired && !by_stamp && !open.is_read {
            // A server that was restored from a backup gives versions a second time.
            return Some(Action::Read);
        }
        let lock = self.snapshot()?;
        let offer = lock.offer();
        // One who was named and never confirmed held nothing.
        let holder = lock.record.holder().filter(|_| offer.is_none());
        let from = holder.map(|holder| (String::from(holder), standing));
        let is_listed = |grant: &&Grant| {
            let queue = self.queue.as_ref();
            queue.is_some_and(|queue| queue.has(&grant.uid))
        };
        self.takes = Taken {
            from,
            was_offered: offer.is_some(),
            dead: offer.filter(is_listed).cloned(),
        };
        Some(Action::Write(write))
    }

    /// Whether nobody has come for so long, by the API server's clock, that those in line are dead.
    fn is_forgotten(&self, queue: &Queue, now: Instant) -> bool {
        let Some((lock, (_, date, at))) = self.snapshot().zip(self.dated.as_ref()) else {
            return false;
        };
        let Some(stamp) = lock.stamp else {
            return false;
        };
        let held = lock.record.holder().and(lock.record.duration());
        let longest = queue.tickets().iter().map(|ticket| ticket.window).max();
        let enough = held
            .unwrap_or_default()
            .saturating_add(longest.unwrap_or_default())
            .saturating_add(MARGIN);
        date.saturating_add(now.since(*at)).since(stamp) > enough
    }

    /// At most how many come before us once the lock is given back; `None` if that is not known, or
    /// if the lock is there for the taking, or names us.
    pub fn ahead(&self) -> Option<usize> {
        let waits = self.is_waiting() && self.open.is_none() && !self.is_named();
        self.told_ahead.filter(|_| waits)
    }

    /// How long those before us have to be faster.
    fn delay(&self) -> core::time::Duration {
        let own = match &self.place {
            Place::Given(ticket) => Some(&ticket.version.uid),
            Place::None | Place::Asked => None,
        };
        let rank = match &self.queue {
            Some(queue) => queue.before(own),
            // Who cannot see the queue comes after it.
            None if self.mode != Mode::Try && !self.exists_while_held() => MOST_STEPS as usize,
            None => 0,
        };
        STEP * u32::try_from(rank).unwrap_or(MOST_STEPS).min(MOST_STEPS)
    }

    /// Somebody holds the lock: makes sure of a place.
    fn stand_in_line(&mut self, now: Instant) -> Option<Action> {
        self.open = None;
        if self.mode == Mode::Try {
            self.end_waiting(End::Contended, now);
            return None;
        }
        if !self.may_queue() {
            return None;
        }
        match (&self.place, &self.queue) {
            (Place::None | Place::Asked, _) => self.enqueue(),
            // Once, to tell how many are ahead.
            (Place::Given(_), None) => self.lock_uid().cloned().map(|lock| Action::List { lock }),
            (Place::Given(_), Some(_)) => None,
        }
    }

    fn enqueue(&mut self) -> Option<Action> {
        let lock = self.lock_uid().cloned()?;
        self.place = Place::Asked;
        Some(Action::Enqueue {
            lock,
            window: self.window,
        })
    }

    /// Up to which ticket all were served, as the lock says.
    pub(super) fn served_through(&self) -> Option<&ResourceVersion> {
        self.snapshot()?.notes.served_through.as_ref()
    }

    /// Tells how many come before us, when they are fewer than was told.
    pub(super) fn tell_ahead(&mut self) {
        let (Place::Given(ticket), Phase::Waiting, Some(queue), None) =
            (&self.place, &self.phase, &self.queue, self.open)
        else {
            return;
        };
        let ahead = queue.ahead_of(&ticket.version.uid, self.served_through());
        if self.told_ahead.is_none_or(|told| ahead < told) {
            self.told_ahead = Some(ahead);
            self.events.push_back(Event::Queued { ahead });
        }
    }

    fn refuse(&mut self, refusal: Refusal, now: Instant) -> Option<Action> {
        self.end_waiting(End::Refused(refusal), now);
        None
    }

    /// Tells who holds the lock, when that changes.
    pub(super) fn tell_holder(&mut self) {
        let holder = self.snapshot().and_then(|lock| {
            // A hand-over that is not confirmed makes nobody the holder.
            let holder = lock.record.holder().filter(|_| lock.offer().is_none());
            holder.map(String::from)
        });
        if self.told_holder != holder {
            let lock = self.snapshot();
            let since = lock
                .filter(|_| holder.is_some())
                .and_then(|lock| lock.record.acquired());
            let told = holder.clone();
            self.told_holder = holder;
            let holder = told;
            self.events
                .push_back(Event::HolderChanged { holder, since });
        }
    }
}

/// What a lock offers.
enum Chance {
    /// It can be taken by this write, as it stands.
    Take(Write, Standing),
    /// No waiting helps.
    Never(Refusal),
    /// Not yet.
    NotYet,
}
