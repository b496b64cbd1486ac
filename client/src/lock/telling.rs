//! What an attempt's task tells: notices, how far it has come, traces.

use lease_core::{End, Event, FencingToken, Loss};

use super::driver::{Aim, BREATHER, Driver};
use super::stage::{Outcome, Stage};
use super::{AcquireError, Notice};
use crate::clock::Machine;
use crate::lease::Lease;
use crate::store::Store;

impl<S: Store + Clone + 'static, M: Machine> Driver<S, M> {
    /// Tells what the contender tells, to everybody whom it concerns.
    pub(super) fn tell(&mut self) {
        while let Some(event) = self.contender.poll_event() {
            self.take_note(&event);
            if let Some(recorder) = &self.recorder {
                let lock = self.carrier.newest().map(Lease::snapshot);
                recorder.record(&self.shared, lock, self.holds.as_ref(), &event);
            }
            self.notice(Notice::Told(event));
        }
    }

    pub(super) fn take_note(&mut self, event: &Event) {
        trace(event);
        match event {
            Event::Acquired { token, .. } => {
                self.hold(token.clone());
                self.decide(Ok(()));
            }
            Event::Renewed => self.renewed(),
            Event::ReleaseAsked => self.asked(),
            Event::Lost(loss) => self.lose(loss.clone()),
            Event::Released { to } => {
                self.enter(Stage::Ended(Outcome::Released { to: to.clone() }));
            }
            Event::ReleaseFailed => self.enter(Stage::Ended(Outcome::ReleaseFailed)),
            Event::NotAcquired(end) => self.not_acquired(end.clone()),
            _ => {}
        }
    }

    pub(super) fn hold(&mut self, token: FencingToken) {
        let now = self.now();
        let held = self
            .carrier
            .in_version(token.version())
            .or_else(|| self.carrier.newest());
        let (Some(uid), Some(left)) = (
            held.map(|lease| lease.snapshot().version.uid.clone()),
            self.contender.remaining(now),
        ) else {
            // Over before it was noticed; that is told next.
            return;
        };
        self.holds = Some(uid.clone());
        if self.carrier.ticket.is_some() {
            self.breathes = Some(now.saturating_add(BREATHER));
        }
        self.enter(Stage::Held {
            token,
            uid,
            until: now.saturating_add(left),
            asked: false,
        });
    }

    pub(super) fn renewed(&mut self) {
        let now = self.now();
        let Some(left) = self.contender.remaining(now) else {
            return;
        };
        self.shared.stage.send_if_modified(|stage| {
            let Stage::Held { until, .. } = stage else {
                return false;
            };
            *until = now.saturating_add(left);
            true
        });
    }

    pub(super) fn asked(&self) {
        self.shared.stage.send_if_modified(|stage| match stage {
            Stage::Held { asked, .. } => !std::mem::replace(asked, true),
            _ => false,
        });
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        let since = self.now();
        self.enter(Stage::Lost { loss, since });
    }

    pub(super) fn not_acquired(&mut self, end: End) {
        let error = AcquireError::of(end, self.denied.take(), self.trouble.clone());
        // It resigned of itself.
        self.aim = Aim::Resign;
        self.decide(Err(error));
    }

    pub(super) fn decide(&mut self, verdict: Result<(), AcquireError>) {
        if let Some(tell) = self.verdict.take() {
            // An attempt that was dropped resigns next.
            let _ = tell.send(verdict);
        }
    }

    /// Goes on to the next stage. What was given up is not held again, whatever is still under
    /// way.
    pub(super) fn enter(&self, next: Stage) {
        self.shared.stage.send_if_modified(|stage| {
            let is_given_up = matches!(stage, Stage::GivingBack | Stage::Ended(_));
            if is_given_up && !matches!(next, Stage::Ended(_)) {
                return false;
            }
            *stage = next;
            true
        });
    }

    pub(super) fn notice(&self, notice: Notice) {
        // Nobody has to listen.
        let _ = self.shared.notices.send(notice);
    }

    pub(super) fn end(&mut self) {
        if self.aim == Aim::Leave && !self.contender.has_ended() {
            return;
        }
        self.decide(Err(AcquireError::Stopped));
        self.shared.stage.send_if_modified(|stage| {
            let is_open = !matches!(stage, Stage::Ended(_));
            if is_open && self.contender.has_ended() {
                *stage = Stage::Ended(Outcome::NotHeld);
            }
            is_open
        });
    }
}

/// Traces what happened. The fields that count have names that exporters of tracing to metrics
/// know.
fn trace(event: &Event) {
    const TARGET: &str = "lease_client::lock";
    match event {
        Event::Acquired { token, .. } => {
            tracing::info!(
                target: TARGET,
                { monotonic_counter.lease_lock_acquired = 1_u64, %token },
                "acquired"
            );
        }
        Event::AtRisk { .. } => tracing::warn!(
            target: TARGET,
            { monotonic_counter.lease_lock_at_risk = 1_u64 },
            "half of the renew deadline has passed without a renewal"
        ),
        Event::Lost(loss) => tracing::warn!(
            target: TARGET,
            { monotonic_counter.lease_lock_lost = 1_u64, ?loss },
            "lost"
        ),
        Event::Renewed => tracing::debug!(
            target: TARGET,
            { monotonic_counter.lease_lock_renewed = 1_u64 },
            "renewed"
        ),
        Event::Released { .. } => tracing::info!(
            target: TARGET,
            { monotonic_counter.lease_lock_released = 1_u64 },
            "released"
        ),
        other => tracing::debug!(target: TARGET, event = ?other, "told"),
    }
}
