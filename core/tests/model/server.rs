//! What an API server does with a lock and its tickets.

use lease_core::{
    Dialect, Grant, Notes, Record, ResourceVersion, Snapshot, Ticket, Timestamp, Uid, Version,
    Write,
};

/// The lock's object and the tickets for it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Server {
    /// The lock, if it exists.
    pub(crate) lock: Option<Snapshot>,
    pub(crate) tickets: Vec<Ticket>,
    /// All states of the lock, for watches.
    pub(crate) log: Vec<Option<Snapshot>>,
    version: u64,
    /// Whether versions are not checked: a fault that the model has to notice.
    pub(crate) is_careless: bool,
}

/// What became of a write.
pub(crate) enum Written {
    Done(Snapshot),
    Conflict,
}

impl Server {
    pub(crate) fn write(&mut self, write: &Write) -> Written {
        match (write, &self.lock) {
            (Write::Create { record, notes }, None) => {
                let uid = Uid::new(format!("lock-{}", self.version));
                Written::Done(self.store(uid, record.clone(), notes.clone()))
            }
            (
                Write::Replace {
                    version,
                    record,
                    notes,
                    ..
                },
                Some(lock),
            ) if lock.version == *version || self.is_careless => {
                let uid = lock.version.uid.clone();
                Written::Done(self.store(uid, record.clone(), notes.clone()))
            }
            _ => Written::Conflict,
        }
    }

    /// A writer that knows nothing of notes keeps them.
    pub(crate) fn write_record(&mut self, version: &Version, record: Record) -> Written {
        let Some(lock) = self.lock.as_ref().filter(|lock| lock.version == *version) else {
            return Written::Conflict;
        };
        let (uid, notes) = (lock.version.uid.clone(), lock.notes.clone());
        Written::Done(self.store(uid, record, notes))
    }

    pub(crate) fn delete_lock(&mut self) {
        if self.lock.take().is_some() {
            self.version += 1;
            self.log.push(None);
        }
    }

    /// Creates a ticket, or finds the one of this name.
    pub(crate) fn enqueue(
        &mut self,
        name: &str,
        holder: &str,
        lock: &Uid,
        window: std::time::Duration,
    ) -> Ticket {
        if let Some(ticket) = self.tickets.iter().find(|ticket| ticket.name == name) {
            return ticket.clone();
        }
        self.version += 1;
        let ticket = Ticket {
            holder: holder.to_owned(),
            lock: lock.clone(),
            name: name.to_owned(),
            version: Version {
                uid: Uid::new(format!("ticket-{}", self.version)),
                resource_version: self.newest(),
            },
            window,
        };
        self.tickets.push(ticket.clone());
        ticket
    }

    pub(crate) fn dequeue(&mut self, is_meant: impl Fn(&Ticket) -> bool) {
        let before = self.tickets.len();
        self.tickets.retain(|ticket| !is_meant(ticket));
        if self.tickets.len() < before {
            self.version += 1;
        }
    }

    pub(crate) fn tickets_of(&self, lock: &Uid) -> Vec<Ticket> {
        let of = self.tickets.iter().filter(|ticket| ticket.lock == *lock);
        of.cloned().collect()
    }

    fn newest(&self) -> ResourceVersion {
        ResourceVersion::new(self.version.to_string())
    }

    fn store(&mut self, uid: Uid, record: Record, notes: Notes) -> Snapshot {
        self.version += 1;
        let lock = Snapshot {
            namespace: "work".into(),
            name: "lock".into(),
            version: Version {
                uid,
                resource_version: self.newest(),
            },
            record,
            notes,
            stamp: None,
            dialect: Dialect::ClientGo,
        };
        self.lock = Some(lock.clone());
        self.log.push(Some(lock.clone()));
        lock
    }
}

/// Whether a lock names somebody who has not confirmed yet.
pub(crate) fn granted(lock: &Snapshot) -> Option<&Grant> {
    let grant = lock.notes.grant.as_ref()?;
    (Some(grant.to.as_str()) == lock.record.holder()).then_some(grant)
}

pub(crate) fn wall(tick: u64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + i64::try_from(tick).unwrap() * 1_000_000)
}
