//! A contender that behaves as client-go's leader election does.

use lease_core::{Notes, Record, Snapshot, Version};

use crate::client::LEASE;
use crate::server::{Server, Written, wall};

const DEADLINE: u64 = 2;
const RETRY: u64 = 1;

#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// The record that it saw last, and when it saw that change.
    pub(crate) observed: Option<(Record, u64)>,
    /// What it is about to write, on what it read.
    pub(crate) writes: Option<(Option<Version>, Record)>,
    /// When its last write succeeded, while it leads.
    pub(crate) renewed: Option<u64>,
    pub(crate) holds: u64,
}

const NAME: &str = "peer";

impl Peer {
    pub(crate) fn believes(&self, tick: u64) -> bool {
        self.renewed
            .is_some_and(|renewed| tick - renewed < RETRY + DEADLINE)
    }

    pub(crate) fn leads(&self) -> bool {
        self.renewed.is_some()
    }

    pub(crate) fn is_about_to_write(&self) -> bool {
        self.writes.is_some()
    }

    /// Reads the lock, and makes up its mind.
    pub(crate) fn read(&mut self, server: &Server, tick: u64) {
        let lock = server.lock.as_ref();
        let record = lock.map(|lock| lock.record.clone());
        if let Some(record) = &record
            && self.observed.as_ref().map(|(seen, _)| seen) != Some(record)
        {
            self.observed = Some((record.clone(), tick));
        }
        if !self.believes(tick) {
            self.renewed = None;
        }
        let may_write = match &record {
            None => true,
            Some(record) => match record.holder() {
                None | Some(NAME) => true,
                Some(_) => self.observed.as_ref().is_some_and(|(seen, at)| {
                    let duration = seen.duration().map_or(u64::MAX, |d| d.as_secs());
                    tick >= at.saturating_add(duration)
                }),
            },
        };
        if record.as_ref().and_then(Record::holder) != Some(NAME) {
            self.renewed = None;
        }
        self.writes = may_write.then(|| {
            (
                lock.map(|lock: &Snapshot| lock.version.clone()),
                own(record, tick),
            )
        });
    }

    pub(crate) fn write(&mut self, server: &mut Server, tick: u64) {
        let Some((version, record)) = self.writes.take() else {
            return;
        };
        let written = match version {
            None => server.write(&lease_core::Write::Create {
                record: record.clone(),
                notes: Notes::default(),
            }),
            Some(version) => server.write_record(&version, record.clone()),
        };
        if let Written::Done(_) = written {
            if self.renewed.is_none() {
                self.holds += 1;
            }
            self.renewed = Some(tick);
            self.observed = Some((record, tick));
        }
    }

    /// Gives the lock back, as it is now, if it leads.
    pub(crate) fn release(&mut self, server: &mut Server, tick: u64) {
        self.renewed = None;
        self.writes = None;
        let Some(lock) = server.lock.clone() else {
            return;
        };
        if lock.record.holder() == Some(NAME) {
            let record = Record {
                holder: Some(String::new()),
                duration_seconds: Some(1),
                acquire_time: Some(wall(tick)),
                renew_time: Some(wall(tick)),
                ..lock.record
            };
            server.write_record(&lock.version, record);
        }
    }
}

fn own(before: Option<Record>, tick: u64) -> Record {
    let is_own = before.as_ref().and_then(Record::holder) == Some(NAME);
    let before = before.unwrap_or_default();
    Record {
        holder: Some(NAME.into()),
        duration_seconds: Some(i32::try_from(LEASE).unwrap()),
        acquire_time: if is_own {
            before.acquire_time
        } else {
            Some(wall(tick))
        },
        renew_time: Some(wall(tick)),
        transitions: Some(before.transitions.unwrap_or(0) + i32::from(!is_own)),
        ..before
    }
}
