//! Signals that are passed on, or end a wait.

use std::io;
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::time::Duration;

use futures::stream::{SelectAll, Stream, unfold};
use futures::{FutureExt, StreamExt};
use nix::sys::signal::Signal;
use tokio::signal::unix::SignalKind;
use tokio::time::timeout;

/// Those that ask a process to end.
const ENDING: [Signal; 4] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
];
/// Those that mean something to some programs.
const TOLD: [Signal; 3] = [Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGWINCH];

/// How much longer somebody who asked for an end is kept waiting for what is under way.
const MOMENT: Duration = Duration::from_millis(800);

/// What this process ends by, once it has said what it did.
static LEFT_BY: OnceLock<Signal> = OnceLock::new();

/// [`Signals::or_soon`], where signals ended this process until now.
pub(crate) async fn or_soon<T>(work: impl Future<Output = T>) -> Option<T> {
    match Signals::ending() {
        Ok(mut signals) => signals.or_soon(work).await,
        // Then they still do.
        Err(_) => Some(work.await),
    }
}

/// What this process is to end by.
pub(crate) fn left_by() -> Option<Signal> {
    LEFT_BY.get().copied()
}

/// The signals that reach this process from now on.
pub(crate) struct Signals {
    all: SelectAll<Pin<Box<dyn Stream<Item = Signal>>>>,
}

impl Signals {
    /// Those that ask for an end.
    pub(crate) fn ending() -> io::Result<Self> {
        Self::of(&ENDING)
    }

    /// Those, and those that a command is told.
    pub(crate) fn all() -> io::Result<Self> {
        Self::of(&[&ENDING[..], &TOLD].concat())
    }

    /// What whoever started us has us ignore (`nohup`, or a shell's `&`) stays so, for us and for
    /// what we start.
    fn of(signals: &[Signal]) -> io::Result<Self> {
        let mut all = SelectAll::new();
        for signal in signals.iter().copied().filter(|one| !is_ignored(*one)) {
            let heard = tokio::signal::unix::signal(SignalKind::from_raw(signal as i32))?;
            let stream = unfold(heard, move |mut heard| async move {
                heard.recv().await?;
                Some((signal, heard))
            });
            all.push(stream.boxed_local());
        }
        Ok(Self { all })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        match self.all.next().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }

    /// The next one that asks for an end; what comes before it is nobody's.
    pub(crate) async fn ending_one(&mut self) -> Signal {
        loop {
            let signal = self.next().await;
            if asks_for_an_end(signal) {
                return signal;
            }
        }
    }

    /// Waits for what is not to be cut off lightly, as a write is; once asked to end, only for a
    /// moment more. `None` if it is not known by then what came of it. The process then ends by that
    /// signal, once it has said all that there is to say.
    pub(crate) async fn or_soon<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        if left_by().is_some() {
            return timeout(MOMENT, work).await.ok();
        }
        tokio::select! {
            biased;
            done = &mut work => {
                if let Some(signal) = self.ending_one().now_or_never() {
                    let _ = LEFT_BY.set(signal);
                }
                Some(done)
            }
            signal = self.ending_one() => {
                let _ = LEFT_BY.set(signal);
                timeout(MOMENT, work).await.ok()
            }
        }
    }
}

/// The exit code of what a signal ended, as shells tell it.
fn code_of(signal: Signal) -> u8 {
    u8::try_from(128 + signal as i32).unwrap_or(u8::MAX)
}

/// Ends this process as the signal would have, had it not been caught: a shell's loop goes on after
/// an exit code of 130, and ends only with what was interrupted. Gives the exit code for all but
/// interrupts.
pub(crate) fn end_by(signal: Signal) -> u8 {
    if signal == Signal::SIGINT {
        // If that is not possible, there is the exit code.
        let _ = signal_hook::low_level::emulate_default_handler(signal as i32);
    }
    code_of(signal)
}

/// Whether a signal asks a process to end.
pub(crate) fn asks_for_an_end(signal: Signal) -> bool {
    ENDING.contains(&signal)
}

/// Whether a signal is ignored. Only Linux tells without an unsafe call.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal as u32 - 1) & 1 == 1)
}
