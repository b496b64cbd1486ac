//! A machine that a contender runs on: its clocks, its chance, and whether it runs at all.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use lease_client::clock::Machine;
use lease_core::{Instant, Timestamp};
use tokio::task::AbortHandle;
use tokio::time;
use uuid::{Builder, Uuid};

use crate::dice::Dice;

/// What the wall clocks show at the beginning: 2026-11-21T10:00:00Z.
pub(crate) const EPOCH_MICROS: i64 = 1_795_255_200_000_000;

/// How late timers are after a suspend at most: they stand still meanwhile, and holders look at
/// the clock four times a second.
const LATE_TIMERS: Duration = Duration::from_millis(250);

#[derive(Clone)]
pub(crate) struct Host(Arc<Inner>);

struct Inner {
    /// How fast its local clock is, in millionths.
    drift: i64,
    /// Whether its local clock stands still while it is suspended: a rule that is broken.
    is_stopping: bool,
    zero: time::Instant,
    state: Mutex<State>,
}

struct State {
    dice: Dice,
    /// How far its wall clock is off.
    wall_off: i64,
    /// Whether nothing of it runs; apart for tasks of the library, whose timers are late.
    is_suspended: [bool; 2],
    is_dead: bool,
    /// Since when it is suspended, and for how long it was before.
    suspended: (Option<time::Instant>, Duration),
    sleepers: Vec<Waker>,
    tasks: Vec<AbortHandle>,
}

/// Whose task it is.
#[derive(Clone, Copy)]
enum Kind {
    /// The guarded work and what is around it.
    Own,
    /// The library's, which drives a contender.
    Driver,
}

impl Host {
    pub(crate) fn new(dice: Dice, drift: i64, is_stopping: bool, zero: time::Instant) -> Self {
        Self(Arc::new(Inner {
            drift,
            is_stopping,
            zero,
            state: Mutex::new(State {
                dice,
                wall_off: 0,
                is_suspended: [false; 2],
                is_dead: false,
                suspended: (None, Duration::ZERO),
                sleepers: Vec::new(),
                tasks: Vec::new(),
            }),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Runs what runs on this machine beside the library.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.start(Kind::Own, task);
    }

    fn start(&self, kind: Kind, task: impl Future<Output = ()> + Send + 'static) {
        if self.state().is_dead {
            return;
        }
        let gate = Gate {
            host: self.clone(),
            kind,
            task: Box::pin(task),
        };
        let handle = tokio::spawn(gate).abort_handle();
        let mut state = self.state();
        state.tasks.retain(|task| !task.is_finished());
        state.tasks.push(handle);
    }

    pub(crate) fn is_running(&self) -> bool {
        let state = self.state();
        !state.is_dead && state.is_suspended == [false; 2]
    }

    /// Nothing runs any more; clocks go on.
    pub(crate) fn suspend(&self) {
        let mut state = self.state();
        state.is_suspended = [true; 2];
        state.suspended.0.get_or_insert_with(time::Instant::now);
    }

    /// What waited goes on at once, but for the library's tasks: their timers are late.
    pub(crate) fn resume(&self) {
        if self.is_running() {
            return;
        }
        let late = self.state().dice.between(Duration::ZERO, LATE_TIMERS);
        self.wake([false, true]);
        let host = self.clone();
        tokio::spawn(async move {
            time::sleep(late).await;
            // Unless it was suspended again.
            if host.state().is_suspended == [false, true] {
                host.wake([false; 2]);
            }
        });
    }

    fn wake(&self, is_suspended: [bool; 2]) {
        let sleepers = {
            let mut state = self.state();
            state.is_suspended = is_suspended;
            let (since, before) = &mut state.suspended;
            *before += since.take().map_or(Duration::ZERO, |since| since.elapsed());
            std::mem::take(&mut state.sleepers)
        };
        for sleeper in sleepers {
            sleeper.wake();
        }
    }

    /// Everything on it ends where it stands, and nothing is cleared away.
    pub(crate) fn kill(&self) {
        let tasks = {
            let mut state = self.state();
            state.is_dead = true;
            std::mem::take(&mut state.tasks)
        };
        for task in tasks {
            task.abort();
        }
    }

    pub(crate) fn set_wall(&self, off: i64) {
        self.state().wall_off = off;
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.0.zero.elapsed().as_nanos()).unwrap()
    }
}

impl Machine for Host {
    fn local(&self) -> Instant {
        let mut elapsed = self.elapsed();
        if self.0.is_stopping {
            let (since, before) = self.state().suspended;
            let slept = before + since.map_or(Duration::ZERO, |since| since.elapsed());
            elapsed -= i64::try_from(slept.as_nanos()).unwrap();
        }
        let drifted = elapsed + elapsed / 1_000_000 * self.0.drift;
        // It was started an hour before.
        Instant::from_nanos(3_600_000_000_000 + u64::try_from(drifted).unwrap())
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(EPOCH_MICROS + self.elapsed() / 1000 + self.state().wall_off)
    }

    fn unique(&self) -> Uuid {
        let mut state = self.state();
        let bytes = [state.dice.roll(), state.dice.roll()];
        let bytes = bytes.map(u64::to_be_bytes).concat();
        Builder::from_random_bytes(bytes.try_into().unwrap()).into_uuid()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.start(Kind::Driver, task);
    }
}

/// A task that runs while its machine does.
struct Gate {
    host: Host,
    kind: Kind,
    task: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Gate {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let kind = self.kind as usize;
        {
            let mut state = self.host.state();
            if state.is_dead || state.is_suspended[kind] {
                state.sleepers.push(context.waker().clone());
                return Poll::Pending;
            }
        }
        self.task.as_mut().poll(context)
    }
}
