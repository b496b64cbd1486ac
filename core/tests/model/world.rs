//! Clients of ours, perhaps one that behaves as client-go, and a server.

use std::ops::Add;

use lease_core::decide::{ask_release, force_release, hand_over};
use lease_core::{
    Action, FencingToken, Forced, Identity, Look, Loss, Snapshot, Succession, Ticket, Write, judge,
};

use crate::broken::Broken;
use crate::client::{Client, FIRST_TICK, LEASE, Told, Wire};
use crate::peer::Peer;
use crate::server::{Server, Written, number, wall};

/// All there is.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) clients: Vec<Client>,
    pub(crate) peer: Option<Peer>,
    pub(crate) server: Server,
    /// True time.
    pub(crate) tick: u64,
    pub(crate) left: Faults,
    /// Whether clients do at once what they can, in any order, and hear at once of what is new,
    /// unless a fault keeps them from it. Without that, whatever happens may take any time.
    pub(crate) is_prompt: bool,
    /// How many states of the lock were told to whoever hears at once.
    pub(crate) heard: usize,
    /// The last token that was given out.
    pub(crate) token: Option<FencingToken>,
    /// When the lock was deleted: whoever was not there must not begin before it would be over.
    pub(crate) deleted: Option<u64>,
    /// Until when two may believe, since the server went back behind them, or somebody broke a
    /// lock of one who may be alive.
    pub(crate) unchecked_until: u64,
    /// What was reached, for the properties that something happens.
    pub(crate) reached: Reached,
    /// What must not be.
    pub(crate) wrong: Option<&'static str>,
}

/// How many faults may still happen.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Faults {
    /// Locks that are broken by force, leaving a tombstone.
    pub(crate) breaks: u64,
    /// The same without one: somebody risked it.
    pub(crate) breaks_at_once: u64,
    pub(crate) cancels: u64,
    pub(crate) crashes: u64,
    /// How often a watch gets stuck, where it is not late in any case.
    pub(crate) deafness: u64,
    pub(crate) deletions: u64,
    /// Ticks that a client's clock misses.
    pub(crate) drifts: u64,
    /// Tickets that somebody edits.
    pub(crate) edits: u64,
    pub(crate) losses: u64,
    /// Hand-overs by somebody who does not hold the lock: a rule that is broken.
    pub(crate) meddling: u64,
    pub(crate) pauses: u64,
    pub(crate) restorations: u64,
}

impl Faults {
    pub(crate) const NONE: Self = Self {
        breaks: 0,
        breaks_at_once: 0,
        cancels: 0,
        crashes: 0,
        deafness: 0,
        deletions: 0,
        drifts: 0,
        edits: 0,
        losses: 0,
        meddling: 0,
        pauses: 0,
        restorations: 0,
    };
}

impl Add for Faults {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            breaks: self.breaks + other.breaks,
            breaks_at_once: self.breaks_at_once + other.breaks_at_once,
            cancels: self.cancels + other.cancels,
            crashes: self.crashes + other.crashes,
            deafness: self.deafness + other.deafness,
            deletions: self.deletions + other.deletions,
            drifts: self.drifts + other.drifts,
            edits: self.edits + other.edits,
            losses: self.losses + other.losses,
            meddling: self.meddling + other.meddling,
            pauses: self.pauses + other.pauses,
            restorations: self.restorations + other.restorations,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    pub(crate) dead_hand_overs: u64,
    pub(crate) hand_overs: u64,
    pub(crate) losses: u64,
    pub(crate) passed_by: u64,
    pub(crate) recreations: u64,
    pub(crate) takeovers: u64,
}

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

pub(crate) const NAMES: [&str; 3] = ["alice", "bob", "carol"];

impl World {
    pub(crate) fn new(clients: usize, with_peer: bool, left: Faults) -> Self {
        let server = Server::new(true);
        Self {
            clients: NAMES[..clients]
                .iter()
                .map(|name| Client::new(name, server.states()))
                .collect(),
            peer: with_peer.then(Peer::default),
            tick: FIRST_TICK,
            left,
            is_prompt: false,
            heard: server.states(),
            token: None,
            deleted: None,
            unchecked_until: 0,
            reached: Reached::default(),
            wrong: None,
            server,
        }
    }

    /// The same, where all is done at once unless a fault is in the way.
    pub(crate) fn prompt(mut self) -> Self {
        self.is_prompt = true;
        self
    }

    /// The same, before there is a lock.
    pub(crate) fn without_lock(mut self) -> Self {
        self.server = Server::new(false);
        self.heard = 0;
        for client in &mut self.clients {
            client.seen = 0;
        }
        self
    }

    /// The same, with each client broken like this.
    pub(crate) fn broken(mut self, broken: Broken) -> Self {
        for client in &mut self.clients {
            client.broken = Some(broken);
        }
        self
    }

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

    fn steps_of(&self, i: usize, steps: &mut Vec<Step>) {
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
    fn is_anybody_busy(&self) -> bool {
        let mut live = self.clients.iter().filter(|client| !client.is_crashed);
        live.any(|client| !client.is_paused && self.is_busy(client))
    }

    fn is_busy(&self, client: &Client) -> bool {
        client.wire != Wire::Idle
            || client.would_act(self.tick)
            || !client.is_deaf && client.seen < self.server.states()
    }

    /// Whoever was not there when the lock was deleted must not begin before it would be over.
    fn may_begin(&self) -> bool {
        let over = |at| self.tick > at + LEASE;
        self.deleted.is_none_or(over)
    }

    fn steps_of_others(&self, steps: &mut Vec<Step>) {
        let left = &self.left;
        if let Some(lock) = &self.server.lock {
            if left.meddling > 0 {
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
    fn may_delete(&self) -> bool {
        let uid = self.server.lock.as_ref().map(|lock| &lock.version.uid);
        self.clients.iter().all(|client| {
            let creates = |write: &Write| matches!(write, Write::Create { .. });
            let is_sent =
                matches!(&client.wire, Wire::Sent(Action::Write(write)) if creates(write));
            let knows = client.is_crashed || client.knows.as_ref() == uid;
            knows && !is_sent && !client.late.as_ref().is_some_and(creates)
        })
    }

    /// Lets it happen. `false` if nothing came of it.
    pub(crate) fn take(&mut self, step: Step) -> bool {
        let tick = self.tick;
        let mut concerned = None;
        match step {
            Step::AskRelease => self.write_from_outside(|lock, _| ask_release(lock).ok()),
            Step::BackUp => self.server.back_up(),
            Step::Break { at_once } => self.break_lock(at_once),
            Step::Cancel(i) => {
                self.left.cancels -= 1;
                self.clients[i].resign(Succession::Queue, tick);
                concerned = Some(i);
            }
            Step::Crash(i) => {
                self.left.crashes -= 1;
                self.clients[i].crash();
            }
            Step::Deafen(i) => {
                self.left.deafness -= 1;
                self.clients[i].is_deaf = true;
            }
            Step::DeleteLock => {
                self.left.deletions -= 1;
                self.deleted = Some(tick);
                self.server.delete_lock();
            }
            Step::Deliver(i) => {
                self.clients[i].deliver(tick);
                concerned = Some(i);
            }
            Step::Drift(i) => {
                self.left.drifts -= 1;
                self.tick += 1;
                self.clients[i].lag += 1;
            }
            Step::EditTicket => {
                self.left.edits -= 1;
                self.server.edit_ticket();
            }
            Step::GiveUp(i) => {
                self.left.losses -= 1;
                self.clients[i].give_up(tick);
                concerned = Some(i);
            }
            Step::Land(i) => {
                let write = self.clients[i].late.take().unwrap();
                self.write(i, &write);
            }
            Step::Pause(i) => {
                self.left.pauses -= 1;
                self.clients[i].is_paused = true;
            }
            Step::PeerReads => self.peer.as_mut().unwrap().read(&self.server, tick),
            Step::PeerReleases => self.peer.as_mut().unwrap().release(&mut self.server, tick),
            Step::PeerWrites => self.peer.as_mut().unwrap().write(&mut self.server, tick),
            Step::Resign(i, giving) => {
                let succession = match giving {
                    Giving::ToQueue => Succession::Queue,
                    Giving::ToAll => Succession::Open,
                    Giving::To(j) => Succession::To(Identity::new(NAMES[j]).unwrap()),
                };
                self.clients[i].resign(succession, tick);
                concerned = Some(i);
            }
            Step::Restore => self.restore(),
            Step::Resume(i) => self.clients[i].is_paused = false,
            Step::Send(i) => {
                if !self.send(i) {
                    return false;
                }
                concerned = Some(i);
            }
            Step::LoseReply(i) => {
                self.left.losses -= 1;
                self.serve(i);
                self.clients[i].give_up(tick);
                concerned = Some(i);
            }
            Step::Serve(i) => {
                self.serve(i);
                if self.is_prompt && !self.clients[i].is_paused {
                    self.clients[i].deliver(tick);
                    concerned = Some(i);
                }
            }
            Step::Tick => {
                self.tick += 1;
                for client in &mut self.clients {
                    client.lag +=
                        u64::from(client.is_paused && client.broken == Some(Broken::StoppedClock));
                }
            }
            Step::PassOn => self.pass_on(),
            Step::Watch(i) => {
                let client = &mut self.clients[i];
                client.watch(&self.server, tick);
                client.is_deaf &= client.seen < self.server.states();
                concerned = Some(i);
            }
        }
        if let Some(i) = concerned {
            self.account(i);
        }
        self.tidy();
        self.check();
        true
    }

    fn send(&mut self, i: usize) -> bool {
        let tick = self.tick;
        if self.clients[i].contender.has_ended() {
            if self.may_begin() {
                let states = self.server.states();
                self.clients[i].again(states);
                return true;
            }
            return false;
        }
        if !self.clients[i].would_act(tick) {
            return false;
        }
        if !self.clients[i].send(tick) {
            // Time alone told it something.
            return true;
        }
        let is_write = matches!(self.clients[i].wire, Wire::Sent(Action::Write(_)));
        if self.is_prompt && !is_write {
            self.serve(i);
            self.clients[i].deliver(tick);
        }
        true
    }

    fn serve(&mut self, i: usize) {
        match &self.clients[i].wire {
            Wire::Sent(Action::Write(_)) => {
                let before = self.server.lock.clone();
                self.clients[i].serve(&mut self.server);
                if let Wire::Answered(crate::client::Answer::Written(_)) = self.clients[i].wire {
                    self.note_write(i, before);
                }
            }
            Wire::Sent(Action::Dequeue {
                name: None,
                version: Some(version),
                ..
            }) => {
                let served = self.server.lock.as_ref().filter(|lock| {
                    lock.record.holder() != Some(&self.clients[i].identity)
                        && lock
                            .notes
                            .served_through
                            .as_ref()
                            .is_some_and(|served| *served >= version.resource_version)
                });
                self.reached.passed_by += u64::from(served.is_some());
                self.clients[i].serve(&mut self.server);
            }
            _ => self.clients[i].serve(&mut self.server),
        }
    }

    fn write(&mut self, i: usize, write: &Write) {
        let before = self.server.lock.clone();
        if let Written::Done(_) = self.server.write(write) {
            self.note_write(i, before);
        }
    }

    /// Looks at what a client's write made of the lock.
    fn note_write(&mut self, i: usize, before: Option<Snapshot>) {
        let client = &self.clients[i];
        let Some(lock) = &self.server.lock else {
            return;
        };
        let Some(before) = before else {
            self.reached.recreations += u64::from(self.deleted.is_some());
            return;
        };
        let me = Some(client.identity.as_str());
        if before.notes.broken.as_deref() == me
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
                let grew = lock.notes.served_through > before.notes.served_through;
                let place = lock.notes.served_through.as_ref().filter(|_| grew);
                let is_earlier = |ticket: &Ticket| {
                    ticket.lock == lock.version.uid
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

    fn write_from_outside(&mut self, write: impl Fn(&Snapshot, u64) -> Option<Write>) {
        let written = self
            .server
            .lock
            .as_ref()
            .and_then(|lock| write(lock, self.tick));
        if let Some(write) = written {
            self.server.write(&write);
        }
    }

    fn break_lock(&mut self, at_once: bool) {
        if at_once {
            self.left.breaks_at_once -= 1;
            self.unchecked_until = self.tick + LEASE;
        } else {
            self.left.breaks -= 1;
        }
        let forced = Forced {
            tombstone: Identity::new("broken by an operator").unwrap(),
            at_once,
            confirmed: false,
        };
        self.write_from_outside(|lock, tick| {
            force_release(&judge(lock, Look::FIRST), &forced, wall(tick)).ok()
        });
    }

    fn pass_on(&mut self) {
        self.left.meddling -= 1;
        let head = self.server.tickets.first().cloned();
        self.write_from_outside(|lock, tick| {
            let holder = Identity::new(lock.record.holder()?).ok()?;
            hand_over(lock, &holder, head.as_ref()?, true, wall(tick)).ok()
        });
    }

    /// The server goes back. All connections end, and what was under way with them.
    fn restore(&mut self) {
        self.left.restorations -= 1;
        self.server.restore();
        self.token = None;
        self.unchecked_until = self.tick + 3 * LEASE;
        let tick = self.tick;
        for i in 0..self.clients.len() {
            if self.clients[i].wire != Wire::Idle {
                self.clients[i].give_up(tick);
            }
            self.clients[i].late = None;
            self.account(i);
        }
    }

    /// Keeps account of what a client tells.
    fn account(&mut self, i: usize) {
        let tick = self.tick;
        for told in self.clients[i].told() {
            match told {
                Told::Acquired { token, is_takeover } => {
                    self.reached.takeovers += u64::from(is_takeover);
                    self.check_token(i, &token);
                    self.token = Some(token);
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
    fn check_token(&mut self, i: usize, token: &FencingToken) {
        if self.tick < self.unchecked_until {
            return;
        }
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
    fn tidy(&mut self) {
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
    fn tell_at_once(&mut self) {
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

    fn check(&mut self) {
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

    /// How far the watch that lags most is behind.
    pub(crate) fn lag(&self) -> usize {
        let live = self.clients.iter().filter(|client| !client.is_crashed);
        let seen = live.map(|client| client.seen).min();
        seen.map_or(0, |seen| self.server.states() - seen)
    }

    /// The version of the lock, for what is told of a run.
    pub(crate) fn version(&self) -> Option<u64> {
        let lock = self.server.lock.as_ref()?;
        Some(number(&lock.version.resource_version))
    }
}
