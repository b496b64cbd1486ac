//! What a lease records about its lock.

use alloc::string::String;
use core::time::Duration;

use crate::Timestamp;

/// The spec of a `coordination.k8s.io/v1` Lease, field by field, as it stands.
///
/// Nothing is interpreted here: a field that is absent or null is `None`, an empty holder is
/// `Some("")`. All other parts of the object stay with the store, which changes only these.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Record {
    /// `holderIdentity`: who holds the lock. Absent and `""` both mean nobody.
    pub holder: Option<String>,
    /// `leaseDurationSeconds`: how long others must wait after the last observed renewal.
    pub duration_seconds: Option<i32>,
    /// `acquireTime`: when the holder took the lock, on the holder's clock.
    pub acquire_time: Option<Timestamp>,
    /// `renewTime`: when the holder last renewed, on the holder's clock.
    pub renew_time: Option<Timestamp>,
    /// `leaseTransitions`: how often the lock changed hands. It starts anew when the lease is
    /// deleted and is no fencing token.
    pub transitions: Option<i32>,
    /// `strategy`: set if the lock is assigned by coordinated leader election (KEP-4355).
    pub strategy: Option<String>,
    /// `preferredHolder`: who should take over from the holder, in coordinated leader election.
    pub preferred_holder: Option<String>,
}

impl Record {
    /// The holder's identity, or `None` if nobody holds the lock.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref().filter(|holder| !holder.is_empty())
    }

    /// The lease duration, if it is there and positive. The API server refuses others.
    pub fn duration(&self) -> Option<Duration> {
        let seconds = u64::try_from(self.duration_seconds?).ok()?;
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }

    /// `renewTime`, unless it is a year-0001 time, which means "no time".
    pub fn renewed(&self) -> Option<Timestamp> {
        self.renew_time.filter(|time| time.is_set())
    }

    /// `acquireTime`, unless it is a year-0001 time, which means "no time".
    pub fn acquired(&self) -> Option<Timestamp> {
        self.acquire_time.filter(|time| time.is_set())
    }
}
