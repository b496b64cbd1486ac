//! An API server that has one lock and its tickets.

use lease_core::{
    Broken, Dialect, Grant, Notes, Record, ResourceVersion, Snapshot, Taker, Ticket, Timestamp,
    Uid, Version, Write,
};
use serde_json::{Value, json};

use crate::json;
use crate::random::Random;

pub(crate) const NAMESPACE: &str = "work";
pub(crate) const NAME: &str = "lock";

/// A lease as the server has it.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) record: Record,
    pub(crate) notes: Notes,
    pub(crate) waits_for: Option<Uid>,
    /// When it was written last, in whole seconds on the server's clock.
    stamp: Timestamp,
}

impl Stored {
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            namespace: NAMESPACE.into(),
            name: self.name.clone(),
            version: self.version.clone(),
            record: self.record.clone(),
            notes: self.notes.clone(),
            stamp: Some(self.stamp).filter(|_| self.record != Record::default()),
            dialect: Dialect::ClientGo,
        }
    }

    pub(crate) fn ticket(&self) -> Option<Ticket> {
        let lock = self.waits_for.clone()?;
        Some(Ticket::of(&self.snapshot(), lock))
    }

    /// As a host passes it in.
    pub(crate) fn json(&self) -> Value {
        let labels: Vec<Value> = self
            .waits_for
            .iter()
            .map(|lock| json!({ "key": Ticket::WAITS_FOR, "value": lock.as_str() }))
            .collect();
        json!({
            "namespace": NAMESPACE,
            "name": self.name,
            "version": json::version(&self.version),
            "labels": labels,
            "annotations": json::entries(&self.notes),
            "owners": [],
            "managed-fields": [{
                "time": json::timestamp(self.stamp),
                "acquire-time": true, "holder-identity": true, "lease-duration-seconds": true,
                "lease-transitions": true, "renew-time": true,
            }],
            "terraform-lock-id": null,
            "spec": json::spec(&self.record),
        })
    }
}

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) lock: Option<Stored>,
    pub(crate) tickets: Vec<Stored>,
    /// States of the lock that a slow watch may still bring.
    pub(crate) past: Vec<Stored>,
    written: u64,
    made: u64,
}

impl Server {
    fn version(&mut self, uid: Option<Uid>) -> Version {
        self.written += 1;
        let uid = uid.unwrap_or_else(|| {
            self.made += 1;
            Uid::new(format!("uid-{}", self.made))
        });
        Version {
            uid,
            // From one digit to two on the way.
            resource_version: ResourceVersion::new((self.written + 4).to_string()),
        }
    }

    pub(crate) fn keep(&mut self, record: Record, notes: Notes, wall: Timestamp) -> Stored {
        let uid = self.lock.as_ref().map(|lock| lock.version.uid.clone());
        let version = self.version(uid);
        let stored = Stored {
            name: NAME.into(),
            version,
            record,
            notes,
            waits_for: None,
            stamp: date(wall),
        };
        self.past.extend(self.lock.replace(stored.clone()));
        stored
    }

    /// Carries out a write to the lock; `None` is a conflict.
    pub(crate) fn write(&mut self, write: &Write, wall: Timestamp) -> Option<Stored> {
        let fits = match (write, &self.lock) {
            (Write::Create { .. }, None) => true,
            (Write::Replace { version, .. }, Some(lock)) => *version == lock.version,
            _ => false,
        };
        fits.then(|| self.keep(write.record().clone(), write.notes().clone(), wall))
    }

    pub(crate) fn add_ticket(
        &mut self,
        name: String,
        lock: Uid,
        record: Record,
        wall: Timestamp,
    ) -> Option<Stored> {
        if self.tickets.iter().any(|ticket| ticket.name == name) {
            return None;
        }
        let ticket = Stored {
            name,
            version: self.version(None),
            record,
            notes: Notes::default(),
            waits_for: Some(lock),
            stamp: date(wall),
        };
        self.tickets.push(ticket.clone());
        Some(ticket)
    }

    /// Something that others do.
    pub(crate) fn meddle(&mut self, random: &mut Random, me: &str, wall: Timestamp) {
        let Some(lock) = self.lock.clone() else {
            let record = held_by("other", 3, wall);
            self.keep(record, Notes::default(), wall);
            return;
        };
        let mut record = lock.record.clone();
        let mut notes = Notes {
            served_through: lock.notes.served_through.clone(),
            ..Notes::default()
        };
        match random.below(12) {
            // They renew, or take it.
            0..=2 => {
                let count = record.transitions;
                record = held_by(random.pick(&["other", "another"]), 3, wall);
                record.transitions = count;
            }
            3 => record = held_by("", 1, wall),
            4 => {
                self.past.extend(self.lock.take());
                return;
            }
            // They hand it over.
            5 | 6 => {
                let Some(ticket) = self.tickets.first().cloned() else {
                    return;
                };
                let to = ticket.record.holder.clone().unwrap_or_default();
                notes.served_through = Some(ticket.version.resource_version.clone());
                notes.grant = Some(Grant {
                    to: to.clone(),
                    ticket: ticket.name,
                    uid: ticket.version.uid,
                });
                record = held_by(&to, 2, wall);
            }
            7 => {
                notes = lock.notes;
                notes.release_asked.clone_from(&record.holder);
            }
            8 => {
                let tombstone = String::from("broken by somebody");
                notes.broken = record.holder.take().map(|holder| Broken {
                    holder,
                    tombstone: tombstone.clone(),
                    because: Some("it was stuck".into()),
                });
                record.holder = Some(tombstone);
            }
            9 => {
                let holder = random.pick(&["first", "second"]);
                let name = format!("{NAME}-ticket-{}", self.written);
                let record = held_by(holder, 2, wall);
                self.add_ticket(name, lock.version.uid, record, wall);
                return;
            }
            10 => {
                // Somebody edits or removes a ticket.
                if random.percent(50) {
                    self.tickets.pop();
                } else if let Some(at) = self.tickets.len().checked_sub(1) {
                    let uid = self.tickets[at].version.uid.clone();
                    self.tickets[at].version = self.version(Some(uid));
                }
                return;
            }
            _ => {
                record = held_by(me, 3, wall);
                notes.taken_by = Some(Taker {
                    holder: me.into(),
                    number: random.below(2),
                    attends: false,
                });
            }
        }
        self.keep(record, notes, wall);
    }
}

fn held_by(who: &str, seconds: i32, wall: Timestamp) -> Record {
    Record {
        holder: Some(who.into()),
        duration_seconds: Some(seconds),
        acquire_time: Some(wall),
        renew_time: Some(wall),
        transitions: Some(1),
        ..Record::default()
    }
}

/// What a header would say.
pub(crate) fn date(wall: Timestamp) -> Timestamp {
    Timestamp::from_micros(wall.as_micros().div_euclid(1_000_000) * 1_000_000)
}
