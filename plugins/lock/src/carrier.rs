//! What the logic's requests mean for an API server: some of them take two.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use lease_core::{
    Action, Contender, Failed, Identity, Instant, ResourceVersion, Ticket, Timestamp, Uid,
    hexadecimal,
};

use crate::abi::Call;
use crate::contract;
use crate::contract::Request;
use crate::error::Fault;
use crate::snapshot::Seen;
use crate::{request, times};

/// What became of a request, as the contract has it.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Landed,
    Listed,
    Deleted,
    Absent,
    Conflict,
    Denied,
    Rejected,
    NotSent,
    Unknown,
}

/// The same with what came with it.
pub(crate) struct Answer {
    pub(crate) what: What,
    /// The one that landed, or those that are listed.
    #[allow(clippy::vec_box, reason = "that is how the host holds them")]
    pub(crate) leases: Vec<Box<Seen>>,
    pub(crate) date: Option<contract::Timestamp>,
}

/// What a request that is under way is for.
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
    RemoveEdited {
        uid: Uid,
    },
    /// A ticket whose uid is not known.
    FindToDelete {
        name: String,
    },
    Delete {
        name: String,
        uid: Uid,
        /// The version that is a precondition too.
        version: Option<ResourceVersion>,
    },
}

/// Which errand another one leads to, if to any.
type Next = Result<Option<Errand>, Fault>;

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
    /// Whether its request is still to be sent: it is where another errand led to.
    is_next: bool,
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
            is_next: false,
        }
    }

    /// Whether a request is under way, or is to be sent.
    pub(crate) const fn is_busy(&self) -> bool {
        self.errand.is_some()
    }

    /// Whether a request is to be sent at once.
    pub(crate) const fn has_next(&self) -> bool {
        self.is_next
    }

    /// The request to send now, if there is one.
    pub(crate) fn poll(
        &mut self,
        call: &Call,
        contender: &mut Contender,
        now: Instant,
        wall: Timestamp,
    ) -> Option<Request<'static>> {
        loop {
            // Even if nothing can be sent, time passes.
            let action = contender.poll_action(now, wall);
            if self.is_next {
                self.is_next = false;
                return self.request(call);
            }
            let request = self.begin(call, action?, wall);
            if request.is_some() {
                return request;
            }
            // A ticket that was never asked for.
            contender.dequeued();
        }
    }

    /// Begins what an action takes; `None` if it takes nothing.
    fn begin(&mut self, call: &Call, action: Action, wall: Timestamp) -> Option<Request<'static>> {
        let errand = match action {
            Action::Read => Errand::Read,
            Action::Write(write) => {
                let creates = matches!(write, lease_core::Write::Create { .. });
                self.errand = Some(Errand::Write { creates });
                return Some(Request::Write(request::write(call, &self.name, &write)));
            }
            Action::List { lock } => {
                self.errand = Some(Errand::List);
                return Some(request::list(call, &lock));
            }
            Action::Enqueue { lock, window } => {
                // One that was asked for before and may be there by now is found by its name.
                let name = self.ticket.get_or_insert_with(|| {
                    self.tickets = self.tickets.wrapping_add(1);
                    let (number, count) =
                        (hexadecimal(self.number), hexadecimal(self.tickets.into()));
                    Ticket::name_for(&self.name, &[&number, "-", &count].concat())
                });
                let request =
                    request::enqueue(call, name, &self.name, &lock, &self.who, window, wall);
                self.errand = Some(Errand::Enqueue { lock });
                return Some(request);
            }
            Action::Dequeue { name, version, uid } => {
                let name = name.or_else(|| self.ticket.clone())?;
                let (uid, version) = match version {
                    Some(version) => (Some(version.uid), Some(version.resource_version)),
                    None => (uid, None),
                };
                match uid {
                    Some(uid) => Errand::Delete { name, uid, version },
                    None => Errand::FindToDelete { name },
                }
            }
        };
        self.errand = Some(errand);
        self.request(call)
    }

    /// The request of an errand that says all of it.
    fn request(&self, call: &Call) -> Option<Request<'static>> {
        let ticket = self.ticket.as_deref();
        Some(match self.errand.as_ref()? {
            Errand::Read => request::get(call, &self.name),
            Errand::FindPlace { .. } => request::get(call, ticket?),
            Errand::RemoveEdited { uid } => request::delete(call, ticket?, uid, None),
            Errand::FindToDelete { name } => request::get(call, name),
            Errand::Delete { name, uid, version } => {
                request::delete(call, name, uid, version.as_ref())
            }
            Errand::Write { .. } | Errand::List | Errand::Enqueue { .. } => return None,
        })
    }

    /// Takes in what became of the request under way. One that it cannot have been changes nothing.
    pub(crate) fn answered(
        &mut self,
        contender: &mut Contender,
        answer: &mut Answer,
        at: Instant,
    ) -> Result<(), Fault> {
        if self.is_next {
            return Err(Fault::NotAsked);
        }
        let errand = self.errand.take().ok_or(Fault::NotAsked)?;
        let next = match &errand {
            Errand::Read => self.read(contender, answer, at),
            Errand::Write { creates } => self.written(contender, answer, *creates, at),
            Errand::List => listed(contender, answer, at),
            Errand::Enqueue { lock } => self.enqueued(contender, answer, lock, at),
            Errand::FindPlace { lock } => self.found_place(contender, answer, lock, at),
            Errand::RemoveEdited { .. } => self.removed_edited(contender, answer, at),
            Errand::FindToDelete { name } => self.found_to_delete(contender, answer, name, at),
            Errand::Delete { name, uid, version } => {
                self.deleted(contender, answer, (name, uid, version.is_some()), at)
            }
        };
        match next {
            Ok(next) => {
                self.is_next = next.is_some();
                self.errand = next;
                Ok(())
            }
            Err(error) => {
                self.errand = Some(errand);
                Err(error)
            }
        }
    }

    fn read(&self, contender: &mut Contender, answer: &mut Answer, at: Instant) -> Next {
        match answer.what {
            What::Landed => {
                let date = answer.date.map(times::wall).transpose()?;
                let lease = self.landed(answer, &self.name)?;
                contender.read(Some(lease.lock), date, at);
            }
            What::Absent => contender.read(None, None, at),
            _ => contender.failed(unread(answer.what)?, at),
        }
        Ok(None)
    }

    fn written(
        &self,
        contender: &mut Contender,
        answer: &mut Answer,
        creates: bool,
        at: Instant,
    ) -> Next {
        match answer.what {
            What::Landed => contender.written(self.landed(answer, &self.name)?.lock, at),
            // It is the namespace that is not there.
            What::Absent if creates => contender.failed(Failed::NotSent, at),
            What::Rejected => contender.failed(Failed::NotSent, at),
            _ => contender.failed(unwritten(answer.what)?, at),
        }
        Ok(None)
    }

    fn enqueued(
        &mut self,
        contender: &mut Contender,
        answer: &mut Answer,
        lock: &Uid,
        at: Instant,
    ) -> Next {
        match answer.what {
            What::Landed => match place(&*self.landed(answer, self.ticket())?) {
                Some(ticket) => contender.enqueued(ticket),
                // A success that cannot be read was a success for all we know.
                None => contender.failed(Failed::Unknown, at),
            },
            What::Conflict => return Ok(Some(Errand::FindPlace { lock: lock.clone() })),
            _ => self.not_enqueued(contender, unwritten(answer.what)?, at),
        }
        Ok(None)
    }

    fn found_place(
        &mut self,
        contender: &mut Contender,
        answer: &mut Answer,
        lock: &Uid,
        at: Instant,
    ) -> Next {
        let failed = match answer.what {
            What::Landed => {
                let lease = self.landed(answer, self.ticket())?;
                let is_ours = lease.lock.record.holder() == Some(self.who.as_str());
                let place = place(&lease);
                let place = place.filter(|place| place.lock == *lock && !place.window.is_zero());
                match place {
                    Some(place) if is_ours => {
                        contender.enqueued(place);
                        return Ok(None);
                    }
                    None if is_ours => {
                        let uid = lease.lock.version.uid;
                        return Ok(Some(Errand::RemoveEdited { uid }));
                    }
                    _ => Failed::Conflict,
                }
            }
            What::Absent => Failed::Conflict,
            What::Denied => Failed::Denied,
            _ => unread(answer.what).map(|_| Failed::Unknown)?,
        };
        self.not_enqueued(contender, failed, at);
        Ok(None)
    }

    fn removed_edited(
        &mut self,
        contender: &mut Contender,
        answer: &mut Answer,
        at: Instant,
    ) -> Next {
        let failed = match answer.what {
            What::Deleted | What::Absent => Failed::Conflict,
            _ => unwritten(answer.what)?,
        };
        self.not_enqueued(contender, failed, at);
        Ok(None)
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
        answer: &mut Answer,
        name: &str,
        at: Instant,
    ) -> Next {
        match answer.what {
            What::Landed => {
                let uid = self.landed(answer, name)?.lock.version.uid;
                return Ok(Some(unconditional(name, uid)));
            }
            What::Absent => self.dequeued(contender),
            _ => contender.failed(unread(answer.what)?, at),
        }
        Ok(None)
    }

    fn deleted(
        &mut self,
        contender: &mut Contender,
        answer: &mut Answer,
        (name, uid, versioned): (&str, &Uid, bool),
        at: Instant,
    ) -> Next {
        match answer.what {
            // Somebody edited it, and it still is ours.
            What::Conflict if versioned => return Ok(Some(unconditional(name, uid.clone()))),
            // Another uid is another ticket: ours is gone.
            What::Deleted | What::Absent | What::Conflict => self.dequeued(contender),
            _ => contender.failed(unwritten(answer.what)?, at),
        }
        Ok(None)
    }

    fn dequeued(&mut self, contender: &mut Contender) {
        self.ticket = None;
        contender.dequeued();
    }

    /// The Lease that landed, which is the one of this name.
    fn landed(&self, answer: &mut Answer, name: &str) -> Result<Box<Seen>, Fault> {
        let lease = answer.leases.pop().ok_or(Fault::NotAsked)?;
        self.check_name(&lease, name)?;
        Ok(lease)
    }

    /// Whether it is the lock.
    pub(crate) fn check(&self, lease: &Seen) -> Result<(), Fault> {
        self.check_name(lease, &self.name)
    }

    fn check_name(&self, lease: &Seen, name: &str) -> Result<(), Fault> {
        if lease.lock.namespace == self.namespace && lease.lock.name == name {
            Ok(())
        } else {
            Err(Fault::OtherLease)
        }
    }

    /// The name of our ticket.
    fn ticket(&self) -> &str {
        self.ticket.as_deref().unwrap_or_default()
    }
}

/// The place in a queue that a Lease is; `None` if it is none.
fn place(lease: &Seen) -> Option<Ticket> {
    let lock = lease.waits_for.clone()?;
    Some(Ticket::of(&lease.lock, lock))
}

fn listed(contender: &mut Contender, answer: &mut Answer, at: Instant) -> Next {
    match answer.what {
        What::Listed => contender.listed(answer.leases.iter().filter_map(|lease| place(lease))),
        _ => contender.failed(unread(answer.what)?, at),
    }
    Ok(None)
}

/// To delete a ticket in whatever version it is.
fn unconditional(name: &str, uid: Uid) -> Errand {
    Errand::Delete {
        name: name.into(),
        uid,
        version: None,
    }
}

/// What became of a reading that brought nothing.
fn unread(what: What) -> Result<Failed, Fault> {
    match what {
        What::Denied => Ok(Failed::Denied),
        What::Absent | What::Conflict | What::Rejected | What::NotSent | What::Unknown => {
            Ok(Failed::NotSent)
        }
        What::Landed | What::Listed | What::Deleted => Err(Fault::NotAsked),
    }
}

/// What became of a write that came to nothing. To a ticket, a policy against it is as good as no
/// right.
fn unwritten(what: What) -> Result<Failed, Fault> {
    match what {
        What::Absent | What::Conflict => Ok(Failed::Conflict),
        What::Denied | What::Rejected => Ok(Failed::Denied),
        What::NotSent => Ok(Failed::NotSent),
        What::Unknown => Ok(Failed::Unknown),
        What::Landed | What::Listed | What::Deleted => Err(Fault::NotAsked),
    }
}
