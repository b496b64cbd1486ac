//! The two kinds of clock, read, and chance: what a contender has of the machine that it runs on.

use lease_core::{Instant, Timestamp};
use uuid::Uuid;

/// What a contender has of the machine that it runs on. Tests put another one in its place, whose
/// clocks stop or drift and whose chance is repeatable.
pub trait Machine: Clone + Send + Sync + 'static {
    /// The local clock; see [`local`].
    fn local(&self) -> Instant;

    /// The wall clock; see [`wall`].
    fn wall(&self) -> Timestamp;

    /// A number that nobody has had before.
    fn unique(&self) -> Uuid;

    /// Lets a task run beside everything else, to its end.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

/// The machine that this program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn local(&self) -> Instant {
        local()
    }

    fn wall(&self) -> Timestamp {
        wall()
    }

    fn unique(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// What this machine's wall clock shows, in microseconds.
pub fn wall() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// The local clock that only goes forward and counts suspend: a laptop that slept must know
/// that its lock is over.
pub fn local() -> Instant {
    // CLOCK_BOOTTIME counts suspend on Linux. Elsewhere CLOCK_MONOTONIC does (macOS: it is the
    // continuous clock).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

    let now = rustix::time::clock_gettime(CLOCK);
    let seconds = now.tv_sec.unsigned_abs();
    let nanos = now.tv_nsec.unsigned_abs();
    Instant::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}
