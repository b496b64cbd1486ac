//! What a contender does that holds the lock.

use alloc::string::String;

use super::{Action, Contender, Event, Hold, Lock, Loss, Phase};
use crate::decide::{acquire, keep};
use crate::{FencingToken, Instant, Look, ResourceVersion, Standing, Timestamp, judge};

impl Contender {
    /// The lock is ours, by a write that was sent at `sent` and made this version.
    pub(super) fn begin_to_hold(
        &mut self,
        version: ResourceVersion,
        sent: Instant,
        from: Option<(String, Standing)>,
    ) {
        let token = FencingToken::new(version);
        self.events.push_back(Event::Acquired {
            token: token.clone(),
            from,
        });
        self.phase = Phase::Holding(Hold {
            token,
            sent,
            renew_at: sent.saturating_add(self.timing.retry_period()),
            at_risk: false,
            asked: false,
        });
        self.open_since = None;
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
        if let Some(action) = self.leave_queue() {
            return Some(action);
        }
        if let Some(dead) = &self.dead {
            return Some(Action::Dequeue {
                name: Some(dead.ticket.clone()),
                version: None,
                uid: Some(dead.uid.clone()),
            });
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
            return None;
        };
        if let Ok(write) = write {
            return Some(Action::Write(write));
        }
        // A record that has become something else ends in loss, when belief runs out.
        self.pause_until(now.saturating_add(self.timing.retry_period()));
        None
    }

    pub(super) fn holds_until(&self, hold: &Hold) -> Instant {
        let half = hold.sent.saturating_add(self.timing.renew_deadline() / 2);
        let end = hold.sent.saturating_add(self.timing.renew_deadline());
        let warning = if hold.at_risk { end } else { half };
        if self.busy.is_some() {
            warning
        } else {
            hold.renew_at.min(warning)
        }
    }

    pub(super) fn tick_holding(&mut self, now: Instant) {
        let deadline = self.timing.renew_deadline();
        let Phase::Holding(hold) = &mut self.phase else {
            return;
        };
        let end = hold.sent.saturating_add(deadline);
        if now >= end {
            self.lose(Loss::NotRenewed);
        } else if !hold.at_risk && now >= hold.sent.saturating_add(deadline / 2) {
            hold.at_risk = true;
            self.events.push_back(Event::AtRisk { until: end });
        }
    }

    /// Compares what was heard of the lock with what a holder may hear.
    pub(super) fn check_hold(&mut self) {
        let me = self.claim.identity.as_str();
        let loss = match (&self.lock, &self.phase) {
            (_, Phase::Waiting | Phase::Lost | Phase::Resigning { .. } | Phase::Ended)
            | (Lock::Unknown, _) => return,
            (Lock::Absent { .. }, _) => Loss::Deleted,
            (Lock::Known(observer), _) => {
                let lock = observer.latest();
                match lock.record.holder() {
                    Some(holder) if holder == me => {
                        self.check_asked();
                        return;
                    }
                    _ if lock.notes.broken.as_deref() == Some(me) => Loss::Broken,
                    Some(holder) => Loss::Taken { by: holder.into() },
                    // To be taken back.
                    None => return,
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
