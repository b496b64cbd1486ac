//! What the logic's requests mean for an API server: some of them take two.

use alloc::format;
use alloc::string::String;
use lease_core::{Action, Contender, Failed, Identity, Instant, Snapshot, Ticket, Timestamp, Uid};

use crate::bindings::exports::lease::lock::rules::{self, Answer, Answers, Outcome, Request};
use crate::bindings::exports::lease::lock::types::Error;
use crate::error::{invalid, not_asked};
use crate::snapshot::Seen;
use crate::{request, times};

/// What a request that is under way is for.
#[derive(Clone)]
enum Errand {
    Read,
    /// Of the lock, which is created or replaced.
    Write {
        creates: bool,
    },
    List,
    /// A new ticket for the lock of this uid.
    Enqueue {
        lock: Uid,
    },
    /// The ticket of that name that is there already.
    FindPlace {
        lock: Uid,
    },
    /// That ticket, which somebody edited so that it is none any more.
    RemoveEdited,
    /// A ticket whose uid is not known.
    FindToDelete {
        name: String,
    },
    Delete {
        name: String,
        uid: Uid,
        /// Whether the version was a precondition too.
        versioned: bool,
    },
}

/// Where an errand leads.
enum Step {
    /// To its end, which the contender was told of.
    Done,
    /// To one more request.
    Next(Errand, Request),
}

/// Knows what a request needs that the logic does not: names.
pub(crate) struct Carrier {
    namespace: String,
    name: String,
    who: Identity,
    /// What makes the names of tickets unique: a number that nobody else has, and one for each.
    number: u64,
    tickets: u32,
    /// The name of the ticket that was asked for last.
    ticket: Option<String>,
    errand: Option<Errand>,
    /// What an errand leads to next.
    next: Option<Request>,
}

impl Carrier {
    pub(crate) const fn new(namespace: String, name: String, who: Identity, number: u64) -> Self {
        Self {
            namespace,
            name,
            who,
            number,
            tickets: 0,
            ticket: None,
            errand: None,
            next: None,
        }
    }

    /// Whether a request is under way, or is to be sent.
    pub(crate) const fn is_busy(&self) -> bool {
        self.errand.is_some()
    }

    /// Whether a request is to be sent at once.
    pub(crate) const fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// The request to send now, if there is one.
    pub(crate) fn poll(
        &mut self,
        contender: &mut Contender,
        now: Instant,
        wall: Timestamp,
    ) -> Option<Request> {
        loop {
            // Even if nothing can be sent, time passes.
            let action = contender.poll_action(now, wall);
            if let Some(request) = self.next.take() {
                return Some(request);
            }
            if let Some((errand, request)) = self.begin(action?, wall) {
                self.errand = Some(errand);
                return Some(request);
            }
            // A ticket that was never asked for.
            contender.dequeued();
        }
    }

    /// What an action begins with; `None` if it takes nothing.
    fn begin(&mut self, action: Action, wall: Timestamp) -> Option<(Errand, Request)> {
        Some(match action {
            Action::Read => (Errand::Read, request::get(&self.name)),
            Action::Write(write) => (
                Errand::Write {
                    creates: matches!(write, lease_core::Write::Create { .. }),
                },
                Request::Write(request::write(&self.name, &write)),
            ),
            Action::List { lock } => (Errand::List, request::list(&lock)),
            Action::Enqueue { lock, window } => {
                // One that was asked for before and may be there by now is found by its name.
                let name = self.ticket.get_or_insert_with(|| {
                    self.tickets = self.tickets.wrapping_add(1);
                    let unique = format!("{:016x}-{}", self.number, self.tickets);
                    Ticket::name_for(&self.name, unique)
                });
                let request = request::enqueue(name, &self.name, &lock, &self.who, window, wall);
                (Errand::Enqueue { lock }, request)
            }
            Action::Dequeue { name, version, uid } => {
                let name = name.or_else(|| self.ticket.clone())?;
                let uid = version.as_ref().map(|version| version.uid.clone()).or(uid);
                let Some(uid) = uid else {
                    let request = request::get(&name);
                    return Some((Errand::FindToDelete { name }, request));
                };
                let request = request::delete(&name, &uid, version.as_ref());
                let versioned = version.is_some();
                let errand = Errand::Delete {
                    name,
                    uid,
                    versioned,
                };
                (errand, request)
            }
        })
    }

    /// Takes in what became of the request under way.
    pub(crate) fn answered(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        at: Instant,
    ) -> Result<(), Error> {
        if self.next.is_some() {
            return Err(not_asked());
        }
        let errand = self.errand.clone().ok_or_else(not_asked)?;
        let step = match errand {
            Errand::Read => self.read(contender, outcome, at),
            Errand::Write { creates } => self.written(contender, outcome, creates, at),
            Errand::List => listed(contender, outcome, at),
            Errand::Enqueue { lock } => self.enqueued(contender, outcome, lock, at),
            Errand::FindPlace { lock } => self.found_place(contender, outcome, &lock, at),
            Errand::RemoveEdited => self.removed_edited(contender, outcome, at),
            Errand::FindToDelete { name } => self.found_to_delete(contender, outcome, name, at),
            Errand::Delete {
                name,
                uid,
                versioned,
            } => self.deleted(contender, outcome, (name, uid, versioned), at),
        }?;
        (self.errand, self.next) = match step {
            Step::Done => (None, None),
            Step::Next(errand, request) => (Some(errand), Some(request)),
        };
        Ok(())
    }

    fn read(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        at: Instant,
    ) -> Result<Step, Error> {
        match outcome {
            Outcome::Landed(Answer { lease, date }) => {
                let date = times::wall_if_any(date)?;
                contender.read(Some(self.lock(lease.into_inner())?), date, at);
            }
            Outcome::Absent => contender.read(None, None, at),
            outcome => contender.failed(unread(&outcome)?, at),
        }
        Ok(Step::Done)
    }

    fn written(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        creates: bool,
        at: Instant,
    ) -> Result<Step, Error> {
        match outcome {
            Outcome::Landed(Answer { lease, .. }) => {
                contender.written(self.lock(lease.into_inner())?, at);
            }
            // It is the namespace that is not there.
            Outcome::Absent if creates => contender.failed(Failed::NotSent, at),
            Outcome::Rejected => contender.failed(Failed::NotSent, at),
            outcome => contender.failed(unwritten(&outcome)?, at),
        }
        Ok(Step::Done)
    }

    fn enqueued(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        lock: Uid,
        at: Instant,
    ) -> Result<Step, Error> {
        match outcome {
            Outcome::Landed(Answer { lease, .. }) => match self.ticket(lease.into_inner())? {
                Some(ticket) => contender.enqueued(ticket),
                // A success that cannot be read was a success for all we know.
                None => contender.failed(Failed::Unknown, at),
            },
            Outcome::Conflict => {
                if let Some(name) = &self.ticket {
                    let request = request::get(name);
                    return Ok(Step::Next(Errand::FindPlace { lock }, request));
                }
                contender.failed(Failed::Conflict, at);
            }
            outcome => self.not_enqueued(contender, unwritten(&outcome)?, at),
        }
        Ok(Step::Done)
    }

    fn found_place(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        lock: &Uid,
        at: Instant,
    ) -> Result<Step, Error> {
        let failed = match outcome {
            Outcome::Landed(Answer { lease, .. }) => {
                let lease: Seen = lease.into_inner();
                let uid = lease.lock.version.uid.clone();
                let is_ours = lease.lock.record.holder() == Some(self.who.as_str());
                let place = self.ticket(lease)?;
                let place = place.filter(|place| place.lock == *lock && !place.window.is_zero());
                match (place, &self.ticket) {
                    (Some(place), _) if is_ours => {
                        contender.enqueued(place);
                        return Ok(Step::Done);
                    }
                    (None, Some(name)) if is_ours => {
                        let request = request::delete(name, &uid, None);
                        return Ok(Step::Next(Errand::RemoveEdited, request));
                    }
                    _ => Failed::Conflict,
                }
            }
            Outcome::Absent => Failed::Conflict,
            Outcome::Denied => Failed::Denied,
            outcome => unread(&outcome).map(|_| Failed::Unknown)?,
        };
        self.not_enqueued(contender, failed, at);
        Ok(Step::Done)
    }

    fn removed_edited(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        at: Instant,
    ) -> Result<Step, Error> {
        let failed = match outcome {
            Outcome::Deleted | Outcome::Absent => Failed::Conflict,
            outcome => unwritten(&outcome)?,
        };
        self.not_enqueued(contender, failed, at);
        Ok(Step::Done)
    }

    fn not_enqueued(&mut self, contender: &mut Contender, failed: Failed, at: Instant) {
        if failed == Failed::Conflict {
            // The name is somebody else's; another one may be free.
            self.ticket = None;
        }
        contender.failed(failed, at);
    }

    fn found_to_delete(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        name: String,
        at: Instant,
    ) -> Result<Step, Error> {
        match outcome {
            Outcome::Landed(Answer { lease, .. }) => {
                let lease: Seen = lease.into_inner();
                let uid = named(lease, &self.namespace, &name)?.version.uid;
                let request = request::delete(&name, &uid, None);
                let versioned = false;
                let errand = Errand::Delete {
                    name,
                    uid,
                    versioned,
                };
                return Ok(Step::Next(errand, request));
            }
            Outcome::Absent => self.dequeued(contender),
            outcome => contender.failed(unread(&outcome)?, at),
        }
        Ok(Step::Done)
    }

    fn deleted(
        &mut self,
        contender: &mut Contender,
        outcome: Outcome,
        (name, uid, versioned): (String, Uid, bool),
        at: Instant,
    ) -> Result<Step, Error> {
        match outcome {
            Outcome::Conflict if versioned => {
                // Somebody edited it, and it still is ours.
                let request = request::delete(&name, &uid, None);
                let versioned = false;
                let errand = Errand::Delete {
                    name,
                    uid,
                    versioned,
                };
                return Ok(Step::Next(errand, request));
            }
            // Another uid is another ticket: ours is gone.
            Outcome::Deleted | Outcome::Absent | Outcome::Conflict => self.dequeued(contender),
            outcome => contender.failed(unwritten(&outcome)?, at),
        }
        Ok(Step::Done)
    }

    fn dequeued(&mut self, contender: &mut Contender) {
        self.ticket = None;
        contender.dequeued();
    }

    /// The lock, as the logic sees it.
    pub(crate) fn lock(&self, lease: Seen) -> Result<Snapshot, Error> {
        named(lease, &self.namespace, &self.name)
    }

    /// Our ticket; `None` if it is none any more.
    fn ticket(&self, lease: Seen) -> Result<Option<Ticket>, Error> {
        let name = self.ticket.as_deref().unwrap_or_default();
        let lock = lease.waits_for.clone();
        let lease = named(lease, &self.namespace, name)?;
        Ok(lock.map(|lock| Ticket::of(&lease, lock)))
    }
}

fn listed(contender: &mut Contender, outcome: Outcome, at: Instant) -> Result<Step, Error> {
    match outcome {
        Outcome::Listed(Answers { leases }) => {
            let seen = leases.into_iter().map(rules::Snapshot::into_inner::<Seen>);
            let tickets = seen.filter_map(|Seen { lock, waits_for }| {
                waits_for.map(|waits_for| Ticket::of(&lock, waits_for))
            });
            contender.listed(tickets.collect());
        }
        outcome => contender.failed(unread(&outcome)?, at),
    }
    Ok(Step::Done)
}

fn named(lease: Seen, namespace: &str, name: &str) -> Result<Snapshot, Error> {
    if lease.lock.namespace == namespace && lease.lock.name == name {
        Ok(lease.lock)
    } else {
        Err(invalid(
            "other-lease",
            "this is not the Lease that was asked for",
        ))
    }
}

/// What became of a reading that brought nothing.
fn unread(outcome: &Outcome) -> Result<Failed, Error> {
    match outcome {
        Outcome::Denied => Ok(Failed::Denied),
        Outcome::Absent
        | Outcome::Conflict
        | Outcome::Rejected
        | Outcome::NotSent
        | Outcome::Unknown => Ok(Failed::NotSent),
        Outcome::Landed(_) | Outcome::Listed(_) | Outcome::Deleted => Err(not_asked()),
    }
}

/// What became of a write that came to nothing. To a ticket, a policy against it is as good as no
/// right.
fn unwritten(outcome: &Outcome) -> Result<Failed, Error> {
    match outcome {
        Outcome::Absent | Outcome::Conflict => Ok(Failed::Conflict),
        Outcome::Denied | Outcome::Rejected => Ok(Failed::Denied),
        Outcome::NotSent => Ok(Failed::NotSent),
        Outcome::Unknown => Ok(Failed::Unknown),
        Outcome::Landed(_) | Outcome::Listed(_) | Outcome::Deleted => Err(not_asked()),
    }
}
