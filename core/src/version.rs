//! Which object, in which state, and what orders its holders.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;

/// The uid that the API server gave an object. A lease that is deleted and created again under
/// the same name has another one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Uid(String);

impl Uid {
    /// Takes `metadata.uid` as it was read.
    pub fn new(uid: impl Into<String>) -> Self {
        Self(uid.into())
    }

    /// The uid as the API server writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The state of an object: the API server gives each write a new one.
///
/// Since Kubernetes 1.35 it is defined as a decimal integer of up to 128 bits that grows with
/// each write, so two of them can be compared: by length, then digit by digit.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ResourceVersion(String);

impl ResourceVersion {
    /// Takes `metadata.resourceVersion` as it was read.
    pub fn new(version: impl Into<String>) -> Self {
        Self(version.into())
    }

    /// The version as the API server writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_decimal(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl PartialOrd for ResourceVersion {
    /// `None` if the two differ and one of them is not a decimal integer.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        (self.is_decimal() && other.is_decimal())
            .then(|| (self.0.len(), &self.0).cmp(&(other.0.len(), &other.0)))
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The object and the state of it that were read. Every write and every delete carries both.
///
/// Without the uid, a PUT to the name of a lease that was deleted creates it again, naming a
/// holder that is long gone; without the resourceVersion, a write can overwrite a renewal.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Version {
    /// `metadata.uid`.
    pub uid: Uid,
    /// `metadata.resourceVersion`.
    pub resource_version: ResourceVersion,
}

/// A number that grows each time the lock changes hands, for whatever the lock protects: a
/// write that carries a lower token than the last one comes from a holder that lost the lock.
///
/// It is the resourceVersion of the write that made the holder holder. Tokens of one lease can
/// go backwards only if etcd is restored from a backup without a revision bump.
#[derive(Clone, Debug, Eq, Hash, PartialEq, PartialOrd)]
pub struct FencingToken(ResourceVersion);

impl FencingToken {
    /// The token of a holder that became so by the write that made `version`.
    pub fn new(version: ResourceVersion) -> Self {
        Self(version)
    }

    /// The version that the write made.
    pub const fn version(&self) -> &ResourceVersion {
        &self.0
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_length_and_then_by_digits() {
        let version = ResourceVersion::new;
        assert!(version("9") < version("10"));
        assert!(version("199") < version("200"));
        assert!(
            version("99999999999999999999") < version("340282366920938463463374607431768211455")
        );
        assert!(version("abc").partial_cmp(&version("10")).is_none());
        assert_eq!(
            version("abc").partial_cmp(&version("abc")),
            Some(Ordering::Equal)
        );
    }
}
