//! One process with a contender of ours, and the network between it and the server.

use std::time::Duration;

use lease_core::{
    Action, Claim, Contender, Event, Failed, FencingToken, Identity, Instant, Loss, Mode,
    ResourceVersion, Snapshot, Succession, Ticket, Timing, Uid, Write,
};

use crate::broken::Broken;
use crate::server::{Server, Written, number, wall};

/// L, D and R of all clients, and the window of their tickets, in ticks of a second.
pub(crate) const LEASE: u64 = 3;
const DEADLINE: u64 = 2;
const RETRY: u64 = 1;
const WINDOW: u64 = 1;

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) contender: Contender,
    pub(crate) name: &'static str,
    /// Its name and the number of its attempt: each contender has one of its own.
    pub(crate) identity: String,
    /// How many ticks its clock missed.
    pub(crate) lag: u64,
    pub(crate) is_crashed: bool,
    pub(crate) is_paused: bool,
    /// Whether its watch is stuck.
    pub(crate) is_deaf: bool,
    pub(crate) wire: Wire,
    /// A write that it gave up and that may land yet.
    pub(crate) late: Option<Write>,
    /// How many states of the lock its watch brought.
    pub(crate) seen: usize,
    /// The number of its ticket: a new one has a new name once the last one was deleted.
    pub(crate) tickets: u64,
    /// The lock that it saw last.
    pub(crate) knows: Option<Uid>,
    /// What it was given when it began to hold.
    pub(crate) token: Option<FencingToken>,
    /// How often it began anew.
    pub(crate) attempts: u64,
    /// How often it held.
    pub(crate) holds: u64,
    /// The newest version that it saw, and the last one that offered it the lock.
    pub(crate) newest: u64,
    pub(crate) offered: Option<ResourceVersion>,
    /// How it is broken, for the model to notice.
    pub(crate) broken: Option<Broken>,
    /// Until when it believes without a reason.
    pub(crate) credulous: Option<u64>,
}

/// Where its request is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Wire {
    Idle,
    Sent(Action),
    Answered(Answer),
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Answer {
    Conflict,
    Dequeued,
    Enqueued(Ticket),
    Listed(Vec<Ticket>),
    Read(Option<Snapshot>),
    Written(Snapshot),
}

/// What happened to a client that the world keeps account of.
pub(crate) enum Told {
    Acquired {
        token: FencingToken,
        is_takeover: bool,
    },
    Lost(Loss),
    ReleaseAsked,
}

/// Clocks begin where no duration can be mistaken for them.
pub(crate) const FIRST_TICK: u64 = 1_000_000;

fn instant(tick: u64) -> Instant {
    Instant::from_nanos(tick * 1_000_000_000)
}

pub(crate) fn timing() -> Timing {
    Timing::new(
        Duration::from_secs(LEASE),
        Duration::from_secs(DEADLINE),
        Duration::from_secs(RETRY),
    )
    .unwrap()
}

fn contender(identity: &str) -> Contender {
    let claim = Claim {
        identity: Identity::new(identity).unwrap(),
        duration_seconds: i32::try_from(LEASE).unwrap(),
        number: 1,
        attends: true,
    };
    let mut contender = Contender::new(claim, timing(), Mode::Patient).unwrap();
    contender.set_window(Duration::from_secs(WINDOW));
    contender
}

impl Client {
    /// A client whose watch begins with the state before `states`.
    pub(crate) fn new(name: &'static str, states: usize) -> Self {
        let identity = format!("{name}.0");
        Self {
            contender: contender(&identity),
            name,
            identity,
            lag: 0,
            is_crashed: false,
            is_paused: false,
            is_deaf: false,
            wire: Wire::Idle,
            late: None,
            seen: states.saturating_sub(1),
            tickets: 0,
            knows: None,
            token: None,
            attempts: 0,
            holds: 0,
            newest: 0,
            offered: None,
            broken: None,
            credulous: None,
        }
    }

    /// The same process, with a new attempt.
    pub(crate) fn again(&mut self, states: usize) {
        self.attempts += 1;
        if self.broken != Some(Broken::SharedIdentity) {
            self.identity = format!("{}.{}", self.name, self.attempts);
        }
        self.contender = contender(&self.identity);
        self.seen = states.saturating_sub(1);
        self.tickets += 1;
        self.knows = None;
        self.token = None;
        self.credulous = None;
    }

    pub(crate) fn crash(&mut self) {
        let late = self.late.take();
        let wire = std::mem::replace(&mut self.wire, Wire::Idle);
        self.again(0);
        self.is_crashed = true;
        // What it sent may arrive yet.
        self.late = match wire {
            Wire::Sent(Action::Write(write)) => Some(write),
            _ => late,
        };
    }

    /// Its clock, which counts while it is paused.
    pub(crate) fn now(&self, tick: u64) -> Instant {
        instant(tick - self.lag)
    }

    pub(crate) fn believes(&self, tick: u64) -> bool {
        !self.is_crashed
            && (self.contender.believes(self.now(tick))
                || self.credulous.is_some_and(|until| tick < until))
    }

    /// Whether it has something to do, if only to notice how late it is.
    pub(crate) fn would_act(&self, tick: u64) -> bool {
        let mut contender = self.contender.clone();
        contender.poll_action(self.now(tick), wall(tick)).is_some() || contender != self.contender
    }

    /// Asks for the next request. `false` if there is none.
    pub(crate) fn send(&mut self, tick: u64) -> bool {
        let now = self.now(tick);
        match self.contender.poll_action(now, wall(tick)) {
            None => false,
            Some(action) => {
                self.wire = Wire::Sent(action);
                true
            }
        }
    }

    /// The server does what was asked.
    pub(crate) fn serve(&mut self, server: &mut Server) {
        let Wire::Sent(action) = std::mem::replace(&mut self.wire, Wire::Idle) else {
            panic!("nothing was sent");
        };
        let answer = match action {
            Action::Dequeue {
                name: Some(name),
                uid,
                ..
            } => {
                if self.broken != Some(Broken::LeavesDeadTickets) {
                    server.dequeue(&name, uid.as_ref(), None);
                }
                Answer::Dequeued
            }
            Action::Dequeue { version, .. } => {
                if server.dequeue(&self.ticket(), None, version.as_ref()) {
                    Answer::Dequeued
                } else {
                    Answer::Conflict
                }
            }
            Action::Enqueue { lock, window } => {
                let ticket = server.enqueue(&self.ticket(), &self.identity, &lock, window);
                Answer::Enqueued(ticket)
            }
            Action::List { lock } => Answer::Listed(server.tickets_of(&lock)),
            Action::Read => Answer::Read(server.lock.clone()),
            Action::Write(write) => match server.write(&self.as_sent(write, server)) {
                Written::Done(lock) => Answer::Written(lock),
                Written::Conflict => Answer::Conflict,
            },
        };
        self.wire = Wire::Answered(answer);
    }

    /// One that checks another version than it writes to gives away what is not its own.
    fn as_sent(&self, mut write: Write, server: &Server) -> Write {
        let gives_away = write.record().holder() != Some(&self.identity);
        if self.broken == Some(Broken::CachedHolder)
            && gives_away
            && let Write::Replace { version, .. } = &mut write
            && let Some(lock) = &server.lock
        {
            version.clone_from(&lock.version);
        }
        write
    }

    pub(crate) fn deliver(&mut self, tick: u64) {
        let Wire::Answered(answer) = std::mem::replace(&mut self.wire, Wire::Idle) else {
            panic!("nothing was answered");
        };
        let now = self.now(tick);
        match answer {
            Answer::Conflict => self.contender.failed(Failed::Conflict, now),
            Answer::Dequeued => {
                self.tickets += 1;
                self.contender.dequeued();
            }
            Answer::Enqueued(ticket) => self.contender.enqueued(ticket),
            Answer::Listed(tickets) => {
                let tickets = match self.broken {
                    Some(broken) => broken.lists(tickets, &self.identity),
                    None => tickets,
                };
                self.contender.listed(tickets);
            }
            Answer::Read(lock) => self.read(lock, tick),
            Answer::Written(lock) => {
                self.credulous = None;
                let lock = self.sees(lock);
                self.contender.written(lock, now);
                let holds = self.contender.token().is_some();
                if self.broken == Some(Broken::BeliefFromReply) && holds {
                    self.credulous = Some(tick + DEADLINE);
                }
            }
        }
    }

    fn read(&mut self, lock: Option<Snapshot>, tick: u64) {
        let now = self.now(tick);
        match lock {
            None if self.broken == Some(Broken::RecreatesAtOnce) => {
                let states = self.seen + 1;
                self.again(states);
                self.contender.observe(None, now);
            }
            None => self.contender.read(None, None, now),
            Some(lock) => {
                let newest = self.newest;
                let lock = self.sees(lock);
                if self.broken == Some(Broken::NoEpoch)
                    && number(&lock.version.resource_version) < newest
                {
                    self.contender.failed(Failed::Unknown, now);
                } else {
                    self.contender.read(Some(lock), None, now);
                }
            }
        }
    }

    /// Its request, or the answer to it, is lost. A write that did not arrive may arrive later.
    pub(crate) fn give_up(&mut self, tick: u64) {
        let now = self.now(tick);
        let wire = std::mem::replace(&mut self.wire, Wire::Idle);
        if let (Wire::Sent(Action::Write(write)), Some(Broken::TrustsUnknown)) =
            (&wire, self.broken)
            && let Some(lock) = self.as_if_done(write)
        {
            self.late = Some(write.clone());
            self.contender.written(lock, now);
            return;
        }
        if let Wire::Sent(Action::Write(write)) = wire {
            self.late = Some(write);
        }
        self.contender.failed(Failed::Unknown, now);
    }

    fn as_if_done(&self, write: &Write) -> Option<Snapshot> {
        let Write::Replace {
            version,
            record,
            notes,
            ..
        } = write
        else {
            return None;
        };
        Some(Snapshot {
            namespace: String::new(),
            name: String::new(),
            version: version.clone(),
            record: record.clone(),
            notes: notes.clone(),
            stamp: None,
            dialect: lease_core::Dialect::ClientGo,
        })
    }

    /// Its watch brings the next state.
    pub(crate) fn watch(&mut self, server: &Server, tick: u64) {
        let lock = server.log[self.seen - server.forgotten].clone();
        self.seen += 1;
        let lock = lock.map(|lock| self.sees(lock));
        if self.broken == Some(Broken::UnconfirmedBelief)
            && let Some(lock) = &lock
        {
            let is_named = lock.record.holder() == Some(&self.identity);
            let window = lock.record.duration().map_or(0, |window| window.as_secs());
            self.credulous = is_named.then_some(tick + window);
        }
        self.contender.observe(lock, self.now(tick));
    }

    fn sees(&mut self, lock: Snapshot) -> Snapshot {
        self.knows = Some(lock.version.uid.clone());
        self.newest = self.newest.max(number(&lock.version.resource_version));
        if lock.offer().is_some_and(|offer| offer.to == self.identity) {
            self.offered = Some(lock.version.resource_version.clone());
        }
        match self.broken {
            Some(broken) => broken.sees(lock),
            None => lock,
        }
    }

    pub(crate) fn resign(&mut self, succession: Succession, tick: u64) {
        let now = self.now(tick);
        if self.broken == Some(Broken::BeliefWhileReleasing)
            && let Some(left) = self.contender.remaining(now)
        {
            self.credulous = Some(tick + left.as_secs());
        }
        if self.broken == Some(Broken::BeliefFromReply) && self.token.is_some() {
            self.credulous = None;
        }
        self.contender.resign(succession, now);
        self.token = None;
    }

    /// What its contender tells that matters to the world.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(event) = self.contender.poll_event() {
            match event {
                Event::Acquired { mut token, from } => {
                    if self.broken == Some(Broken::TokenOfHandOver)
                        && let Some(offered) = self.offered.take()
                    {
                        token = FencingToken::new(offered);
                    }
                    self.token = Some(token.clone());
                    self.holds += 1;
                    told.push(Told::Acquired {
                        token,
                        is_takeover: from.is_some(),
                    });
                }
                Event::Lost(loss) => {
                    self.token = None;
                    if loss != Loss::NotRenewed {
                        self.credulous = None;
                    }
                    told.push(Told::Lost(loss));
                }
                Event::ReleaseAsked => told.push(Told::ReleaseAsked),
                _ => {}
            }
        }
        told
    }

    /// The name of the ticket that it has, or asks for next.
    pub(crate) fn ticket(&self) -> String {
        format!("{}-{}", self.identity, self.tickets)
    }
}
