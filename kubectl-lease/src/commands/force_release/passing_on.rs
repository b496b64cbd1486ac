//! Waiting until a tombstone has had its time, and passing the lock on.

use std::time::Duration;

use lease_client::{Deed, Store, clock};
use lease_core::{Judged, Observer, Queue, Refusal, State, Timestamp, decide};
use nix::sys::signal::Signal;

use super::ForceRelease;
use crate::dry_run::DryRun;
use crate::escape;
use crate::failure::Failure;
use crate::human;
use crate::lock_name;
use crate::lock_watch::LockWatch;
use crate::one_shot::{Looking, Reading, Stop, attempt, read_as};
use crate::session::Session;
use crate::signals::{Signals, end_by, left_by};

/// How often the countdown moves.
const TICK: Duration = Duration::from_millis(200);

/// What became of a tombstone.
enum Waited {
    /// It has had its time.
    Over,
    /// It is not there any more: who holds the lock now, if anybody does.
    Gone(Option<String>),
    Interrupted(Signal),
}

impl ForceRelease<'_> {
    /// Waits until a tombstone has had its time, and passes the lock on, unless this process was
    /// asked to end before.
    pub(super) async fn pass_on(
        &self,
        mut observer: Observer,
        signals: &mut Signals,
    ) -> Result<u8, Failure> {
        let left = observer.remaining(clock::local()).unwrap_or_default();
        if self.dry_run != DryRun::None {
            return Ok(0);
        }
        if left_by().is_none() && !self.ui.shows_progress() {
            self.ui.note(&format!(
                "waiting for {}, until its holder has stopped; interrupted, a tombstone stays, \
                 which ends by itself",
                human::duration(left + Duration::from_millis(999))
            ));
        }
        let waited = match left_by() {
            Some(signal) => Ok(Waited::Interrupted(signal)),
            None => self.wait_out(&mut observer, signals).await,
        };
        self.ui.end_progress();
        match waited? {
            Waited::Over => {}
            Waited::Gone(holder) => {
                self.tell_next(holder.as_deref())?;
                self.session.settle_unless_left().await;
                return Ok(0);
            }
            Waited::Interrupted(signal) => {
                return Ok(self.leave_tombstone(&observer, signal).await);
            }
        }
        let (first, queue) = tokio::select! {
            biased;
            signal = signals.ending_one() => {
                return Ok(self.leave_tombstone(&observer, signal).await);
            }
            read = self.read_with_queue(observer.clone()) => read?,
        };
        let ended = signals.or_soon(Box::pin(self.end(first, queue))).await;
        ended.unwrap_or_else(|| Err(self.attempted.left(None)))?;
        self.session.settle_unless_left().await;
        Ok(0)
    }

    /// Ends without passing it on.
    async fn leave_tombstone(&self, observer: &Observer, signal: Signal) -> u8 {
        let lock = lock_name::object(self.attempted.name);
        let left = observer.remaining(clock::local()).unwrap_or_default();
        let when = if left.is_zero() {
            "now".to_owned()
        } else {
            format!("in {}", human::duration(left + Duration::from_millis(999)))
        };
        self.ui.note(&format!(
            "{lock} is left with a tombstone, which nobody renews: others can take it {when}"
        ));
        self.session.settle_unless_left().await;
        end_by(signal)
    }

    async fn wait_out(
        &self,
        observer: &mut Observer,
        signals: &mut Signals,
    ) -> Result<Waited, Failure> {
        let Session {
            locks: store,
            namespace,
            ..
        } = self.session;
        let mut watch = tokio::select! {
            biased;
            signal = signals.ending_one() => return Ok(Waited::Interrupted(signal)),
            watch = LockWatch::open(self.ui, store, namespace, self.attempted.name) => watch?,
        };
        let ours = observer.latest().version.uid.clone();
        loop {
            let now = clock::local();
            match watch.now() {
                None => return Err(self.deleted_with_tombstone()),
                Some((lease, _)) => {
                    let lock = lease.snapshot();
                    let is_old =
                        lock.version.resource_version < observer.latest().version.resource_version;
                    if lock.version.uid != ours || (!is_old && lock.tombstone().is_none()) {
                        let holder = lock.record.holder().map(str::to_owned);
                        return Ok(Waited::Gone(holder));
                    }
                    if !is_old {
                        observer.observe(lock.clone(), now);
                    }
                }
            }
            if observer.judged(now).standing().state == State::Expired {
                return Ok(Waited::Over);
            }
            let left = observer.remaining(now).unwrap_or_default();
            self.ui.progress(&format!(
                "its holder has stopped in {}; ctrl-c leaves a tombstone, which ends by itself",
                human::duration(left + Duration::from_millis(999))
            ));
            tokio::select! {
                biased;
                signal = signals.ending_one() => return Ok(Waited::Interrupted(signal)),
                heard = watch.next(left.clamp(Duration::from_millis(1), TICK)) => heard?,
            }
        }
    }

    /// Somebody deleted the lock while its tombstone stood.
    fn deleted_with_tombstone(&self) -> Failure {
        Failure::not_acquired(format!(
            "\"{}\" was broken, and deleted before its tombstone had had its time",
            self.attempted.name
        ))
        .hint("who held it may not know yet: wait for its duration before creating it again")
    }

    /// The lock, and who waits for it.
    async fn read_with_queue(&self, observer: Observer) -> Result<(Reading, Queue), Failure> {
        let Session {
            locks: store,
            namespace,
            ..
        } = self.session;
        let lock = observer.latest();
        let tickets = store.tickets(namespace, &lock.version.uid).await;
        // Who waits finds a lock that is free as well, if not in order.
        let queue = tickets.map_or_else(|_| Queue::default(), |list| Queue::new(list.leases));
        let looking = Looking::Observed(Box::new(observer));
        let first = read_as(store, namespace, self.attempted.name, looking).await?;
        Ok((first, queue))
    }

    /// Passes the lock on to the first one who waits, or sets it free.
    async fn end(&self, first: Reading, queue: Queue) -> Result<(), Failure> {
        let ended = attempt(
            &self.session.locks,
            self.dry_run,
            &self.attempted,
            first,
            |judged: Option<&Judged<'_>>, now: Timestamp| {
                let judged = judged.ok_or(Refusal::AlreadyFree)?;
                let lock = judged.lock();
                let holder = lock.record.holder().unwrap_or_default();
                let first = queue.next_besides(holder, lock.notes.served_through.as_ref());
                decide::end_tombstone(judged, first, now)
            },
        )
        .await;
        match ended {
            Ok(done) => {
                let lock = done.after.snapshot();
                let to = lock.record.holder();
                let deed = Deed::Released { to };
                self.session.recorder.tell(lock, &self.breaker.who, deed);
                self.tell_next(to)
            }
            Err(Stop::Refused {
                refusal: Refusal::AlreadyFree,
                ..
            }) => self.tell_next(None),
            // Somebody who waited was faster.
            Err(Stop::Refused {
                lease: Some(lease),
                refusal: Refusal::NotHolder,
                ..
            }) => self.tell_next(lease.snapshot().record.holder()),
            Err(stop) => Err(stop.failure(&self.attempted)),
        }
    }

    /// Who has the lock next.
    fn tell_next(&self, holder: Option<&str>) -> Result<(), Failure> {
        let name = self.attempted.name;
        let lock = lock_name::object(name);
        let text = match holder {
            None => format!("{lock} is free"),
            Some(holder) => format!("{lock} is with {}", escape::cut(holder, 200)),
        };
        if self.output.is_for_people() {
            return Ok(self.ui.data(&format!("{text}\n"))?);
        }
        self.ui.note(&text);
        Ok(())
    }
}
