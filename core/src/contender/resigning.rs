//! What a contender does that gives the lock back, or stops waiting for it.

use alloc::string::String;

use super::{Action, Contender, Event, Phase, Place, Succession};
use crate::decide::{hand_over, release};
use crate::{Instant, Timestamp};

impl Contender {
    pub(super) fn resign_on(
        &mut self,
        succession: Succession,
        since: Instant,
        now: Instant,
        wall: Timestamp,
    ) -> Option<Action> {
        // The ticket goes first: nobody hands a lock to who is not there any more.
        if let Some(action) = self.leave_queue() {
            return Some(action);
        }
        if now >= since.saturating_add(self.timing.lease_duration()) {
            let event = self.is_named().then_some(Event::ReleaseFailed);
            self.tell_end(event);
            return None;
        }
        if self.must_read {
            return Some(Action::Read);
        }
        if !self.is_named() {
            let event = self.gave().then(|| Event::Released {
                to: self.granted_to(),
            });
            self.tell_end(event);
            return None;
        }
        let lock = self.snapshot()?;
        let wants_queue = succession == Succession::Queue && self.may_queue;
        if wants_queue && self.queue.is_none() {
            return Some(Action::List {
                lock: lock.version.uid.clone(),
            });
        }
        let me = &self.claim.identity;
        let head = match &self.queue {
            Some(queue) if wants_queue => queue.head_besides(me.as_str()),
            _ => None,
        };
        let write = match head {
            Some(ticket) => hand_over(lock, me, ticket, true, wall),
            None => release(lock, me, wall),
        };
        let Ok(write) = write else {
            self.tell_end(Some(Event::ReleaseFailed));
            return None;
        };
        if let Phase::Resigning { gave, .. } = &mut self.phase {
            *gave = true;
        }
        Some(Action::Write(write))
    }

    /// Deletes our ticket, if there may be one.
    pub(super) fn leave_queue(&self) -> Option<Action> {
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

    fn gave(&self) -> bool {
        matches!(self.phase, Phase::Resigning { gave: true, .. })
    }

    /// To whom the lock was handed over.
    fn granted_to(&self) -> Option<String> {
        let grant = self.snapshot()?.notes.grant.as_ref()?;
        Some(grant.to.clone())
    }
}
