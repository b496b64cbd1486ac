//! The task of one attempt: a contender, its watch, and one request at a time.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{BoxFuture, OptionFuture};
use lease_core::{Action, Contender, Failed, Instant, Mode, Succession, Ticket, Uid};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tracing::Instrument;

use super::carrier::{Answer, Carrier};
use super::guard::LOOK;
use super::line::Line;
use super::recorder::EventRecorder;
use super::silence::Silence;
use super::stage::Command;
use super::unhurried::{Unhurried, patience};
use super::{AcquireError, SharedRef, Trouble, hearing};
use crate::clock::Machine;
use crate::status::ApiStatus;
use crate::store::{ReadError, Store};
use crate::ticket::NewTicket;
use crate::watch::Change;

/// The least time between two looks at a contender that has nothing to do yet.
const BREATH: Duration = Duration::from_millis(1);

/// How long whatever a lock guards is given to begin, before there is anything else to be done.
pub(super) const BREATHER: Duration = Duration::from_millis(20);

/// How the lock's changes are heard of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hearing {
    /// By a watch that was not answered yet. It begins by reading the lock, and who wants to read
    /// it meanwhile waits for that.
    Opening,
    /// By reading the lock every so often.
    Polling,
    Watching,
}

/// What an attempt is to come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Aim {
    Hold,
    /// To stop and leave the lock held, when nothing is left to clear away.
    Leave,
    /// To give the lock back, or leave the queue. Nothing else can be asked for any more.
    Resign,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Errand {
    /// A new place in the queue.
    Enqueue,
    /// The lock's first state, which the watch brings.
    First,
    /// The lock itself.
    Lock,
    /// Something else of the queue.
    Queue,
}

type Verdict = oneshot::Sender<Result<(), AcquireError>>;

pub(super) struct Driver<S, M: Machine> {
    pub(super) shared: SharedRef<M>,
    pub(super) carrier: Carrier<S>,
    pub(super) recorder: Option<EventRecorder>,
    pub(super) contender: Contender,
    pub(super) mode: Mode,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) verdict: Option<Verdict>,
    pub(super) changes: Unhurried<Result<Change, ReadError>>,
    /// The request that is under way.
    pub(super) request: Option<BoxFuture<'static, Answer>>,
    /// What it is for.
    pub(super) errand: Errand,
    pub(super) hearing: Hearing,
    pub(super) silence: Silence,
    /// The last refusal.
    pub(super) denied: Option<ApiStatus>,
    /// The last failure.
    pub(super) trouble: Option<Arc<Trouble>>,
    pub(super) aim: Aim,
    /// The lock that is held, for what is told after it was lost.
    pub(super) holds: Option<Uid>,
    /// The lock was just acquired in line: what it guards begins before anything else is done.
    pub(super) breathes: Option<Instant>,
    /// Who waits behind us.
    pub(super) line: Line,
}

impl<S: Store + Clone + 'static, M: Machine> Driver<S, M> {
    pub(super) fn new(
        shared: SharedRef<M>,
        store: S,
        recorder: Option<EventRecorder>,
        contender: Contender,
        mode: Mode,
        commands: mpsc::UnboundedReceiver<Command>,
        verdict: Verdict,
    ) -> Self {
        let changes = Unhurried::new(hearing::watch(&store, &shared.namespace, &shared.name));
        Self {
            carrier: Carrier {
                store,
                namespace: shared.namespace.clone(),
                name: shared.name.clone(),
                identity: shared.identity.clone(),
                under: shared.under.clone(),
                // Half of the time in which a renewal has to succeed, so that there is a second
                // try, over another connection.
                patience: shared.timing.renew_deadline() / 2,
                ticket: None,
                heard: std::collections::VecDeque::new(),
            },
            shared,
            recorder,
            contender,
            mode,
            commands,
            verdict: Some(verdict),
            changes,
            request: None,
            errand: Errand::Lock,
            hearing: Hearing::Opening,
            silence: Silence::default(),
            denied: None,
            trouble: None,
            aim: Aim::Hold,
            holds: None,
            breathes: None,
            line: Line::default(),
        }
    }

    /// Drives the contender until nothing is left to do.
    pub(super) async fn run(self) {
        let span = tracing::info_span!(
            target: "lease_client::lock",
            "lock",
            namespace = self.shared.namespace,
            name = self.shared.name,
            identity = self.shared.identity.as_str(),
        );
        self.drive().instrument(span).await;
    }

    async fn drive(mut self) {
        loop {
            // Before and after: whoever has acquired the lock begins before our next request.
            self.tell();
            self.act();
            self.tell();
            self.doubt_silence();
            // A lock that was lost meanwhile is left as well.
            let has_left = self.aim == Aim::Leave
                && (self.contender.is_settled() || self.contender.token().is_none());
            if has_left || self.contender.has_ended() {
                break;
            }
            let wait = self.wait();
            self.changes.be_patient(self.patience());
            tokio::select! {
                biased;
                command = self.commands.recv(), if self.aim == Aim::Hold => match command {
                    Some(Command::Resign(succession)) => {
                        self.aim = Aim::Resign;
                        if matches!(succession, Succession::To(_)) {
                            // Whoever was just told to wait must be found.
                            self.line = Line::Unknown;
                        }
                        let now = self.now();
                        self.contender.resign(succession, now);
                    }
                    Some(Command::Leave) => self.aim = Aim::Leave,
                    // Nobody is there any more who could give the lock back in order.
                    Some(Command::Stop) | None => break,
                },
                Some(answer) = OptionFuture::from(self.request.as_mut()) => self.answer(answer),
                change = self.changes.next() => self.change(change),
                change = self.line.changed() => {
                    let now = self.now();
                    self.line.take_in(change, now);
                }
                Some(()) = OptionFuture::from(wait.map(sleep)) => {}
            }
        }
        self.end();
    }

    pub(super) fn now(&self) -> Instant {
        self.shared.machine.local()
    }

    /// Sends the next request, if there is one.
    pub(super) fn act(&mut self) {
        if self.request.is_some() {
            // Time alone may have ended belief.
            let (now, wall) = (self.now(), self.shared.machine.wall());
            self.contender.poll_action(now, wall);
            return;
        }
        if self.is_taking_breath() {
            return;
        }
        // In this order: belief counts from before a write is sent.
        let (now, wall) = (self.now(), self.shared.machine.wall());
        let mut action = self.contender.poll_action(now, wall);
        if let Some(Action::List { lock }) = &action
            && let Some(tickets) = self.seen(lock, now)
        {
            self.contender.listed(tickets);
            action = self.contender.poll_action(now, wall);
        }
        let Some(action) = action else {
            return;
        };
        self.errand = match action {
            Action::Read if self.hearing == Hearing::Opening => Errand::First,
            Action::Enqueue { .. } => Errand::Enqueue,
            Action::Dequeue { .. } | Action::List { .. } => Errand::Queue,
            Action::Read | Action::Write(_) => Errand::Lock,
        };
        let request = if self.errand == Errand::First {
            let patience = self.carrier.patience;
            Box::pin(async move {
                sleep(patience).await;
                let is_read = true;
                Answer::Failed(Failed::NotSent, Trouble::Slow { patience, is_read })
            })
        } else {
            let (machine, name) = (&self.shared.machine, &self.shared.name);
            let ticket = || NewTicket::name_for(name, machine.unique());
            self.carrier.send(action, ticket, wall)
        };
        self.request = Some(request);
    }

    /// Who waits for the lock that is given back, if that is known without asking.
    fn seen(&mut self, lock: &Uid, now: Instant) -> Option<Vec<Ticket>> {
        let notes = self.carrier.newest().map(|lease| &lease.snapshot().notes);
        let served = notes.and_then(|notes| notes.served_through.clone());
        self.line
            .tickets(lock, &self.shared.identity, served.as_ref(), now)
    }

    /// Whether what the lock guards is just beginning. When it has begun, whoever waits behind us is
    /// followed, beside the request that comes next: both need a connection, and there are two then
    /// by the time the lock is given back.
    fn is_taking_breath(&mut self) -> bool {
        let now = self.now();
        let Some(until) = self.breathes else {
            return false;
        };
        if now < until && self.aim == Aim::Hold {
            return true;
        }
        self.breathes = None;
        if self.aim != Aim::Hold {
            return false;
        }
        let namespace = &self.shared.namespace;
        self.line.follow(&self.carrier.store, namespace, now);
        false
    }

    /// For how long what the watch brings may wait: those who are next go first.
    fn patience(&self) -> Duration {
        patience(self.contender.ahead().unwrap_or_default())
    }

    /// How long to wait for something to happen.
    pub(super) fn wait(&self) -> Option<Duration> {
        let now = self.now();
        let next = self.contender.poll_timeout(now).into_iter();
        let next = next.map(|next| self.breathes.map_or(next, |until| next.max(until)));
        let next = next.chain(self.breathes).chain(self.silence.ends()).min();
        let wait = next.map(|next| next.since(now).max(BREATH));
        if self.holds.is_some() {
            return Some(wait.map_or(LOOK, |wait| wait.min(LOOK)));
        }
        wait
    }
}
