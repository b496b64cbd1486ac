//! What a contender does that holds the lock.

use alloc::string::String;

use super::{Action, Contender, Doubt, Event, Hold, Lock, Loss, Owner, Phase};
use crate::decide::{acquire, keep};
use crate::{FencingToken, Instant, Look, ResourceVersion, Snapshot, Timestamp, judge};

impl Contender {
    /// The lock is ours, by a write that was sent at `sent` and made this version.
    pub(super) fn begin_to_hold(&mut self, version: ResourceVersion, by: &Doubt) {
        let Doubt { sent, takes, .. } = by;
        let token = FencingToken::new(version);
        self.events.push_back(Event::Acquired {
            token: token.clone(),
            from: takes.from.clone(),
        });
        self.phase = Phase::Holding(Hold {
            token,
            sent: *sent,
            renew_at: sent.saturating_add(self.timing.retry_period()),
            at_risk: false,
            asked: false,
            transitions: None,
        });
        self.dead.clone_from(&takes.dead);
        self.took_from_dead = takes.was_offered;
        self.open = None;
        self.not_before = None;
        self.pause = None;
        self.queue = None;
        self.told_holder = Some(self.claim.identity.as_str().into());
    }

    /// A write that keeps the lock succeeded; it was sent at `sent`.
    pub(super) fn go_on_holding(&mut self, sent: Instant) {
        let period = self.timing.retry_period();
        if let Phase::Holding(hold) = &mut self.phase
            && sent > hold.sent
        {
            hold.sent = sent;
            hold.renew_at = sent.saturating_add(period);
            hold.at_risk = false;
            self.pause = None;
            self.events.push_back(Event::Renewed);
        }
    }

    pub(super) fn hold(&mut self, now: Instant, wall: Timestamp) -> Option<Action> {
        if self.must_read {
            return Some(Action::Read);
        }
        let Phase::Holding(hold) = &self.phase else {
            return None;
        };
        let lock = self.snapshot()?;
        let write = if lock.record.holder().is_none() {
            // Somebody blanked it by mistake. Nobody held it since, so the token stays.
            acquire(Some(&judge(lock, Look::FIRST)), &self.claim, wall)
        } else if now >= hold.renew_at {
            keep(lock, &self.claim, wall)
        } else {
            return self.leave_queue(now).or_else(|| self.remove_dead());
        };
        if let Ok(write) = write {
            return Some(Action::Write(write));
        }
        // A record that has become something else ends in loss, when belief runs out.
        self.pause_until(now.saturating_add(self.timing.retry_period()));
        None
    }

    /// Deletes the ticket of one who was named and did not confirm.
    pub(super) fn remove_dead(&self) -> Option<Action> {
        let dead = self.dead.as_ref()?;
        Some(Action::Dequeue {
            name: Some(dead.ticket.clone()),
            version: None,
            uid: Some(dead.uid.clone()),
        })
    }

    /// When a holder that hears nothing has to be told, or stops to be one.
    pub(super) fn warns_at(&self, hold: &Hold) -> Instant {
        if hold.at_risk {
            hold.sent.saturating_add(self.timing.renew_deadline())
        } else {
            self.risk(hold)
        }
    }

    fn risk(&self, hold: &Hold) -> Instant {
        let half = (self.timing.retry_period() + self.timing.renew_deadline()) / 2;
        hold.sent.saturating_add(half)
    }

    pub(super) fn tick_holding(&mut self, now: Instant) {
        let Phase::Holding(hold) = &self.phase else {
            return;
        };
        let end = hold.sent.saturating_add(self.timing.renew_deadline());
        let is_at_risk = now >= self.risk(hold);
        if now >= end {
            self.lose(Loss::NotRenewed);
        } else if let Phase::Holding(hold) = &mut self.phase
            && is_at_risk
            && !hold.at_risk
        {
            hold.at_risk = true;
            self.events.push_back(Event::AtRisk { until: end });
        }
    }

    /// Compares what was heard of the lock with what a holder may hear.
    pub(super) fn check_hold(&mut self) {
        let loss = match (&self.lock, &self.phase) {
            (Lock::Unknown, _)
            | (_, Phase::Waiting | Phase::Lost | Phase::Resigning { .. } | Phase::Ended) => return,
            (Lock::Absent { .. }, Phase::Holding(_)) => Loss::Deleted,
            (Lock::Known(observer), Phase::Holding(hold)) => {
                let lock = observer.latest();
                let broken = lock.notes.broken.as_ref();
                let broken = broken.map(|broken| broken.holder.as_str());
                match self.owner(lock) {
                    Owner::Us => {
                        self.check_asked();
                        return;
                    }
                    _ if broken == Some(self.claim.identity.as_str()) => Loss::Broken,
                    Owner::Other(holder) => Loss::Taken { by: holder.into() },
                    // Somebody held it since, and does not any more.
                    Owner::Nobody if lock.record.transitions != hold.transitions => {
                        Loss::Taken { by: String::new() }
                    }
                    // To be taken back.
                    Owner::Nobody => return,
                }
            }
        };
        self.lose(loss);
    }

    /// The lease has another uid than the one that was held.
    pub(super) fn lose_to_deletion(&mut self) {
        if matches!(self.phase, Phase::Holding(_)) {
            self.lose(Loss::Deleted);
        }
    }

    /// A write of ours left the lock like this.
    pub(super) fn keep_count(&mut self, lock: &Snapshot) {
        if let Phase::Holding(hold) = &mut self.phase {
            hold.transitions = lock.record.transitions;
        }
    }

    fn check_asked(&mut self) {
        let is_asked = self.snapshot().is_some_and(|lock| {
            lock.notes.release_asked.as_deref() == Some(self.claim.identity.as_str())
        });
        if let Phase::Holding(hold) = &mut self.phase
            && is_asked
            && !hold.asked
        {
            hold.asked = true;
            self.events.push_back(Event::ReleaseAsked);
        }
    }

    fn lose(&mut self, loss: Loss) {
        self.events.push_back(Event::Lost(loss));
        self.phase = Phase::Lost;
    }
}
