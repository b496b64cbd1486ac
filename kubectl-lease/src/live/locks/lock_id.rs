//! Which lock.

/// The namespace and name of a lock.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LockId {
    pub(crate) namespace: String,
    pub(crate) name: String,
}
