//! Clients of ours, perhaps one that behaves as client-go, and a server.

use lease_core::decide::hand_over;
use lease_core::{FencingToken, Identity, Loss};

use crate::client::{Broken, Client, Told, Wire};
use crate::peer::Peer;
use crate::server::{Server, Written, granted, wall};

/// All there is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct World {
    pub(crate) clients: Vec<Client>,
    pub(crate) peer: Option<Peer>,
    pub(crate) server: Server,
    /// True time.
    pub(crate) tick: u64,
    pub(crate) left: Faults,
    /// The last token that was given out.
    token: Option<FencingToken>,
    /// What was reached, for the properties that something happens.
    pub(crate) reached: Reached,
    /// What must not be.
    pub(crate) wrong: Option<&'static str>,
}

/// How many faults may still happen.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Faults {
    pub(crate) crashes: u64,
    pub(crate) deletions: u64,
    pub(crate) drifts: u64,
    pub(crate) losses: u64,
    /// Hand-overs by somebody who does not hold the lock: a rule that is broken.
    pub(crate) meddling: u64,
    pub(crate) pauses: u64,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Reached {
    pub(crate) hand_overs: u64,
    pub(crate) losses: u64,
    pub(crate) takeovers: u64,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Step {
    Crash(usize),
    DeleteLock,
    Deliver(usize),
    Drift(usize),
    GiveUp(usize),
    /// Somebody who does not hold the lock hands it over.
    PassOn,
    Land(usize),
    Pause(usize),
    PeerReads,
    PeerReleases,
    PeerWrites,
    Resign(usize),
    Resume(usize),
    Send(usize),
    Serve(usize),
    Tick,
    Watch(usize),
}

impl World {
    pub(crate) fn new(clients: usize, with_peer: bool, left: Faults) -> Self {
        let names = ["alice", "bob", "carol"];
        Self {
            clients: names[..clients]
                .iter()
                .map(|name| Client::new(name))
                .collect(),
            peer: with_peer.then(Peer::default),
            server: Server::default(),
            tick: 100,
            left,
            token: None,
            reached: Reached::default(),
            wrong: None,
        }
    }

    /// What can happen, which may turn out to change nothing.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        // A peer's belief counts from the reply to its write, whose time is that of the decision
        // before it. Nobody can be safe beside one that stalls between the two.
        if !self.peer.as_ref().is_some_and(Peer::is_about_to_write) {
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
            match client.wire {
                Wire::Idle => steps.push(Step::Send(i)),
                Wire::Sent(_) => {}
                Wire::Answered(_) => steps.push(Step::Deliver(i)),
            }
            if client.wire != Wire::Idle && self.left.losses > 0 {
                steps.push(Step::GiveUp(i));
            }
            if client.seen < self.server.log.len() {
                steps.push(Step::Watch(i));
            }
            if client.token.is_some() {
                steps.push(Step::Resign(i));
            }
            if self.left.crashes > 0 {
                steps.push(Step::Crash(i));
            }
            if self.left.pauses > 0 {
                steps.push(Step::Pause(i));
            }
            if self.left.drifts > 0 {
                steps.push(Step::Drift(i));
            }
        }
        if self.left.meddling > 0 && self.server.lock.is_some() {
            steps.push(Step::PassOn);
        }
        if self.left.deletions > 0 && self.server.lock.is_some() {
            steps.push(Step::DeleteLock);
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
        steps
    }

    /// Lets it happen. `false` if nothing came of it.
    pub(crate) fn take(&mut self, step: Step) -> bool {
        let tick = self.tick;
        match step {
            Step::Crash(i) => {
                self.left.crashes -= 1;
                let client = &mut self.clients[i];
                client.is_crashed = true;
                client.token = None;
                if let Wire::Answered(_) = client.wire {
                    client.wire = Wire::Idle;
                }
            }
            Step::DeleteLock => {
                self.left.deletions -= 1;
                self.server.delete_lock();
            }
            Step::Deliver(i) => self.clients[i].deliver(tick),
            Step::Drift(i) => {
                self.left.drifts -= 1;
                self.clients[i].lag += 1;
            }
            Step::GiveUp(i) => {
                self.left.losses -= 1;
                self.clients[i].give_up(tick);
            }
            Step::Land(i) => {
                let write = self.clients[i].late.take().unwrap();
                if let Written::Conflict = self.server.write(&write) {
                    // Too late.
                }
            }
            Step::Pause(i) => {
                self.left.pauses -= 1;
                self.clients[i].is_paused = true;
            }
            Step::PeerReads => self.peer.as_mut().unwrap().read(&self.server, tick),
            Step::PeerReleases => self.peer.as_mut().unwrap().release(&mut self.server, tick),
            Step::PeerWrites => self.peer.as_mut().unwrap().write(&mut self.server, tick),
            Step::Resign(i) => self.clients[i].resign(tick),
            Step::Resume(i) => self.clients[i].is_paused = false,
            Step::Send(i) => {
                if !self.clients[i].send(tick) {
                    if !self.clients[i].contender.has_ended() {
                        self.account(i);
                        return false;
                    }
                    self.clients[i].again(self.server.log.len());
                }
            }
            Step::Serve(i) => {
                let was_granted = self
                    .server
                    .lock
                    .as_ref()
                    .is_some_and(|lock| granted(lock).is_some());
                self.clients[i].serve(&mut self.server);
                let is_granted = self
                    .server
                    .lock
                    .as_ref()
                    .is_some_and(|lock| granted(lock).is_some());
                self.reached.hand_overs += u64::from(is_granted && !was_granted);
            }
            Step::Tick => {
                self.tick += 1;
                for client in &mut self.clients {
                    client.lag +=
                        u64::from(client.is_paused && client.broken == Some(Broken::StoppedClock));
                }
            }
            Step::PassOn => self.pass_on(),
            Step::Watch(i) => self.clients[i].watch(&self.server, tick),
        }
        if let Step::Deliver(i)
        | Step::GiveUp(i)
        | Step::Watch(i)
        | Step::Send(i)
        | Step::Resign(i) = step
        {
            self.account(i);
        }
        self.check();
        true
    }

    fn pass_on(&mut self) {
        self.left.meddling -= 1;
        let Some(lock) = self.server.lock.clone() else {
            return;
        };
        let holder = lock.record.holder().map(Identity::new);
        if let (Some(Ok(holder)), Some(ticket)) = (holder, self.server.tickets.first().cloned())
            && let Ok(write) = hand_over(&lock, &holder, &ticket, true, wall(self.tick))
        {
            self.server.write(&write);
        }
    }

    /// Keeps account of what a client tells.
    fn account(&mut self, i: usize) {
        for told in self.clients[i].told() {
            match told {
                Told::Acquired(token) => {
                    if self.token.as_ref().is_some_and(|last| *last >= token) {
                        self.wrong = Some("a token does not grow");
                    }
                    self.token = Some(token);
                }
                Told::Lost(loss) => {
                    self.reached.losses += 1;
                    if let Loss::Taken { .. } = loss {
                        self.reached.takeovers += 1;
                    }
                    let tick = self.tick;
                    // Its work has ended.
                    self.clients[i].resign(tick);
                }
            }
        }
    }

    fn check(&mut self) {
        let tick = self.tick;
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
