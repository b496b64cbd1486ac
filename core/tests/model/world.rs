//! Clients of ours, perhaps one that behaves as client-go, and a server.

use lease_core::decide::ask_release;
use lease_core::{Action, FencingToken, Identity, Succession, Uid, Write};

use crate::broken::Broken;
use crate::client::{Answer, Client, FIRST_TICK, Wire};
use crate::faults::{Faults, Reached};
use crate::peer::Peer;
use crate::server::{Server, Written, number};
use crate::steps::{Giving, Step};

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
    /// Which tickets were served, where none may be twice.
    pub(crate) served: Option<Vec<Uid>>,
    /// Whether what an operator risks by force is no fault.
    pub(crate) risks_nothing: bool,
    /// What was reached, for the properties that something happens.
    pub(crate) reached: Reached,
    /// What must not be.
    pub(crate) wrong: Option<&'static str>,
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
            served: None,
            risks_nothing: true,
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

    #[allow(clippy::too_many_lines, reason = "one line or two for each step")]
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
                    Giving::To(j) => {
                        let to = Identity::new(self.clients[j].identity.clone());
                        Succession::To(to.unwrap())
                    }
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

    pub(crate) fn send(&mut self, i: usize) -> bool {
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

    pub(crate) fn serve(&mut self, i: usize) {
        match &self.clients[i].wire {
            Wire::Sent(Action::Write(_)) => {
                let before = self.server.lock.clone();
                self.clients[i].serve(&mut self.server);
                if let Wire::Answered(Answer::Written(_)) = self.clients[i].wire {
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

    pub(crate) fn write(&mut self, i: usize, write: &Write) {
        let before = self.server.lock.clone();
        if let Written::Done(_) = self.server.write(write) {
            self.note_write(i, before);
        }
    }

    /// The version of the lock, for what is told of a run.
    pub(crate) fn version(&self) -> Option<u64> {
        let lock = self.server.lock.as_ref()?;
        Some(number(&lock.version.resource_version))
    }
}
