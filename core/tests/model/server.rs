//! What an API server does with a lock and its tickets.

use std::collections::VecDeque;
use std::time::Duration;

use lease_core::{
    Dialect, Notes, Record, ResourceVersion, Snapshot, Ticket, Timestamp, Uid, Version, Write,
};

/// Where versions and transitions begin: numbers that are told from all others in a state. Versions
/// count in tens, so that none comes twice after a restoration.
pub(crate) const FIRST_VERSION: u64 = 10_000;
/// Tickets have a count of their own here: nobody compares their versions with the lock's.
pub(crate) const FIRST_TICKET: u64 = 5_000_000;
pub(crate) const FIRST_TRANSITIONS: i32 = 1_000;

/// The lock's object and the tickets for it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The lock, if it exists.
    pub(crate) lock: Option<Snapshot>,
    pub(crate) tickets: Vec<Ticket>,
    /// The last states of the lock, for watches.
    pub(crate) log: VecDeque<Option<Snapshot>>,
    /// How many states there were before those.
    pub(crate) forgotten: usize,
    version: u64,
    ticket: u64,
    /// How often the lock was written.
    pub(crate) writes: u64,
    /// What a restoration brings back.
    backup: Option<Box<Backup>>,
    /// Whether versions are not checked: a fault that the model has to notice.
    pub(crate) is_careless: bool,
}

#[derive(Clone, Debug)]
struct Backup {
    lock: Option<Snapshot>,
    tickets: Vec<Ticket>,
    version: u64,
    ticket: u64,
}

/// What became of a write.
pub(crate) enum Written {
    Done(Snapshot),
    Conflict,
}

impl Server {
    /// With a lock that nobody holds, or with none.
    pub(crate) fn new(with_lock: bool) -> Self {
        let mut server = Self {
            lock: None,
            tickets: Vec::new(),
            log: VecDeque::new(),
            forgotten: 0,
            version: FIRST_VERSION,
            ticket: FIRST_TICKET,
            writes: 0,
            backup: None,
            is_careless: false,
        };
        if with_lock {
            let free = Record {
                holder: Some(String::new()),
                duration_seconds: Some(1),
                transitions: Some(FIRST_TRANSITIONS),
                ..Record::default()
            };
            server.store(Uid::new("lock-10000"), free, Notes::default());
            server.writes = 0;
        }
        server
    }

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

    /// Whether a write could land now.
    pub(crate) fn would_take(&self, write: &Write) -> bool {
        match (write, &self.lock) {
            (Write::Create { .. }, lock) => lock.is_none(),
            (Write::Replace { version, .. }, lock) => {
                self.is_careless || lock.as_ref().is_some_and(|lock| lock.version == *version)
            }
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

    /// Deletes the lock, and with it the tickets that it owns.
    pub(crate) fn delete_lock(&mut self) {
        if let Some(lock) = self.lock.take() {
            self.version += 10;
            self.tickets
                .retain(|ticket| ticket.lock != lock.version.uid);
            self.log.push_back(None);
        }
    }

    /// Creates a ticket, or finds the one of this name.
    pub(crate) fn enqueue(
        &mut self,
        name: &str,
        holder: &str,
        lock: &Uid,
        window: Duration,
    ) -> Ticket {
        if let Some(ticket) = self.tickets.iter().find(|ticket| ticket.name == name) {
            return ticket.clone();
        }
        self.ticket += 1;
        let ticket = Ticket {
            holder: holder.to_owned(),
            lock: lock.clone(),
            name: name.to_owned(),
            version: Version {
                uid: Uid::new(format!("ticket-{}", self.ticket)),
                resource_version: ResourceVersion::new(self.ticket.to_string()),
            },
            window,
        };
        self.tickets.push(ticket.clone());
        ticket
    }

    /// Deletes a ticket. `false` if it is there, but not in this version.
    pub(crate) fn dequeue(
        &mut self,
        name: &str,
        uid: Option<&Uid>,
        version: Option<&Version>,
    ) -> bool {
        let Some(at) = self.tickets.iter().position(|ticket| ticket.name == name) else {
            return true;
        };
        let found = &self.tickets[at].version;
        if uid.is_some_and(|uid| *uid != found.uid)
            || version.is_some_and(|version| version != found)
        {
            return false;
        }
        self.tickets.remove(at);
        true
    }

    /// Somebody edits the ticket that stands first.
    pub(crate) fn edit_ticket(&mut self) {
        self.ticket += 1;
        let newest = ResourceVersion::new(self.ticket.to_string());
        let first = self
            .tickets
            .iter_mut()
            .min_by_key(|ticket| number(ticket.place()));
        if let Some(ticket) = first {
            ticket.version.resource_version = newest;
        }
    }

    pub(crate) fn tickets_of(&self, lock: &Uid) -> Vec<Ticket> {
        let of = self.tickets.iter().filter(|ticket| ticket.lock == *lock);
        of.cloned().collect()
    }

    pub(crate) fn back_up(&mut self) {
        self.backup = Some(Box::new(Backup {
            lock: self.lock.clone(),
            tickets: self.tickets.clone(),
            version: self.version,
            ticket: self.ticket,
        }));
    }

    pub(crate) fn can_restore(&self) -> bool {
        self.backup
            .as_ref()
            .is_some_and(|backup| backup.lock.is_some() && backup.version < self.version)
    }

    pub(crate) fn restore(&mut self) {
        if let Some(backup) = self.backup.take() {
            let Backup {
                lock,
                tickets,
                version,
                ticket,
            } = *backup;
            let histories = self.version % 10 + 1;
            self.log.push_back(lock.clone());
            self.lock = lock;
            self.tickets = tickets;
            self.version = version - version % 10 + histories;
            self.ticket = ticket.max(self.ticket);
        }
    }

    /// How many states of the lock there were.
    pub(crate) fn states(&self) -> usize {
        self.forgotten + self.log.len()
    }

    /// Forgets what all watches have brought, but for the state that is.
    pub(crate) fn forget(&mut self, seen: usize) {
        while self.forgotten < seen && self.log.len() > 1 {
            self.log.pop_front();
            self.forgotten += 1;
        }
    }

    fn newest(&self) -> ResourceVersion {
        ResourceVersion::new(self.version.to_string())
    }

    fn store(&mut self, uid: Uid, record: Record, notes: Notes) -> Snapshot {
        self.version += 10;
        self.writes += 1;
        let lock = Snapshot {
            namespace: String::new(),
            name: String::new(),
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
        self.log.push_back(Some(lock.clone()));
        lock
    }
}

/// The number of a version of this server.
pub(crate) fn number(version: &ResourceVersion) -> u64 {
    version.as_str().parse().unwrap()
}

pub(crate) fn wall(tick: u64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + i64::try_from(tick).unwrap() * 1_000_000)
}
