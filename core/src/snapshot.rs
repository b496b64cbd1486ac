//! One lease as it was read.

use alloc::string::String;

use crate::{Broken, Dialect, Grant, Notes, Record, Taker, Timestamp, Version};

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
    /// Whether this contender holds the lock, as far as its name goes. The holder of a lock that no
    /// contender of ours wrote has no name that any of them could have.
    pub fn is_held_by(&self, who: &str) -> bool {
        let is_foreign = matches!(self.dialect, Dialect::ConfigMap { is_ours: false, .. });
        self.record.holder() == Some(who) && !is_foreign
    }

    /// The hand-over that named the holder, if it is not confirmed yet. Then nobody holds the lock.
    pub fn offer(&self) -> Option<&Grant> {
        let grant = self.notes.grant.as_ref()?;
        (Some(grant.to.as_str()) == self.record.holder()).then_some(grant)
    }

    /// What broke the lock, if its holder is none but a tombstone.
    pub fn tombstone(&self) -> Option<&Broken> {
        let broken = self.notes.broken.as_ref()?;
        (Some(broken.tombstone.as_str()) == self.record.holder()).then_some(broken)
    }

    /// The contender of ours that holds the lock, if it is one.
    pub fn taker(&self) -> Option<&Taker> {
        let taker = self.notes.taken_by.as_ref()?;
        (Some(taker.holder.as_str()) == self.record.holder()).then_some(taker)
    }
}
