//! How a lock stands: free, held or expired, and by what evidence.

use core::time::Duration;

use crate::{Snapshot, Timestamp};

/// Added to the lease duration wherever clocks of different machines or whole seconds are
/// compared.
///
/// It covers that stamps and `Date` headers are whole seconds, that a stamp is taken before slow
/// admission and commit, and that several API servers' clocks differ a little. A client-go holder
/// that is cut off believes for up to its retry period plus renew deadline; where that is longer
/// than its lease duration, no contender of client-go waits long enough either.
pub const MARGIN: Duration = Duration::from_secs(5);

/// On what an expiry is judged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Basis {
    /// The record did not change for its own duration while we looked: trusts nobody's clock
    /// and costs that time. client-go's rule.
    Observed,
    /// The recorded renewTime against our own wall clock: trusts the holder's clock and ours.
    /// leaselocker's rule, unsafe under clock skew, so used only where the user asks for it.
    Recorded,
    /// The API server's stamp of the last change against the `Date` of the same answer: trusts
    /// the API servers' clocks only.
    Stamped,
}

impl Basis {
    /// The basis' name, for people and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Recorded => "recorded",
            Self::Stamped => "stamped",
        }
    }
}

/// The reading of a clock that a snapshot is judged by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Look {
    /// We watch the lock: see [`crate::Observer`].
    Observed {
        /// For how long the record is known not to have changed, on our local clock.
        unchanged_for: Duration,
        /// Whether a change was seen while watching, so that the holder was alive then.
        change_seen: bool,
    },
    /// Our own wall clock.
    Recorded {
        /// What it shows.
        now: Timestamp,
    },
    /// The API server's clock.
    Stamped {
        /// The `Date` header of the answer that the snapshot came with; of a paged list, the
        /// first page's. Whole seconds.
        date: Timestamp,
    },
}

impl Look {
    /// A first look at a lock that carries no stamp: nothing is known yet of its holder.
    pub const FIRST: Self = Self::Observed {
        unchanged_for: Duration::ZERO,
        change_seen: false,
    };

    /// The best that one answer of the API server offers: its `Date` where the lock is stamped,
    /// else only a first look.
    pub fn stamped_or_first(lock: &Snapshot, date: Option<Timestamp>) -> Self {
        match (lock.stamp, date) {
            (Some(_), Some(date)) => Self::Stamped { date },
            _ => Self::FIRST,
        }
    }
}

/// What a standing rests on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Evidence {
    /// See [`Basis::Observed`].
    Observed {
        /// For how long the record is known not to have changed, on our local clock.
        unchanged_for: Duration,
        /// Whether a change was seen while watching.
        change_seen: bool,
    },
    /// See [`Basis::Recorded`].
    Recorded {
        /// `renewTime`, on the holder's clock.
        renewed: Timestamp,
        /// Our wall clock.
        now: Timestamp,
    },
    /// See [`Basis::Stamped`].
    Stamped {
        /// When the API server saw the last change, in whole seconds on its clock.
        stamp: Timestamp,
        /// When it answered, in whole seconds on its clock.
        date: Timestamp,
    },
}

impl Evidence {
    /// The basis that this evidence belongs to.
    pub const fn basis(&self) -> Basis {
        match self {
            Self::Observed { .. } => Basis::Observed,
            Self::Recorded { .. } => Basis::Recorded,
            Self::Stamped { .. } => Basis::Stamped,
        }
    }

    /// How long ago the record last changed, as this evidence has it.
    pub const fn age(&self) -> Duration {
        match self {
            Self::Observed { unchanged_for, .. } => *unchanged_for,
            Self::Recorded { renewed, now } => now.since(*renewed),
            Self::Stamped { stamp, date } => date.since(*stamp),
        }
    }

    /// What has to be added to the duration on this basis.
    pub const fn margin(&self) -> Duration {
        match self {
            Self::Observed { .. } => Duration::ZERO,
            Self::Recorded { .. } | Self::Stamped { .. } => MARGIN,
        }
    }

    /// Whether a lease of this duration is over. An observed lease ends at its duration
    /// (client-go: `observedTime + LeaseDuration` is no longer after now), the others after it.
    fn is_over(&self, duration: Duration) -> bool {
        match self {
            Self::Observed { .. } => self.age() >= duration,
            _ => self.age() > duration.saturating_add(self.margin()),
        }
    }
}

/// How a lock stands.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum State {
    /// Nobody holds it.
    Free,
    /// Its holder renewed lately.
    Held,
    /// It was handed over, and its next holder has not confirmed that yet: nobody holds it.
    Offered,
    /// Two thirds of its duration have passed since the last renewal.
    Late,
    /// Held, but whether its holder still lives cannot be told yet: the lock carries no stamp
    /// and has not been watched for its duration.
    Unknown,
    /// Its duration has passed since the last renewal: it can be taken.
    Expired,
    /// It has a holder but no duration or no renewTime, so it never expires.
    Unbounded,
    /// Its fields contradict each other.
    Malformed,
}

impl State {
    /// The state's name, for people and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held => "held",
            Self::Late => "late",
            Self::Offered => "offered",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Unbounded => "unbounded",
            Self::Malformed => "malformed",
        }
    }
}

/// When a lease ends, seen from when it was judged and without any margin.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Expiry {
    /// It ended so long ago.
    Ago(Duration),
    /// It ends in so long, unless its holder renews.
    In(Duration),
}

/// How a lock stands, with the evidence for it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Standing {
    /// The verdict.
    pub state: State,
    /// What it rests on; `None` where no clock is needed (free, unbounded, malformed).
    pub evidence: Option<Evidence>,
    /// When the lease ends; `None` where it does not.
    pub expiry: Option<Expiry>,
}

/// A snapshot together with its standing. Only [`judge`] makes one, so a decision can never rest
/// on the standing of another version than the one that it writes to.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    lock: &'a Snapshot,
    standing: Standing,
}

impl<'a> Judged<'a> {
    /// What was judged.
    pub const fn lock(&self) -> &'a Snapshot {
        self.lock
    }

    /// How it stands.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }
}

/// Tells how a lock stands.
///
/// A [`Look::Stamped`] at a lock without stamp counts as a first look by observation. A lock
/// without renewTime is unbounded, however it is looked at.
pub fn judge(lock: &Snapshot, look: Look) -> Judged<'_> {
    Judged {
        lock,
        standing: standing(lock, look),
    }
}

fn standing(lock: &Snapshot, look: Look) -> Standing {
    let record = &lock.record;
    let timeless = |state| Standing {
        state,
        evidence: None,
        expiry: None,
    };
    if lock.dialect.is_free(record) {
        return timeless(State::Free);
    }
    if record.holder().is_none() || record.duration_seconds.is_some_and(|seconds| seconds <= 0) {
        return timeless(State::Malformed);
    }
    let (Some(lease), Some(renewed)) = (record.duration(), record.renewed()) else {
        return timeless(State::Unbounded);
    };

    let evidence = match (look, lock.stamp) {
        (Look::Stamped { date }, Some(stamp)) => Evidence::Stamped { stamp, date },
        (Look::Recorded { now }, _) => Evidence::Recorded { renewed, now },
        (
            Look::Observed {
                unchanged_for,
                change_seen,
            },
            _,
        ) => Evidence::Observed {
            unchanged_for,
            change_seen,
        },
        (Look::Stamped { .. }, None) => Evidence::Observed {
            unchanged_for: Duration::ZERO,
            change_seen: false,
        },
    };
    let is_known = !matches!(
        evidence,
        Evidence::Observed {
            change_seen: false,
            ..
        }
    );
    let age = evidence.age();
    // What is stated ends by the clocks alone, and that of the API server is one of them.
    let can_prove = !lock.dialect.ends_as_stated() || evidence.basis() == Basis::Stamped;
    let state = if evidence.is_over(lease) && can_prove {
        State::Expired
    } else if !is_known {
        State::Unknown
    } else if lock.offer().is_some() {
        State::Offered
    } else if age >= lease * 2 / 3 {
        State::Late
    } else {
        State::Held
    };
    let expiry = match lease.checked_sub(age) {
        Some(left) if !left.is_zero() => Expiry::In(left),
        _ => Expiry::Ago(age.saturating_sub(lease)),
    };
    Standing {
        state,
        evidence: Some(evidence),
        expiry: Some(expiry),
    }
}
