//! Locks that are a `ConfigMap`: one is held while it exists (kvdi's `pkg/util/lock`).
//!
//! Its holder is the Pod that owns it, and `data.expiresAt` says when others may delete it, on the
//! clock of whoever wrote that. Contenders of ours say more in annotations, among them who of
//! several in one Pod it is, and when they renewed it; those of kvdi renew nothing.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::{MARGIN, Record, Timestamp, Uid};

/// The key of the data that says when a lock may be deleted, in seconds since 1970 as decimal text.
pub const EXPIRES_AT: &str = "expiresAt";

const MICROS: i64 = 1_000_000;

/// The Pod that a lock belongs to. The garbage collector removes the lock with it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PodOwner {
    /// The Pod's name. It is in the lock's namespace.
    pub name: String,
    /// The Pod's uid.
    pub uid: Uid,
}

/// What a GET of the owner's name showed. That it could not be read shows nothing.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum PodSeen {
    /// There is no Pod of this name (404).
    Absent,
    /// There is one, of this uid.
    Present(Uid),
}

/// That the owner of a lock is gone. A uid does not come back, so that stays true; of the owner of
/// another lock by the same name, it tells nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnerGone(PodOwner);

impl OwnerGone {
    /// Whether it is this one that is gone.
    pub fn is_of(&self, owner: &PodOwner) -> bool {
        self.0 == *owner
    }
}

impl PodOwner {
    /// The proof that this owner is gone, if what was seen of its name is one: there is no Pod of its
    /// name, or it is another one.
    pub fn gone(&self, seen: &PodSeen) -> Option<OwnerGone> {
        let is_gone = match seen {
            PodSeen::Absent => true,
            PodSeen::Present(uid) => *uid != self.uid,
        };
        is_gone.then(|| OwnerGone(self.clone()))
    }
}

impl fmt::Display for PodOwner {
    /// The holder, where nothing tells more. All contenders of kvdi in one Pod are this one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pod/{} ({})", self.name, self.uid)
    }
}

/// When contenders of kvdi may delete a lock of ours, in seconds since 1970; `None` for never.
///
/// They compare it with their own clocks. So it lies, by ours, the margin after the end of the
/// lease, and whole seconds are rounded up.
pub fn expires_at(record: &Record) -> Option<i64> {
    let (renewed, lease) = (record.renewed()?, record.duration()?);
    let end = renewed.saturating_add(lease).saturating_add(MARGIN);
    let rest = end.as_micros().rem_euclid(MICROS);
    let whole = end.as_micros().div_euclid(MICROS);
    Some(whole + i64::from(rest > 0))
}

/// What a lock says of itself that no contender of ours has written: who owns it, and the `text`
/// of [`EXPIRES_AT`]. `created` is its `creationTimestamp`, on the API server's clock.
///
/// It was never renewed, and lasts from its creation to `expiresAt`; so whoever judges it by these
/// two asks whether a clock is past `expiresAt`. A text that is no number ends nothing, as kvdi has
/// it. Where `expiresAt` was over when the lock was created (kvdi computes it before it waits), it
/// lasts a second.
pub fn stated(owner: &PodOwner, created: Option<Timestamp>, text: Option<&str>) -> Record {
    let ends: Option<i64> = text.and_then(|text| text.parse().ok());
    let lasts = created.zip(ends).map(|(created, ends)| {
        let seconds = ends.saturating_sub(created.as_micros().div_euclid(MICROS));
        i32::try_from(seconds.max(1)).unwrap_or(i32::MAX)
    });
    Record {
        holder: Some(format!("{owner}")),
        duration_seconds: lasts,
        acquire_time: created,
        renew_time: created.filter(|_| lasts.is_some()),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * MICROS)
    }

    fn owner() -> PodOwner {
        PodOwner {
            name: "web-0".into(),
            uid: Uid::new("u"),
        }
    }

    #[test]
    fn a_pod_is_gone_by_404_or_by_another_uid() {
        assert!(owner().gone(&PodSeen::Absent).is_some());
        assert!(owner().gone(&PodSeen::Present(Uid::new("v"))).is_some());
        assert!(owner().gone(&PodSeen::Present(Uid::new("u"))).is_none());
    }

    #[test]
    fn what_is_no_number_ends_nothing() {
        for never in [None, Some(""), Some(" 5"), Some("soon"), Some("1e9")] {
            let record = stated(&owner(), Some(at(100)), never);
            assert_eq!((record.duration(), record.renewed()), (None, None));
            assert!(record.holder().is_some());
        }
        assert_eq!(stated(&owner(), None, Some("5")).duration(), None);
    }

    #[test]
    fn an_end_before_the_creation_lasts_a_second() {
        for over in ["99", "100", "-5", "-9223372036854775808"] {
            let record = stated(&owner(), Some(at(100)), Some(over));
            assert_eq!(record.duration_seconds, Some(1), "{over}");
        }
        let far = stated(&owner(), Some(at(100)), Some("9223372036854775807"));
        assert_eq!(far.duration_seconds, Some(i32::MAX));
    }

    proptest! {
        #[test]
        fn nobody_may_delete_a_lock_of_ours_before_its_lease_is_over(
            renewed in 1_000_000_000_000_000_i64..4_000_000_000_000_000, seconds in 1..1_000_000,
        ) {
            let record = Record {
                duration_seconds: Some(seconds),
                renew_time: Some(Timestamp::from_micros(renewed)),
                ..Record::default()
            };
            let end = at(expires_at(&record).unwrap());
            let lasts = end.since(Timestamp::from_micros(renewed));
            let least = record.duration().unwrap() + MARGIN;
            prop_assert!(lasts >= least && lasts < least + core::time::Duration::from_secs(1));
        }
    }
}
