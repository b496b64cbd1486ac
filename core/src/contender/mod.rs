//! One attempt to hold one lock: waiting, holding, giving back.
//!
//! A [`Contender`] has no I/O and no clock. Whoever drives it tells it what was read and what
//! became of its requests, and asks it for the next one:
//!
//! - [`Contender::observe`] and [`Contender::read`] for each state of the lock, as a watch and a
//!   GET bring it; [`Contender::listed`], [`Contender::enqueued`], [`Contender::dequeued`],
//!   [`Contender::written`] and [`Contender::failed`] for what became of a request;
//! - [`Contender::poll_action`] for the request to send now, of which there is one at a time;
//! - [`Contender::poll_timeout`] for when to ask again though nothing happened;
//! - [`Contender::poll_event`] for what to tell;
//! - [`Contender::believes`] for whether the guarded work may run.
//!
//! A driver subscribes to the lock before it asks for the first action.

mod event;
mod hearing;
mod holding;
mod resigning;
mod state;
mod waiting;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub use event::{Action, End, Event, Failed, Loss, Mode, Succession};
use state::{Busy, Doubt, Gave, Hold, Lock, Opening, Owner, Phase, Place, Queueing, Taken};

use crate::{
    Claim, FencingToken, Grant, Instant, Queue, ResourceVersion, Snapshot, Timestamp, Timing, Uid,
};

/// The least time between the end of a holder's belief and the end of its lease: for drift, for
/// the end of its work, and for a write that lands late.
const LEAST_SLACK: Duration = Duration::from_secs(1);
/// How long a waiter needs to confirm a hand-over of which it hears at once.
const HEARS_AT_ONCE: Duration = Duration::from_secs(2);
/// How long whoever is next after one who did not confirm has to do so, if it hears at once: a
/// whole host of waiters may be gone.
const AFTER_DEAD: Duration = Duration::from_secs(1);
/// How long one who is named waits after a failure: a hand-over does not last.
const SOON: Duration = Duration::from_millis(500);
/// How long a waiter waits for each one before it when a lock became free without a hand-over.
const STEP: Duration = Duration::from_millis(25);
/// How long one who leaves the line goes on to listen, from when it was told to: a holder that had
/// listed it by then names it within a request's time.
const LINGERS: Duration = Duration::from_millis(250);
/// Beyond this many it waits no longer: 200 ms in all.
const MOST_STEPS: u32 = 8;

/// Why durations that are a [`Timing`] do not do for a contender.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the lease duration must be at least {LEAST_SLACK:?} longer than the renew deadline, so that \
     the holder's work has ended before somebody else begins"
)]
pub struct ContenderError;

/// One attempt by one process to hold one lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Contender {
    claim: Claim,
    timing: Timing,
    mode: Mode,
    phase: Phase,
    lock: Lock,
    /// The API server's date of the last reading by GET, and when it arrived: good for that
    /// version only.
    dated: Option<(ResourceVersion, Timestamp, Instant)>,
    /// What was listed since it last mattered.
    queue: Option<Queue>,
    /// How many were told to be ahead.
    told_ahead: Option<usize>,
    /// How long we need to confirm a hand-over.
    window: Duration,
    place: Place,
    queueing: Queueing,
    /// The version of which the API server's date was asked for last, where that alone tells.
    date_asked: Option<ResourceVersion>,
    /// The request that is under way.
    busy: Option<Busy>,
    /// What the takeover that is decided takes.
    takes: Taken,
    /// Writes of unknown outcome at the version that is known.
    doubts: Vec<Doubt>,
    /// What is known may be wrong: read before anything else.
    must_read: bool,
    /// After a failure: nothing is sent before.
    pause: Option<Instant>,
    /// Since when the lock is seen to be there for the taking.
    open: Option<Opening>,
    /// The lock was deleted, and its last holder may believe until then.
    not_before: Option<Instant>,
    /// Our ticket could not be deleted; when to try that again.
    dequeue_again: Option<Instant>,
    /// The hand-over that we took over because nobody confirmed it: its ticket is to be deleted.
    dead: Option<Grant>,
    /// Whether the lock was taken over from one who was named and is dead: there may be more.
    took_from_dead: bool,
    /// How often the version that is known was refused as outdated.
    conflicts: u8,
    /// A note of who was served that cannot be true: our ticket is younger, and waits.
    disbelieved: Option<ResourceVersion>,
    /// Who was told to hold the lock.
    told_holder: Option<String>,
    events: VecDeque<Event>,
}

impl Contender {
    /// A contender that wants the lock from now on. The claim's duration is the timing's.
    pub fn new(claim: Claim, timing: Timing, mode: Mode) -> Result<Self, ContenderError> {
        if timing.lease_duration() < timing.renew_deadline() + LEAST_SLACK {
            return Err(ContenderError);
        }
        Ok(Self {
            claim,
            timing,
            mode,
            phase: Phase::Waiting,
            lock: Lock::Unknown,
            dated: None,
            queue: None,
            told_ahead: None,
            window: HEARS_AT_ONCE,
            place: Place::None,
            queueing: Queueing::Allowed,
            date_asked: None,
            busy: None,
            takes: Taken::default(),
            doubts: Vec::new(),
            must_read: false,
            pause: None,
            open: None,
            not_before: None,
            dequeue_again: None,
            dead: None,
            took_from_dead: false,
            conflicts: 0,
            disbelieved: None,
            told_holder: None,
            events: VecDeque::new(),
        })
    }

    /// How long this contender will need to confirm a hand-over, if it does not hear of it at once:
    /// one that may not watch reads the lock every 2.2 retry periods at worst. Rounded up to whole
    /// seconds; counts for tickets that are made from now on.
    pub fn set_window(&mut self, window: Duration) {
        let more = u64::from(window.subsec_nanos() > 0);
        self.window = Duration::from_secs(window.as_secs().saturating_add(more).max(1));
    }

    /// The lock exists only while it is held ([`crate::Dialect::exists_while_held`]). Then one that is
    /// gone is free, and its last holder is not waited for; and nobody waits in line, since each
    /// holder's lock is another object.
    #[must_use]
    pub fn existing_while_held(mut self) -> Self {
        self.queueing = Queueing::Pointless;
        self
    }

    const fn may_queue(&self) -> bool {
        matches!(self.queueing, Queueing::Allowed)
    }

    const fn exists_while_held(&self) -> bool {
        matches!(self.queueing, Queueing::Pointless)
    }

    /// What is known of the lock may be wrong, as when a watch was opened anew and begins with
    /// something older: the lock is read before anything else is done.
    pub fn suspect(&mut self) {
        self.must_read = true;
    }

    /// Whether it holds the lock and has nothing else to do than to keep it: no request is under
    /// way, and no ticket is left to be deleted.
    pub fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Holding(_))
            && self.busy.is_none()
            && self.doubts.is_empty()
            && (!self.has_place() || self.dequeue_again.is_some())
            && self.dead.is_none()
            && !self.must_read
    }

    /// Whether the guarded work may run at `now`, on a clock that counts suspend. Once this is
    /// false, it stays so: ask before each thing that only a holder may do.
    pub fn believes(&self, now: Instant) -> bool {
        self.remaining(now).is_some()
    }

    /// How much longer the guarded work may run unless a renewal succeeds.
    pub fn remaining(&self, now: Instant) -> Option<Duration> {
        let Phase::Holding(hold) = &self.phase else {
            return None;
        };
        let left = self
            .timing
            .renew_deadline()
            .saturating_sub(now.since(hold.sent));
        (!left.is_zero()).then_some(left)
    }

    /// What the protected resource is given, so that it can refuse those who held the lock before.
    pub fn token(&self) -> Option<&FencingToken> {
        match &self.phase {
            Phase::Holding(hold) => Some(&hold.token),
            _ => None,
        }
    }

    /// Whether nothing is left to do.
    pub fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended) && self.busy.is_none()
    }

    /// Gives the lock back, or stops waiting for it. Belief ends here; call it when the guarded
    /// work has.
    pub fn resign(&mut self, succession: Succession, now: Instant) {
        match self.phase {
            Phase::Resigning { .. } | Phase::Ended => return,
            // What is known is our own last write.
            Phase::Holding(_) => {}
            // Who never waits cannot be named but by a write of its own; who does, even without a
            // ticket.
            Phase::Waiting => {
                self.must_read |= !matches!(self.mode, Mode::Try)
                    && !matches!(self.lock, Lock::Unknown)
                    || !self.doubts.is_empty()
                    || matches!(self.busy, Some(Busy::Write(_)));
            }
            Phase::Lost => self.must_read = true,
        }
        self.queue = None;
        self.pause = None;
        self.phase = Phase::Resigning {
            succession,
            since: now,
            was_in_line: self.phase == Phase::Waiting && self.place != Place::None,
            gave: Gave::Nothing,
        };
    }

    /// What is to be told next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The request to send now, if there is one. `now` must be read before it is sent: belief
    /// counts from there. `wall` is our wall clock, which a record will carry.
    pub fn poll_action(&mut self, now: Instant, wall: Timestamp) -> Option<Action> {
        self.tick(now);
        if self.busy.is_some() || self.pause.is_some_and(|pause| now < pause) {
            return None;
        }
        self.pause = None;
        let mut action = self.next_action(now, wall);
        // An attempt that comes to nothing has something to clear away.
        if action.is_none() && self.phase.is_resigning() {
            action = self.next_action(now, wall);
        }
        let action = action?;
        self.busy = Some(match &action {
            Action::Dequeue { name, .. } => Busy::Dequeue {
                own: name.is_none(),
            },
            Action::Enqueue { .. } => Busy::Enqueue,
            Action::List { .. } => Busy::List,
            Action::Read => {
                // What is heard while it is under way may be younger than its answer.
                self.must_read = false;
                Busy::Read {
                    known: self.version().cloned(),
                }
            }
            Action::Write(write) => Busy::Write(Doubt {
                write: write.clone(),
                sent: now,
                takes: core::mem::take(&mut self.takes),
            }),
        });
        Some(action)
    }

    fn next_action(&mut self, now: Instant, wall: Timestamp) -> Option<Action> {
        match &self.phase {
            Phase::Waiting => self.wait(now, wall),
            Phase::Holding(_) => self.hold(now, wall),
            Phase::Resigning { since, .. } => self.resign_on(*since, now, wall),
            Phase::Lost | Phase::Ended => None,
        }
    }

    /// When to call [`Contender::poll_action`] again though nothing was heard; `None` if only
    /// something heard can lead on. A clock may stop timers while it counts on (suspend): a
    /// driver that holds looks at it several times a second.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let is_held_up = self.busy.is_some();
        match (&self.phase, self.pause) {
            (Phase::Waiting, _) if is_held_up => self.deadline(),
            (Phase::Waiting, Some(pause)) => Some(
                self.deadline()
                    .map_or(pause, |deadline| deadline.min(pause)),
            ),
            (Phase::Waiting, None) => self.waits_until(now),
            (Phase::Holding(hold), _) if is_held_up => Some(self.warns_at(hold)),
            (Phase::Holding(hold), pause) => {
                let next = pause.unwrap_or(hold.renew_at);
                let dequeues = self.dequeues_at(now).unwrap_or(next);
                Some(next.min(dequeues).min(self.warns_at(hold)))
            }
            // What was asked for comes to an end by itself.
            (Phase::Resigning { .. }, _) if is_held_up => None,
            (Phase::Resigning { since, .. }, pause) => {
                let next = pause.or_else(|| self.dequeues_at(now));
                let waits_for_doubts =
                    self.may_be_named_yet() && !self.is_named() && !self.must_read;
                let gives_up = waits_for_doubts.then(|| self.gives_up_at(*since));
                let next = next.or_else(|| self.lingers(now)).or(gives_up);
                Some(next.unwrap_or(now))
            }
            (Phase::Lost | Phase::Ended, _) => None,
        }
    }

    const fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting)
    }

    /// Whether there may be a ticket of ours.
    const fn has_place(&self) -> bool {
        !matches!(self.place, Place::None)
    }

    /// When to delete our ticket, which could not be deleted.
    fn dequeues_at(&self, now: Instant) -> Option<Instant> {
        let again = self.dequeue_again.filter(|again| now < *again);
        again.filter(|_| self.has_place())
    }

    /// What passing time alone changes.
    fn tick(&mut self, now: Instant) {
        self.not_before = self.not_before.filter(|until| now < *until);
        if let Phase::Holding(_) = self.phase {
            self.tick_holding(now);
        } else if self.is_waiting() && self.deadline().is_some_and(|deadline| now >= deadline) {
            self.end_waiting(End::TimedOut, now);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.mode {
            Mode::Until(deadline) => Some(deadline),
            Mode::Patient | Mode::Try => None,
        }
    }

    /// Ends an attempt that came to nothing, leaving no ticket behind.
    fn end_waiting(&mut self, end: End, now: Instant) {
        self.events.push_back(Event::NotAcquired(end));
        self.resign(Succession::Queue, now);
    }

    fn tell_end(&mut self, event: Option<Event>) {
        self.events.extend(event);
        self.phase = Phase::Ended;
    }

    /// The lock as it is known.
    fn snapshot(&self) -> Option<&Snapshot> {
        match &self.lock {
            Lock::Known(observer) => Some(observer.latest()),
            Lock::Unknown | Lock::Absent { .. } => None,
        }
    }

    fn version(&self) -> Option<&ResourceVersion> {
        self.snapshot().map(|lock| &lock.version.resource_version)
    }

    fn lock_uid(&self) -> Option<&Uid> {
        self.snapshot().map(|lock| &lock.version.uid)
    }

    /// Whether the lock, as it is known, names us.
    fn is_named(&self) -> bool {
        self.snapshot()
            .is_some_and(|lock| self.owner(lock) == Owner::Us)
    }

    /// Whom a lock names. One who has our identity by somebody's mistake is another one all the
    /// same, and is known by its number.
    fn owner<'a>(&self, lock: &'a Snapshot) -> Owner<'a> {
        let Some(holder) = lock.record.holder() else {
            return Owner::Nobody;
        };
        let number = lock.taker().map(|taker| taker.number);
        if lock.is_held_by(self.claim.identity.as_str())
            && (number.is_none_or(|number| number == self.claim.number))
        {
            Owner::Us
        } else {
            Owner::Other(holder)
        }
    }

    fn pause_until(&mut self, until: Instant) {
        self.pause = Some(until);
    }
}
