//! What must not be in a world.

use lease_core::{FencingToken, Loss, Snapshot, Succession, Ticket, Write};

use crate::client::Told;
use crate::world::World;

impl World {
    /// Looks at what a client's write made of the lock.
    pub(crate) fn note_write(&mut self, i: usize, before: Option<Snapshot>) {
        let client = &self.clients[i];
        let Some(lock) = &self.server.lock else {
            return;
        };
        let Some(before) = before else {
            self.reached.recreations += u64::from(self.deleted.is_some());
            return;
        };
        let me = Some(client.identity.as_str());
        if before
            .notes
            .broken
            .as_ref()
            .map(|broken| broken.holder.as_str())
            == me
            && lock.record.holder() == me
            && client.token.is_some()
        {
            self.wrong = Some("a lock that was broken is taken back");
        }
        match (before.offer(), lock.offer()) {
            (Some(offer), None) if Some(offer.to.as_str()) != me => {
                self.reached.dead_hand_overs += 1;
            }
            (None, Some(offer)) => {
                self.reached.hand_overs += 1;
                if let Some(all) = &mut self.served {
                    if all.contains(&offer.uid) {
                        self.wrong = Some("a ticket is served twice");
                    }
                    all.push(offer.uid.clone());
                }
                let grew = lock.notes.served_through > before.notes.served_through;
                let place = lock.notes.served_through.as_ref().filter(|_| grew);
                // Whoever was served before and still has its ticket has to queue again.
                let served = before.notes.served_through.clone();
                let is_earlier = |ticket: &Ticket| {
                    ticket.lock == lock.version.uid
                        && served.as_ref().is_none_or(|served| ticket.place() > served)
                        && Some(ticket.holder.as_str()) != me
                        && place.is_some_and(|place| ticket.place() < place)
                };
                if self.server.tickets.iter().any(is_earlier) {
                    self.wrong = Some("a hand-over passes somebody by");
                }
                if lock.notes.served_through < before.notes.served_through {
                    self.wrong = Some("what was served shrinks");
                }
                if Some(offer.to.as_str()) == me {
                    self.wrong = Some("somebody hands over to itself");
                }
            }
            _ => {}
        }
    }

    /// Keeps account of what a client tells.
    pub(crate) fn account(&mut self, i: usize) {
        let tick = self.tick;
        for told in self.clients[i].told() {
            match told {
                Told::Acquired { token, is_takeover } => {
                    self.reached.takeovers += u64::from(is_takeover);
                    if tick >= self.unchecked_until {
                        self.check_token(i, &token);
                        self.token = Some(token);
                    }
                }
                Told::Lost(loss) => {
                    self.reached.losses += u64::from(loss != Loss::NotRenewed);
                    // Its work has ended.
                    self.clients[i].resign(Succession::Queue, tick);
                }
                Told::ReleaseAsked => self.clients[i].resign(Succession::Queue, tick),
            }
        }
    }

    /// A token is the version of a record that made its holder one.
    pub(crate) fn check_token(&mut self, i: usize, token: &FencingToken) {
        if self.token.as_ref().is_some_and(|last| last >= token) {
            self.wrong = Some("a token does not grow");
        }
        let me = Some(self.clients[i].identity.as_str());
        let is_other = |lock: &Snapshot| {
            lock.version.resource_version.as_str() == token.to_string()
                && (lock.record.holder() != me || lock.offer().is_some())
        };
        if self.server.log.iter().flatten().any(is_other) {
            self.wrong = Some("a token is the version of another one's record");
        }
    }

    /// Drops what cannot matter any more.
    pub(crate) fn tidy(&mut self) {
        self.tell_at_once();
        let can_return = self.left.deletions > 0;
        for client in &mut self.clients {
            let is_over = |write: &Write| {
                let may_create = can_return && matches!(write, Write::Create { .. });
                !self.server.would_take(write) && !may_create
            };
            if client.late.as_ref().is_some_and(is_over) {
                client.late = None;
            }
        }
        let live = self.clients.iter().filter(|client| !client.is_crashed);
        let seen = live.map(|client| client.seen).min().unwrap_or(usize::MAX);
        self.server.forget(seen.saturating_sub(1));
    }

    /// Brings what is new to whoever was up to date.
    pub(crate) fn tell_at_once(&mut self) {
        let states = self.server.states();
        let news = states - self.heard;
        self.heard = states;
        if !self.is_prompt {
            return;
        }
        for i in 0..self.clients.len() {
            let client = &self.clients[i];
            if client.is_crashed || client.is_paused || client.is_deaf {
                continue;
            }
            if client.seen + news == states {
                while self.clients[i].seen < states {
                    self.clients[i].watch(&self.server, self.tick);
                    self.account(i);
                }
            }
        }
    }

    pub(crate) fn check(&mut self) {
        let tick = self.tick;
        if tick < self.unchecked_until {
            return;
        }
        let ours = self
            .clients
            .iter()
            .filter(|client| client.believes(tick))
            .count();
        if ours > 1 {
            self.wrong = Some("two of ours believe");
        }
        if ours > 0 && self.peer.as_ref().is_some_and(|peer| peer.believes(tick)) {
            self.wrong = Some("one of ours and a peer believe");
        }
    }
}
