//! One lease as it was read.

use alloc::string::String;

use crate::{Dialect, Record, Timestamp, Version};

/// One lease in one version: what every decision starts from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Snapshot {
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// The uid and resourceVersion that were read.
    pub version: Version,
    /// The spec that was read.
    pub record: Record,
    /// When the record last changed on the API server's clock, by [`crate::stamp`].
    pub stamp: Option<Timestamp>,
    /// Whose lease this is.
    pub dialect: Dialect,
}
