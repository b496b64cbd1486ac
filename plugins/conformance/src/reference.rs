//! The native contender, driven by the terms of the contract.

use std::time::Duration;

use lease_core::{
    Action, Contender, End, Event, Failed, Instant, Loss, Record, Ticket, Timestamp, Uid, Version,
    Write,
};
use serde_json::{Map, Value, json};

use crate::json;
use crate::server::{NAME, Stored};

/// What is asked of a server.
#[derive(Clone)]
pub(crate) enum Request {
    Get(String),
    List(Uid),
    Write(Write),
    Enqueue {
        name: String,
        lock: Uid,
        record: Record,
    },
    Delete {
        name: String,
        version: (Uid, Option<Version>),
    },
}

/// What became of it.
pub(crate) enum Outcome {
    Landed(Stored, Option<Timestamp>),
    Listed(Vec<Stored>),
    Deleted,
    Failed(&'static str),
}

/// Why a request was sent.
#[derive(Clone, Copy, PartialEq)]
enum Errand {
    Whole,
    FindPlace,
    RemoveEdited,
    FindToDelete,
}

pub(crate) struct Reference {
    pub(crate) contender: Contender,
    pub(crate) latest: u64,
    /// What is under way, and whether it was given out already.
    pub(crate) pending: Option<Request>,
    next: Option<Request>,
    errand: Errand,
    ticket: Option<String>,
    tickets: u32,
    me: String,
    number: u64,
    /// The lock that the ticket is for.
    wanted: Option<Uid>,
}

impl Reference {
    pub(crate) const fn new(contender: Contender, me: String, number: u64) -> Self {
        Self {
            contender,
            latest: 0,
            pending: None,
            next: None,
            errand: Errand::Whole,
            ticket: None,
            tickets: 0,
            me,
            number,
            wanted: None,
        }
    }

    pub(crate) fn poll(&mut self, now: Instant, wall: Timestamp) -> Option<Request> {
        loop {
            let action = self.contender.poll_action(now, wall);
            if let Some(next) = self.next.take() {
                self.pending = Some(next.clone());
                return Some(next);
            }
            self.errand = Errand::Whole;
            let request = match action? {
                Action::Read => Request::Get(NAME.into()),
                Action::Write(write) => Request::Write(write),
                Action::List { lock } => Request::List(lock),
                Action::Enqueue { lock, window } => {
                    self.wanted = Some(lock.clone());
                    self.enqueue(lock, window, wall)
                }
                Action::Dequeue { name, version, uid } => {
                    let Some(name) = name.or_else(|| self.ticket.clone()) else {
                        self.contender.dequeued();
                        continue;
                    };
                    match (version, uid) {
                        (Some(version), _) => Request::Delete {
                            name,
                            version: (version.uid.clone(), Some(version)),
                        },
                        (None, Some(uid)) => Request::Delete {
                            name,
                            version: (uid, None),
                        },
                        (None, None) => {
                            self.errand = Errand::FindToDelete;
                            Request::Get(name)
                        }
                    }
                }
            };
            self.pending = Some(request.clone());
            return Some(request);
        }
    }

    fn enqueue(&mut self, lock: Uid, window: Duration, wall: Timestamp) -> Request {
        let name = self.ticket.clone().unwrap_or_else(|| {
            self.tickets += 1;
            let unique = format!("{:x}-{:x}", self.number, self.tickets);
            Ticket::name_for(NAME, &unique)
        });
        self.ticket = Some(name.clone());
        Request::Enqueue {
            name,
            lock,
            record: Record {
                holder: Some(self.me.clone()),
                duration_seconds: i32::try_from(window.as_secs()).ok(),
                acquire_time: Some(wall),
                ..Record::default()
            },
        }
    }

    /// Whether another request follows from what was answered.
    pub(crate) const fn has_next(&self) -> bool {
        self.next.is_some()
    }

    pub(crate) fn answered(&mut self, outcome: &Outcome, at: Instant) {
        let Some(request) = self.pending.take() else {
            return;
        };
        match (request, self.errand) {
            (Request::Get(name), Errand::FindToDelete) => match outcome {
                Outcome::Landed(found, _) => self.delete(name, found, Errand::Whole),
                Outcome::Failed("absent") => self.dequeued(),
                outcome => self.failed(unread(outcome), at),
            },
            (Request::Get(name), Errand::FindPlace) => self.found_place(name, outcome, at),
            (Request::Get(_), _) => match outcome {
                Outcome::Landed(found, date) => {
                    self.contender.read(Some(found.snapshot()), *date, at);
                }
                Outcome::Failed("absent") => self.contender.read(None, None, at),
                outcome => self.failed(unread(outcome), at),
            },
            (Request::List(_), _) => match outcome {
                Outcome::Listed(all) => {
                    let tickets = all.iter().filter_map(Stored::ticket);
                    self.contender.listed(tickets);
                }
                outcome => self.failed(unread(outcome), at),
            },
            (Request::Write(write), _) => match outcome {
                Outcome::Landed(lock, _) => self.contender.written(lock.snapshot(), at),
                Outcome::Failed("rejected") => self.failed(Failed::NotSent, at),
                Outcome::Failed("absent") if matches!(write, Write::Create { .. }) => {
                    self.failed(Failed::NotSent, at);
                }
                outcome => self.failed(unwritten(outcome), at),
            },
            (Request::Enqueue { name, .. }, _) => match outcome {
                Outcome::Landed(found, _) => match found.ticket() {
                    Some(ticket) => self.contender.enqueued(ticket),
                    None => self.failed(Failed::Unknown, at),
                },
                Outcome::Failed("conflict") => {
                    self.errand = Errand::FindPlace;
                    self.next = Some(Request::Get(name));
                }
                outcome => self.not_enqueued(unwritten(outcome), at),
            },
            (Request::Delete { .. }, Errand::RemoveEdited) => match outcome {
                Outcome::Deleted => self.not_enqueued(Failed::Conflict, at),
                outcome => self.not_enqueued(unwritten(outcome), at),
            },
            (Request::Delete { name, version }, _) => match outcome {
                Outcome::Failed("conflict") if version.1.is_some() => {
                    self.next = Some(Request::Delete {
                        name,
                        version: (version.0, None),
                    });
                }
                Outcome::Deleted | Outcome::Failed("conflict" | "absent") => self.dequeued(),
                outcome => self.failed(unwritten(outcome), at),
            },
        }
    }

    fn found_place(&mut self, name: String, outcome: &Outcome, at: Instant) {
        let failed = match outcome {
            Outcome::Landed(found, _) => {
                let is_ours = found.record.holder() == Some(&self.me);
                let ticket = found.ticket().filter(|ticket| {
                    Some(&ticket.lock) == self.wanted.as_ref() && !ticket.window.is_zero()
                });
                match ticket {
                    Some(ticket) if is_ours => return self.contender.enqueued(ticket),
                    None if is_ours => return self.delete(name, found, Errand::RemoveEdited),
                    _ => Failed::Conflict,
                }
            }
            Outcome::Failed("absent") => Failed::Conflict,
            Outcome::Failed("denied") => Failed::Denied,
            _ => Failed::Unknown,
        };
        self.not_enqueued(failed, at);
    }

    fn delete(&mut self, name: String, found: &Stored, errand: Errand) {
        self.errand = errand;
        self.next = Some(Request::Delete {
            name,
            version: (found.version.uid.clone(), None),
        });
    }

    fn dequeued(&mut self) {
        self.ticket = None;
        self.contender.dequeued();
    }

    fn not_enqueued(&mut self, failed: Failed, at: Instant) {
        if failed == Failed::Conflict {
            self.ticket = None;
        }
        self.failed(failed, at);
    }

    fn failed(&mut self, failed: Failed, at: Instant) {
        self.contender.failed(failed, at);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.contender.has_ended() && self.pending.is_none() && self.next.is_none()
    }

    pub(crate) fn held_until(&self, now: u64) -> Option<u64> {
        let now = now.max(self.latest);
        let left = self.contender.remaining(Instant::from_nanos(now))?;
        Some(now.saturating_add(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX)))
    }

    pub(crate) fn poll_timeout(&self, now: u64) -> Option<u64> {
        let now = now.max(self.latest);
        if self.has_next() {
            return Some(now);
        }
        self.contender
            .poll_timeout(Instant::from_nanos(now))
            .map(json::instant)
    }

    pub(crate) fn poll_event(&mut self) -> Value {
        match self.contender.poll_event() {
            Some(event) => self.event(event),
            None => Value::Null,
        }
    }

    fn event(&self, event: Event) -> Value {
        let mut told = Map::new();
        for key in ["identity", "token", "until", "since", "ahead", "reason"] {
            told.insert(key.into(), Value::Null);
        }
        let mut tell = |key: &str, value: Value| told.insert(key.into(), value);
        let code = match event {
            Event::Acquired { token, from } => {
                tell("token", token.to_string().into());
                tell("identity", from.map(|(holder, _)| holder).into());
                tell("until", self.held_until(0).map(json::int).into());
                "acquired"
            }
            Event::AtRisk { until } => {
                tell("until", json::int(json::instant(until)));
                "at-risk"
            }
            Event::CannotQueue => "cannot-queue",
            Event::HolderChanged { holder, since } => {
                tell("identity", holder.into());
                tell("since", since.map(json::timestamp).into());
                "holder-changed"
            }
            Event::Lost(loss) => {
                let reason = match loss {
                    Loss::Broken => "broken",
                    Loss::Deleted => "deleted",
                    Loss::NotRenewed => "not-renewed",
                    Loss::Taken { by } => {
                        tell("identity", Some(by).filter(|by| !by.is_empty()).into());
                        "taken"
                    }
                };
                tell("reason", reason.into());
                "lost"
            }
            Event::NotAcquired(end) => {
                let reason = match &end {
                    End::Contended => "contended",
                    End::Denied => "denied",
                    End::Refused(refusal) => json::refusal(refusal),
                    End::TimedOut => "timed-out",
                };
                tell("reason", reason.into());
                "not-acquired"
            }
            Event::Queued { ahead } => {
                tell("ahead", ahead.into());
                "queued"
            }
            Event::ReleaseAsked => "release-asked",
            Event::Released { to } => {
                tell("identity", to.into());
                "released"
            }
            Event::ReleaseFailed => "release-failed",
            Event::Renewed => "renewed",
        };
        told.insert("code".into(), code.into());
        Value::Object(told)
    }
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Get(name) => json::tagged("get", json!({ "name": name })),
            Self::List(lock) => {
                let selector = format!("{}={lock}", Ticket::WAITS_FOR);
                json::tagged("list", json!({ "label-selector": selector }))
            }
            Self::Write(write) => json::tagged("write", json::write(NAME, write)),
            Self::Enqueue { name, lock, record } => json::tagged(
                "write",
                json!({
                    "name": name,
                    "version": null,
                    "labels": [{ "key": Ticket::WAITS_FOR, "value": lock.as_str() }],
                    "annotations": [],
                    "owners": [{
                        "api-version": "coordination.k8s.io/v1", "kind": "Lease",
                        "name": NAME, "uid": lock.as_str(),
                    }],
                    "spec": json::spec(record),
                }),
            ),
            Self::Delete { name, version } => {
                let (uid, version) = version;
                let version = version
                    .as_ref()
                    .map(|version| version.resource_version.as_str());
                json::tagged(
                    "delete",
                    json!({ "name": name, "uid": uid.as_str(), "resource-version": version }),
                )
            }
        }
    }
}

impl Outcome {
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Landed(stored, date) => json::tagged(
                "landed",
                json!({ "lease": { "snapshot": stored.json() }, "date": date.map(json::timestamp) }),
            ),
            Self::Listed(all) => {
                let leases: Vec<_> = all
                    .iter()
                    .map(|stored| json!({ "snapshot": stored.json() }))
                    .collect();
                json::tagged("listed", json!({ "leases": leases }))
            }
            Self::Deleted => json::tagged("deleted", Value::Null),
            Self::Failed(failed) => json::tagged(failed, Value::Null),
        }
    }
}

fn unread(outcome: &Outcome) -> Failed {
    match outcome {
        Outcome::Failed("denied") => Failed::Denied,
        _ => Failed::NotSent,
    }
}

fn unwritten(outcome: &Outcome) -> Failed {
    match outcome {
        Outcome::Failed("absent" | "conflict") => Failed::Conflict,
        Outcome::Failed("denied" | "rejected") => Failed::Denied,
        Outcome::Failed("not-sent") => Failed::NotSent,
        _ => Failed::Unknown,
    }
}
