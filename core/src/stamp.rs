//! When the API server itself saw a lease's record change.

use crate::{Record, Timestamp};

/// The spec fields whose change is a sign of life of the holder.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SpecField {
    /// `acquireTime`
    AcquireTime,
    /// `holderIdentity`
    Holder,
    /// `leaseDurationSeconds`
    Duration,
    /// `renewTime`
    RenewTime,
    /// `leaseTransitions`
    Transitions,
}

impl SpecField {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AcquireTime,
        Self::Holder,
        Self::Duration,
        Self::RenewTime,
        Self::Transitions,
    ];

    fn is_present(self, record: &Record) -> bool {
        match self {
            Self::AcquireTime => record.acquire_time.is_some(),
            Self::Holder => record.holder.is_some(),
            Self::Duration => record.duration_seconds.is_some(),
            Self::RenewTime => record.renew_time.is_some(),
            Self::Transitions => record.transitions.is_some(),
        }
    }
}

/// One claim of ownership from `metadata.managedFields`: a manager owns `field` since, at the
/// latest, `time` on the API server's clock.
///
/// Entries that were made by server-side apply can lack a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FieldOwner {
    /// The owned field.
    pub field: SpecField,
    /// The entry's time, in whole seconds on the API server's clock.
    pub time: Option<Timestamp>,
}

/// When the record last changed, by the API server's own clock, in whole seconds; never earlier
/// than the truth (but for the second that is cut off). `None` if `managedFields` cannot tell.
///
/// A manager's entry is dated when the manager last changed something, so a value cannot be
/// younger than the *earliest* entry that owns its field, and the record as a whole is as young
/// as its *latest* field. A field that is there and has no dated owner tells nothing, and then
/// neither does the record: an old date of the others would make a live holder look dead.
/// (Source: Kubernetes server-side apply, `metadata.managedFields`; tried on 1.36.)
pub fn stamp(record: &Record, owners: &[FieldOwner]) -> Option<Timestamp> {
    let mut latest = None;
    for field in SpecField::ALL {
        if !field.is_present(record) {
            continue;
        }
        let earliest = owners
            .iter()
            .filter(|owner| owner.field == field)
            .filter_map(|owner| owner.time)
            .min()?;
        latest = latest.max(Some(earliest));
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn held() -> Record {
        Record {
            holder: Some("a".into()),
            duration_seconds: Some(15),
            renew_time: Some(at(0)),
            ..Record::default()
        }
    }

    fn owner(field: SpecField, seconds: i64) -> FieldOwner {
        FieldOwner {
            field,
            time: Some(at(seconds)),
        }
    }

    #[test]
    fn a_second_manager_that_changes_the_holder_does_not_age_the_renewal() {
        let owners = [
            owner(SpecField::Duration, 100),
            owner(SpecField::RenewTime, 100),
            owner(SpecField::Holder, 40),
        ];
        assert_eq!(stamp(&held(), &owners), Some(at(100)));
    }

    #[test]
    fn a_co_owner_that_came_later_does_not_refresh_a_field() {
        let owners = [
            owner(SpecField::Holder, 100),
            owner(SpecField::Duration, 100),
            owner(SpecField::RenewTime, 100),
            owner(SpecField::RenewTime, 900),
        ];
        assert_eq!(stamp(&held(), &owners), Some(at(100)));
    }

    #[test]
    fn a_co_owner_without_time_is_passed_over() {
        let mut owners = [
            owner(SpecField::Holder, 100),
            owner(SpecField::Duration, 100),
            owner(SpecField::RenewTime, 100),
            FieldOwner {
                field: SpecField::RenewTime,
                time: None,
            },
        ];
        assert_eq!(stamp(&held(), &owners), Some(at(100)));
        owners[2].time = None;
        assert_eq!(stamp(&held(), &owners), None);
    }

    #[test]
    fn a_field_without_owner_leaves_no_stamp() {
        let owners = [owner(SpecField::Holder, 1), owner(SpecField::Duration, 1)];
        assert_eq!(stamp(&held(), &owners), None);
        assert_eq!(stamp(&held(), &[]), None);
        assert_eq!(stamp(&Record::default(), &[]), None);
    }
}
