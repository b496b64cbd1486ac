//! One lease as it was read.

use alloc::string::String;

use crate::{Attendant, Dialect, Grant, Notes, Record, Timestamp, Version};

/// One lease in one version: what every decision starts from.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Snapshot {
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// The uid and resourceVersion that were read.
    pub version: Version,
    /// The spec that was read.
    pub record: Record,
    /// What contenders of ours left on it.
    pub notes: Notes,
    /// When the record last changed on the API server's clock, by [`crate::stamp`].
    pub stamp: Option<Timestamp>,
    /// Whose lease this is.
    pub dialect: Dialect,
}

impl Snapshot {
    /// The hand-over that named the holder, if it is not confirmed yet. Then nobody holds the lock.
    pub fn offer(&self) -> Option<&Grant> {
        let grant = self.notes.grant.as_ref()?;
        (Some(grant.to.as_str()) == self.record.holder()).then_some(grant)
    }

    /// The holder, if it watches the lock and gives it back when it is asked to.
    pub fn attendant(&self) -> Option<&Attendant> {
        let attendant = self.notes.attended.as_ref()?;
        (Some(attendant.holder.as_str()) == self.record.holder()).then_some(attendant)
    }
}
