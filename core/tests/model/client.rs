//! One process with a contender of ours, and the network between it and the server.

use std::time::Duration;

use lease_core::{
    Action, Claim, Contender, Event, Failed, FencingToken, Identity, Instant, Loss, Mode, Snapshot,
    Succession, Ticket, Timing, Write,
};

use crate::server::{Server, Written, wall};

/// L, D and R of all clients, in ticks.
pub(crate) const LEASE: u64 = 3;
const DEADLINE: u64 = 2;
const RETRY: u64 = 1;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Client {
    pub(crate) contender: Contender,
    pub(crate) identity: String,
    /// How many ticks its clock missed.
    pub(crate) lag: u64,
    pub(crate) is_crashed: bool,
    pub(crate) is_paused: bool,
    pub(crate) wire: Wire,
    /// A write that it gave up and that may land yet.
    pub(crate) late: Option<Write>,
    /// How much of the server's log its watch brought.
    pub(crate) seen: usize,
    /// How many tickets it asked for: each has a name of its own.
    tickets: u64,
    /// What it was given when it began to hold.
    pub(crate) token: Option<FencingToken>,
    /// How often it held.
    pub(crate) holds: u64,
    /// How it is broken, for the model to notice.
    pub(crate) broken: Option<Broken>,
    /// The contender as it was before its last request, where belief is counted from the reply.
    before: Option<Box<Contender>>,
    /// Until when it believes in a hand-over that it did not confirm.
    credulous: Option<u64>,
}

/// A rule that a client does not keep.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Broken {
    /// Its belief counts from the reply to a write, not from its sending.
    BeliefFromReply,
    /// Its clock stands while it is paused.
    StoppedClock,
    /// It believes as soon as a hand-over names it.
    UnconfirmedBelief,
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

/// What happened to a holder that the world keeps account of.
pub(crate) enum Told {
    Acquired(FencingToken),
    Lost(Loss),
}

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

impl Client {
    pub(crate) fn new(identity: &str) -> Self {
        let claim = Claim {
            identity: Identity::new(identity).unwrap(),
            duration_seconds: i32::try_from(LEASE).unwrap(),
            attended: Some(1),
        };
        Self {
            contender: Contender::new(claim, timing(), Mode::Patient).unwrap(),
            identity: identity.to_owned(),
            lag: 0,
            is_crashed: false,
            is_paused: false,
            wire: Wire::Idle,
            late: None,
            seen: 0,
            tickets: 0,
            token: None,
            holds: 0,
            broken: None,
            before: None,
            credulous: None,
        }
    }

    /// The same process, with a new attempt.
    pub(crate) fn again(&mut self, log: usize) {
        let Self {
            identity,
            lag,
            tickets,
            holds,
            late,
            broken,
            ..
        } = self.clone();
        *self = Self {
            lag,
            tickets,
            holds,
            late,
            broken,
            // A watch begins with what there is.
            seen: log.saturating_sub(1),
            ..Self::new(&identity)
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

    /// Asks for the next request. `false` if there is none.
    pub(crate) fn send(&mut self, tick: u64) -> bool {
        let now = self.now(tick);
        if self.broken == Some(Broken::BeliefFromReply) {
            self.before = Some(Box::new(self.contender.clone()));
        }
        match self.contender.poll_action(now, wall(tick - self.lag)) {
            None => false,
            Some(action) => {
                if matches!(action, Action::Enqueue { .. }) {
                    self.tickets += 1;
                }
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
        let ours = self.ticket();
        let answer = match action {
            Action::Dequeue { name, uid, .. } => {
                server.dequeue(|ticket| match (&name, &uid) {
                    (Some(name), Some(uid)) => ticket.name == *name && ticket.version.uid == *uid,
                    _ => ticket.name == ours,
                });
                Answer::Dequeued
            }
            Action::Enqueue { lock, window } => {
                let ticket = server.enqueue(&ours, &self.identity, &lock, window);
                Answer::Enqueued(ticket)
            }
            Action::List { lock } => Answer::Listed(server.tickets_of(&lock)),
            Action::Read => Answer::Read(server.lock.clone()),
            Action::Write(write) => match server.write(&write) {
                Written::Done(lock) => Answer::Written(lock),
                Written::Conflict => Answer::Conflict,
            },
        };
        self.wire = Wire::Answered(answer);
    }

    pub(crate) fn deliver(&mut self, tick: u64) {
        let Wire::Answered(answer) = std::mem::replace(&mut self.wire, Wire::Idle) else {
            panic!("nothing was answered");
        };
        let now = self.now(tick);
        match answer {
            Answer::Conflict => self.contender.failed(Failed::Conflict, now),
            Answer::Dequeued => self.contender.dequeued(),
            Answer::Enqueued(ticket) => self.contender.enqueued(ticket),
            Answer::Listed(tickets) => self.contender.listed(tickets),
            Answer::Read(lock) => self.contender.read(lock, None, now),
            Answer::Written(lock) => {
                if let Some(before) = self.before.take() {
                    self.contender = *before;
                    self.contender.poll_action(now, wall(tick - self.lag));
                }
                self.contender.written(lock, now);
            }
        }
    }

    /// Its request, or the answer to it, is lost. A write that did not arrive may arrive later.
    pub(crate) fn give_up(&mut self, tick: u64) {
        if let Wire::Sent(Action::Write(write)) = &self.wire {
            self.late = Some(write.clone());
        }
        self.wire = Wire::Idle;
        self.contender.failed(Failed::Unknown, self.now(tick));
    }

    /// Its watch brings the next state.
    pub(crate) fn watch(&mut self, server: &Server, tick: u64) {
        let lock = server.log[self.seen].clone();
        self.seen += 1;
        if self.broken == Some(Broken::UnconfirmedBelief)
            && let Some(lock) = &lock
        {
            let is_named = lock.record.holder() == Some(&self.identity);
            let window = lock.record.duration().map_or(0, |window| window.as_secs());
            self.credulous = is_named.then_some(tick + window);
        }
        self.contender.observe(lock, self.now(tick));
    }

    pub(crate) fn resign(&mut self, tick: u64) {
        self.contender.resign(Succession::Queue, self.now(tick));
        self.token = None;
    }

    /// What its contender tells that matters to the world.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(event) = self.contender.poll_event() {
            match event {
                Event::Acquired { token, .. } => {
                    self.token = Some(token.clone());
                    self.holds += 1;
                    told.push(Told::Acquired(token));
                }
                Event::Lost(loss) => {
                    self.token = None;
                    told.push(Told::Lost(loss));
                }
                _ => {}
            }
        }
        told
    }

    /// The name of the ticket that it has, or asked for last.
    fn ticket(&self) -> String {
        format!("{}-{}", self.identity, self.tickets)
    }
}
