//! One lease as it was read.

use alloc::string::String;

use crate::{Dialect, Notes, Record, Timestamp, Version};

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
