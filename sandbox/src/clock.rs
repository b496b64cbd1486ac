//! The wall clock of a cluster.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// What a cluster takes for the time of day: its stamps and its `Date` header come from here.
///
/// Clones of a manual clock share one hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// Stands where it was set, until it is set again or advanced.
    Manual(ManualClock),
    /// The machine's own wall clock.
    Real,
}

impl Clock {
    /// A clock that stands at `time`.
    pub fn manual(time: Timestamp) -> Self {
        Self::Manual(ManualClock::new(time))
    }

    /// The wall time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Manual(clock) => clock.now(),
            Self::Real => Timestamp::now(),
        }
    }
}

/// A wall clock that only its owner moves.
#[derive(Clone, Debug)]
pub struct ManualClock {
    time: Arc<Mutex<Timestamp>>,
}

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn new(time: Timestamp) -> Self {
        Self {
            time: Arc::new(Mutex::new(time)),
        }
    }

    /// The time that it shows.
    pub fn now(&self) -> Timestamp {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it, backwards too: wall clocks are stepped.
    pub fn set(&self, time: Timestamp) {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// Moves it on by `by`; a negative duration moves it back. It stops at the end of time that
    /// a [`Timestamp`] can express.
    pub fn advance(&self, by: SignedDuration) {
        let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        *time = time.saturating_add(by).unwrap_or(*time);
    }
}
