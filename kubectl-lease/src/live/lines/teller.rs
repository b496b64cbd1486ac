//! Which line comes when.

use std::ops::AddAssign;
use std::time::Duration;

use lease_client::Change;
use lease_core::{Dialect, Instant, Timestamp};

use super::Format;
use super::wording::Wording;
use crate::invocation;
use crate::live::locks::{Happening, LockId, Locks};
use crate::live::message::Message;

/// What is to be printed.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Data, in whole lines.
    pub(super) text: String,
    /// What the user is told beside it.
    pub(super) notes: Vec<String>,
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.notes.extend(other.notes);
    }
}

/// Turns what is heard into lines.
pub(super) struct Teller {
    locks: Locks,
    hides_heartbeats: bool,
    format: Format,
    /// Whether it is a recording that is told, in which there is nothing else to look at.
    is_recording: bool,
    /// Whether nothing is heard.
    is_deaf: bool,
}

impl Teller {
    pub(super) fn new(hides_heartbeats: bool, format: Format, is_recording: bool) -> Self {
        Self {
            locks: Locks::default(),
            hides_heartbeats,
            format,
            is_recording,
            is_deaf: false,
        }
    }

    /// Takes in what came at this time of either clock.
    pub(super) fn take(&mut self, message: Message, now: Instant, wall: Timestamp) -> Told {
        let mut told = self.pass(now, wall);
        match message {
            Message::Changed(Change::Interrupted(error)) => {
                self.lose(&mut told, &error.to_string(), now);
            }
            Message::Interrupted(why) => self.lose(&mut told, &why, now),
            Message::Refused(failure) => self.lose(&mut told, failure.message(), now),
            Message::Changed(change) => {
                if std::mem::take(&mut self.is_deaf) {
                    told.notes
                        .push("connected to the API server again".to_owned());
                }
                let is_first = !self.locks.is_listed();
                let happenings = self.locks.take(change, now);
                if is_first && self.locks.is_listed() {
                    self.tell_all(&mut told, happenings, now, wall);
                } else {
                    for happening in happenings {
                        self.tell(&mut told, &happening, now, wall);
                    }
                }
            }
            Message::Switched { context, namespace } => {
                *self = Self::new(namespace.is_none(), self.format, self.is_recording);
                let namespace = namespace.map_or_else(
                    || "all namespaces".to_owned(),
                    |namespace| format!("namespace {namespace}"),
                );
                told.notes
                    .push(format!("from here on: {namespace} of {context}"));
            }
            Message::Done(_)
            | Message::Key(_)
            | Message::Mouse(_)
            | Message::Resized { .. }
            | Message::Tick => {}
        }
        told
    }

    /// Tells which locks stand otherwise by now only because time has passed, as of when they did.
    pub(super) fn pass(&mut self, now: Instant, wall: Timestamp) -> Told {
        let mut told = Told::default();
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            for happening in self.locks.pass(due) {
                self.tell(&mut told, &happening, due, before(wall, now.since(due)));
            }
        }
        told
    }

    /// When there is something to tell if nothing happens.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.locks.next_due()
    }

    fn lose(&mut self, told: &mut Told, why: &str, now: Instant) {
        self.locks.lose(now);
        if !std::mem::replace(&mut self.is_deaf, true) {
            told.notes.push(format!(
                "{why}; until it is back, what was told is as old as this"
            ));
        }
    }

    /// Tells how the locks stand at first.
    fn tell_all(
        &mut self,
        told: &mut Told,
        happenings: Vec<Happening>,
        now: Instant,
        wall: Timestamp,
    ) {
        let mut ids: Vec<LockId> = happenings.into_iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let all = ids.len();
        ids.retain(|id| !self.leaves_out(id));
        for id in &ids {
            if let Some(wording) = self.wording(id, now, wall) {
                told.text.push_str(&wording.standing(self.format));
            }
        }
        let left_out = match all - ids.len() {
            0 => return,
            1 => "1 heartbeat of a node is".to_owned(),
            count => format!("{count} heartbeats of nodes are"),
        };
        told.notes.push(if self.is_recording {
            format!("{left_out} left out")
        } else {
            let see = invocation::line("watch -n kube-node-lease");
            format!("{left_out} left out; see with `{see}`")
        });
    }

    fn tell(&self, told: &mut Told, happening: &Happening, now: Instant, wall: Timestamp) {
        if self.leaves_out(&happening.id) {
            return;
        }
        if let Some(wording) = self.wording(&happening.id, now, wall) {
            told.text
                .push_str(&wording.happening(&happening.what, self.format));
        }
    }

    fn wording(&self, id: &LockId, now: Instant, wall: Timestamp) -> Option<Wording<'_>> {
        let lock = self.locks.get(id)?;
        Some(Wording {
            lock,
            standing: lock.standing(self.locks.clock(now)),
            wall,
        })
    }

    fn leaves_out(&self, id: &LockId) -> bool {
        let lock = self.locks.get(id);
        self.hides_heartbeats
            && lock.is_some_and(|lock| lock.snapshot().dialect == Dialect::NodeHeartbeat)
    }
}

fn before(wall: Timestamp, ago: Duration) -> Timestamp {
    let micros = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(wall.as_micros().saturating_sub(micros))
}
