//! What an attempt's task hears: answers, and what its watch brings.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use lease_core::{Failed, Instant, Mode, Snapshot, Succession};

use super::carrier::Answer;
use super::driver::{Aim, Driver, Errand, Hearing};
use super::line::Line;
use super::silence::Silence;
use super::unhurried::Unhurried;
use super::{AcquireError, Notice, Trouble, hearing};
use crate::clock::Machine;
use crate::lease::Lease;
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError, Store, WriteError};
use crate::watch::Change;

impl<S: Store + Clone + 'static, M: Machine> Driver<S, M> {
    /// Takes in what became of the request.
    pub(super) fn answer(&mut self, answer: Answer) {
        self.request = None;
        if self.errand == Errand::First {
            // The watch is too slow: read without it.
            self.heard_by_watch();
            self.errand = Errand::Lock;
            self.request = Some(self.carrier.read_lock());
            return;
        }
        let refused = answer.is_final().cloned();
        let at = self.now();
        match answer {
            Answer::Dequeued => {
                self.carrier.ticket = None;
                self.contender.dequeued();
            }
            Answer::Enqueued(ticket) => self.contender.enqueued(ticket),
            Answer::Listed(list) => {
                self.contender.listed(list.leases.clone());
                self.line.listed(list, &self.shared.identity, at);
            }
            Answer::Read(found) => {
                if let Some(lease) = &found.value {
                    self.answered(lease.snapshot(), at);
                }
                self.read(found, at);
            }
            Answer::Written(lease) => {
                let snapshot = lease.snapshot().clone();
                self.carrier.hear(lease);
                self.answered(&snapshot, at);
                self.contender.written(snapshot, at);
            }
            Answer::Failed(failed, trouble) => {
                if failed == Failed::Conflict && self.errand == Errand::Enqueue {
                    // The name is somebody else's; another one may be free.
                    self.carrier.ticket = None;
                }
                self.contender.failed(failed, at);
                self.fail(refused, trouble);
            }
        }
    }

    pub(super) fn read(&mut self, found: Dated<Option<Lease>>, at: Instant) {
        let Dated { value, date } = found;
        let snapshot = value.as_ref().map(|lease| lease.snapshot().clone());
        if let Some(lease) = value {
            self.carrier.hear(lease);
        }
        self.contender.read(snapshot, date, at);
    }

    /// Takes in what the watch brings, or its end.
    pub(super) fn change(&mut self, change: Option<Result<Change, ReadError>>) {
        let at = self.now();
        match change {
            Some(Ok(Change::Listed { leases, date })) => {
                self.heard_by_watch();
                let lease = leases.into_iter().next();
                if let Some(lease) = &lease {
                    self.silence
                        .told(&lease.snapshot().version.resource_version);
                }
                if self.awaits_first() {
                    self.request = None;
                    self.read(Dated { value: lease, date }, at);
                    return;
                }
                let newest = self.carrier.newest().map(Lease::snapshot);
                if let (Some(lease), Some(newest)) = (&lease, newest)
                    && lease.snapshot().version.resource_version < newest.version.resource_version
                {
                    // The server may have gone back to an older state.
                    self.silence.went_back();
                    self.line = Line::Unknown;
                    self.contender.suspect();
                }
                self.observe(lease, at);
            }
            Some(Ok(Change::Applied(lease))) => {
                self.silence
                    .told(&lease.snapshot().version.resource_version);
                self.observe(Some(lease), at);
            }
            Some(Ok(Change::Deleted(_))) => self.observe(None, at),
            Some(Ok(Change::Interrupted(error))) => {
                self.read_without_watch();
                self.note_trouble(Trouble::Read(error));
            }
            Some(Ok(Change::Progress | Change::Resumed)) => {}
            Some(Err(error)) if is_unauthenticated(&error) => {
                // Credentials that ran out are replaced by and by.
                self.read_without_watch();
                self.changes = Unhurried::new(hearing::watch_later(
                    &self.carrier.store,
                    &self.shared.namespace,
                    &self.shared.name,
                    self.shared.timing.retry_period(),
                ));
                self.note_trouble(Trouble::Read(error));
            }
            Some(Err(error)) => {
                self.poll();
                match error {
                    ReadError::Denied(status) => self.notice(Notice::CannotWatch(status)),
                    error => self.note_trouble(Trouble::Read(error)),
                }
            }
            None => self.poll(),
        }
    }

    pub(super) fn observe(&mut self, lease: Option<Lease>, at: Instant) {
        let snapshot = lease.as_ref().map(|lease| lease.snapshot().clone());
        if let Some(lease) = lease {
            self.carrier.hear(lease);
        }
        self.contender.observe(snapshot, at);
    }

    /// An answer showed this of the lock, and so will the watch.
    fn answered(&mut self, lock: &Snapshot, at: Instant) {
        if self.hearing != Hearing::Polling {
            self.silence.answered(&lock.version.resource_version, at);
        }
    }

    /// Opens another watch when this one does not tell what it should.
    pub(super) fn doubt_silence(&mut self) {
        if self.silence.ends().is_some_and(|end| self.now() >= end) {
            tracing::debug!(target: "lease_client::lock", "the watch is silent; opening another");
            self.silence = Silence::default();
            self.changes = Unhurried::new(hearing::watch(
                &self.carrier.store,
                &self.shared.namespace,
                &self.shared.name,
            ));
        }
    }

    /// Goes on without a watch.
    pub(super) fn poll(&mut self) {
        if self.hearing == Hearing::Polling {
            // Asking every so often has no end of its own.
            self.changes = Unhurried::new(stream::pending().boxed());
            return;
        }
        self.read_without_watch();
        self.hearing = Hearing::Polling;
        self.silence = Silence::default();
        let period = self.shared.timing.retry_period();
        // A hand-over is noticed after 2.2 retry periods at the latest; whole seconds.
        let window = Duration::from_secs((period * 22 / 10).as_secs() + 1);
        self.contender.set_window(window);
        self.changes = Unhurried::new(hearing::poll(
            self.carrier.store.clone(),
            self.shared.machine.clone(),
            self.shared.namespace.clone(),
            self.shared.name.clone(),
            period,
        ));
    }

    pub(super) fn read_without_watch(&mut self) {
        self.heard_by_watch();
        if self.awaits_first() {
            self.errand = Errand::Lock;
            self.request = Some(self.carrier.read_lock());
        }
    }

    /// Whether the request under way is answered by what the watch begins with.
    fn awaits_first(&self) -> bool {
        self.errand == Errand::First && self.request.is_some()
    }

    fn heard_by_watch(&mut self) {
        if self.hearing == Hearing::Opening {
            self.hearing = Hearing::Watching;
        }
    }

    /// Keeps account of a failure, and ends an attempt that cannot come to anything.
    pub(super) fn fail(&mut self, refused: Option<ApiStatus>, trouble: Trouble) {
        let is_waiting = self.verdict.is_some();
        if let Some(status) = refused {
            let is_read = matches!(trouble, Trouble::Read(_));
            self.denied = Some(status.clone());
            let is_denied = matches!(status.code, 401 | 403);
            if is_waiting && self.errand == Errand::Lock && (is_read || !is_denied) {
                let error = if is_denied {
                    AcquireError::Denied(status)
                } else {
                    AcquireError::Rejected(status)
                };
                self.give_up(error);
            }
        } else if is_waiting && self.mode == Mode::Try && is_outage(&trouble) {
            let trouble = Arc::new(trouble);
            self.give_up(AcquireError::Unavailable(trouble));
            return;
        }
        self.note_trouble(trouble);
    }

    pub(super) fn give_up(&mut self, error: AcquireError) {
        self.decide(Err(error));
        self.aim = Aim::Resign;
        let now = self.now();
        self.contender.resign(Succession::Queue, now);
    }

    pub(super) fn note_trouble(&mut self, trouble: Trouble) {
        if !is_outage(&trouble) {
            // A version that moved on is how contenders meet.
            return;
        }
        let trouble = Arc::new(trouble);
        tracing::debug!(target: "lease_client::lock", error = %trouble, "a request came to nothing");
        self.trouble = Some(Arc::clone(&trouble));
        self.notice(Notice::Trouble(trouble));
    }
}

/// Whether something did not work, as opposed to somebody having been faster.
fn is_outage(trouble: &Trouble) -> bool {
    !matches!(
        trouble,
        Trouble::Write(WriteError::Conflict(_) | WriteError::Gone(_) | WriteError::Overtaken)
    )
}

fn is_unauthenticated(error: &ReadError) -> bool {
    matches!(error, ReadError::Denied(status) if status.code == 401)
}
