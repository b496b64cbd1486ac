//! What can happen next in a world.

use lease_core::decide::ask_release;
use lease_core::{Action, Write};

use crate::client::{Client, LEASE, Wire};
use crate::peer::Peer;
use crate::world::World;

/// How a holder gives the lock back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Giving {
    ToQueue,
    ToAll,
    /// To the client of this index, waiting or not.
    To(usize),
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    AskRelease,
    BackUp,
    /// Somebody breaks the lock, at once or with a tombstone.
    Break {
        at_once: bool,
    },
    /// A waiter has waited enough.
    Cancel(usize),
    Crash(usize),
    Deafen(usize),
    DeleteLock,
    Deliver(usize),
    /// Time passes, but for this client's clock.
    Drift(usize),
    EditTicket,
    GiveUp(usize),
    /// Somebody who does not hold the lock hands it over.
    PassOn,
    Land(usize),
    /// The write is done, and the reply is lost.
    LoseReply(usize),
    Pause(usize),
    PeerReads,
    PeerReleases,
    PeerWrites,
    Resign(usize, Giving),
    Restore,
    Resume(usize),
    Send(usize),
    Serve(usize),
    Tick,
    Watch(usize),
}

impl World {
    /// What can happen, which may turn out to change nothing.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let left = &self.left;
        // A peer's belief counts from the reply to its write, whose time is that of the decision
        // before it. Nobody can be safe beside one that stalls between the two.
        let can_tick = !self.peer.as_ref().is_some_and(Peer::is_about_to_write);
        let can_tick = can_tick && !(self.is_prompt && self.is_anybody_busy());
        if can_tick {
            steps.push(Step::Tick);
        }
        for (i, client) in self.clients.iter().enumerate() {
            if client.late.is_some() {
                steps.push(Step::Land(i));
            }
            if let Wire::Sent(_) = client.wire {
                steps.push(Step::Serve(i));
            }
            if client.is_crashed {
                continue;
            }
            if client.is_paused {
                steps.push(Step::Resume(i));
                continue;
            }
            self.steps_of(i, &mut steps);
            if left.drifts > 0 && can_tick {
                steps.push(Step::Drift(i));
            }
        }
        self.steps_of_others(&mut steps);
        steps
    }

    pub(crate) fn steps_of(&self, i: usize, steps: &mut Vec<Step>) {
        let (client, left) = (&self.clients[i], &self.left);
        match client.wire {
            Wire::Idle => steps.push(Step::Send(i)),
            Wire::Sent(_) => {}
            Wire::Answered(_) => steps.push(Step::Deliver(i)),
        }
        if client.wire != Wire::Idle && left.losses > 0 {
            steps.push(Step::GiveUp(i));
            if self.is_prompt && matches!(client.wire, Wire::Sent(_)) {
                steps.push(Step::LoseReply(i));
            }
        }
        if client.seen < self.server.states() {
            steps.push(Step::Watch(i));
        }
        if client.token.is_some() {
            steps.push(Step::Resign(i, Giving::ToQueue));
            if !self.is_prompt {
                steps.push(Step::Resign(i, Giving::ToAll));
                steps.push(Step::Resign(i, Giving::To((i + 1) % self.clients.len())));
            }
        } else if left.cancels > 0 {
            steps.push(Step::Cancel(i));
        }
        if left.crashes > 0 {
            steps.push(Step::Crash(i));
        }
        // To stop one who has nothing to do is to stop it when it has.
        if left.pauses > 0 && (!self.is_prompt || self.is_busy(client)) {
            steps.push(Step::Pause(i));
        }
        if self.is_prompt && left.deafness > 0 && !client.is_deaf {
            steps.push(Step::Deafen(i));
        }
    }

    /// Whether somebody has something to do that takes no time.
    pub(crate) fn is_anybody_busy(&self) -> bool {
        let mut live = self.clients.iter().filter(|client| !client.is_crashed);
        live.any(|client| !client.is_paused && self.is_busy(client))
    }

    pub(crate) fn is_busy(&self, client: &Client) -> bool {
        client.wire != Wire::Idle
            || client.would_act(self.tick)
            || !client.is_deaf && client.seen < self.server.states()
    }

    /// Whoever was not there when the lock was deleted must not begin before it would be over.
    pub(crate) fn may_begin(&self) -> bool {
        let over = |at| self.tick > at + LEASE;
        self.deleted.is_none_or(over)
    }

    pub(crate) fn steps_of_others(&self, steps: &mut Vec<Step>) {
        let left = &self.left;
        if let Some(lock) = &self.server.lock {
            if left.meddling > 0
                && lock.record.holder().is_some()
                && !self.server.tickets.is_empty()
            {
                steps.push(Step::PassOn);
            }
            if left.deletions > 0 && self.may_delete() {
                steps.push(Step::DeleteLock);
            }
            if left.breaks > 0 && lock.record.holder().is_some() {
                steps.push(Step::Break { at_once: false });
            }
            if left.breaks_at_once > 0 && lock.record.holder().is_some() {
                steps.push(Step::Break { at_once: true });
            }
            if !self.is_prompt && ask_release(lock).is_ok() {
                steps.push(Step::AskRelease);
            }
        }
        if left.edits > 0 && !self.server.tickets.is_empty() {
            steps.push(Step::EditTicket);
        }
        if left.restorations > 0 {
            steps.push(Step::BackUp);
            if self.server.can_restore() {
                steps.push(Step::Restore);
            }
        }
        if let Some(peer) = &self.peer {
            steps.push(Step::PeerReads);
            if peer.is_about_to_write() {
                steps.push(Step::PeerWrites);
            }
            if peer.leads() {
                steps.push(Step::PeerReleases);
            }
        }
    }

    /// Nobody is safe from one who never saw the lock that is deleted, and creates it.
    pub(crate) fn may_delete(&self) -> bool {
        let uid = self.server.lock.as_ref().map(|lock| &lock.version.uid);
        self.clients.iter().all(|client| {
            let creates = |write: &Write| matches!(write, Write::Create { .. });
            let is_sent =
                matches!(&client.wire, Wire::Sent(Action::Write(write)) if creates(write));
            let knows = client.is_crashed || client.knows.as_ref() == uid;
            knows && !is_sent && !client.late.as_ref().is_some_and(creates)
        })
    }
}
