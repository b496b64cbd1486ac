//! What is kept of a lease when it is read.

use lease_client::{LeaseSummary, Listed, Writer};
use lease_core::{Snapshot, Timestamp, Uid};

use super::LockId;

/// One lease in one version.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) snapshot: Snapshot,
    pub(crate) created: Option<Timestamp>,
    pub(crate) last_writer: Option<Writer>,
    /// The lock that it is a place in the queue of, if it is a ticket.
    pub(crate) waits_for: Option<Uid>,
    /// The object, where what is seen is recorded or printed.
    pub(crate) object: Option<Box<str>>,
}

impl Seen {
    /// Keeps what a table needs, and the object if that is wanted too.
    pub(crate) fn new(listed: Listed<'_>, with_object: bool) -> Self {
        let object = with_object.then(|| listed.text().into());
        Self::of(listed.summary, object)
    }

    /// A lease that was read before.
    pub(crate) fn of(summary: LeaseSummary, object: Option<Box<str>>) -> Self {
        let LeaseSummary {
            snapshot,
            created,
            last_writer,
            waits_for,
            ..
        } = summary;
        Self {
            snapshot,
            created,
            last_writer,
            waits_for,
            object,
        }
    }

    pub(crate) fn id(&self) -> LockId {
        LockId {
            namespace: self.snapshot.namespace.clone(),
            name: self.snapshot.name.clone(),
        }
    }
}
