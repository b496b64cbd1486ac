//! What contenders of ours leave on a lock beside its record.

use alloc::string::String;

use crate::{ResourceVersion, Uid, hexadecimal};

/// Annotations of ours on a lock. Who holds it never depends on them, only in which order waiters
/// come to hold it; so a writer that loses or keeps them harms nobody.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Notes {
    /// Which contender it was that took the lock.
    pub taken_by: Option<Taker>,
    /// That the lock was broken by force.
    pub broken: Option<Broken>,
    /// The hand-over that waits to be confirmed.
    pub grant: Option<Grant>,
    /// The holder that was asked to release the lock.
    pub release_asked: Option<String>,
    /// The last ticket that was served in order: whoever waits with an older one was passed by.
    /// Only grows.
    pub served_through: Option<ResourceVersion>,
}

/// What follows the number of a contender that attends to its lock.
const ATTENDS: &str = " attends";

impl Notes {
    /// The annotation of who took the lock: the holder, its number in hexadecimal, and whether it
    /// attends, with spaces in between.
    pub const TAKEN_BY: &'static str = "kubectl-lease.io/taken-by";
    /// The annotation of who lost the lock by force.
    pub const BROKEN: &'static str = "kubectl-lease.io/broken";
    /// The annotation of why that was done, in the words of who did it.
    pub const BROKEN_BECAUSE: &'static str = "kubectl-lease.io/broken-because";
    /// The annotation of the tombstone that stands, or stood, in their place.
    pub const BROKEN_BY: &'static str = "kubectl-lease.io/broken-by";
    /// The annotation of the ticket that was granted: its name and its uid, with a slash in between.
    pub const GRANTED_TICKET: &'static str = "kubectl-lease.io/granted-ticket";
    /// The annotation of whom the lock was granted to.
    pub const GRANTED_TO: &'static str = "kubectl-lease.io/granted-to";
    /// The annotation of who was asked to release the lock.
    pub const RELEASE_ASKED: &'static str = "kubectl-lease.io/release-asked";
    /// The annotation of the last ticket that was served in order.
    pub const SERVED_THROUGH: &'static str = "kubectl-lease.io/served-through";

    /// What the annotations of a lock say, each of which `annotation` looks up by its key. One that
    /// cannot be read counts as none.
    pub fn read<'a>(annotation: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |key| annotation(key).map(String::from);
        let ticket = annotation(Self::GRANTED_TICKET).and_then(|ticket| ticket.split_once('/'));
        let grant = text(Self::GRANTED_TO)
            .zip(ticket)
            .map(|(to, (name, uid))| Grant {
                to,
                ticket: name.into(),
                uid: Uid::new(uid),
            });
        let taken_by = annotation(Self::TAKEN_BY).and_then(|text| {
            let attended = text.strip_suffix(ATTENDS);
            let (holder, number) = attended.unwrap_or(text).rsplit_once(' ')?;
            Some(Taker {
                holder: holder.into(),
                number: u64::from_str_radix(number, 16).ok()?,
                attends: attended.is_some(),
            })
        });
        Self {
            taken_by,
            broken: text(Self::BROKEN).map(|holder| Broken {
                holder,
                tombstone: text(Self::BROKEN_BY).unwrap_or_default(),
                because: text(Self::BROKEN_BECAUSE),
            }),
            grant,
            release_asked: text(Self::RELEASE_ASKED),
            served_through: text(Self::SERVED_THROUGH).map(ResourceVersion::new),
        }
    }

    /// Each annotation of ours, by its key, and what it has to say; `None` if it has to go.
    pub fn annotations(&self) -> [(&'static str, Option<String>); 8] {
        let Self {
            taken_by,
            broken,
            grant,
            release_asked,
            served_through,
        } = self;
        let taken_by = taken_by.as_ref().map(|taker| {
            let attends = if taker.attends { ATTENDS } else { "" };
            [&taker.holder, " ", &hexadecimal(taker.number), attends].concat()
        });
        let ticket = grant
            .as_ref()
            .map(|grant| [&grant.ticket, "/", grant.uid.as_str()].concat());
        [
            (Self::TAKEN_BY, taken_by),
            (
                Self::BROKEN,
                broken.as_ref().map(|broken| broken.holder.clone()),
            ),
            (
                Self::BROKEN_BECAUSE,
                broken.as_ref().and_then(|broken| broken.because.clone()),
            ),
            (
                Self::BROKEN_BY,
                broken.as_ref().map(|broken| broken.tombstone.clone()),
            ),
            (Self::GRANTED_TICKET, ticket),
            (
                Self::GRANTED_TO,
                grant.as_ref().map(|grant| grant.to.clone()),
            ),
            (Self::RELEASE_ASKED, release_asked.clone()),
            (
                Self::SERVED_THROUGH,
                served_through
                    .as_ref()
                    .map(|served| String::from(served.as_str())),
            ),
        ]
    }

    /// What is left of the notes when the lock changes hands: what it was asked of the last holder
    /// is not asked of the next.
    pub(crate) fn of_next_holder(&self) -> Self {
        Self {
            served_through: self.served_through.clone(),
            ..Self::default()
        }
    }
}

/// What was done by force.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Broken {
    /// Who lost the lock and must not take it back.
    pub holder: String,
    /// What stands, or stood, in its place until its belief has run out.
    pub tombstone: String,
    /// Why, in the words of who broke it.
    pub because: Option<String>,
}

/// A contender of ours that took a lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Taker {
    /// Its identity. If the lock names another holder, the note is an old one that a writer who
    /// knows nothing of notes has kept.
    pub holder: String,
    /// The contender's own number, by which two contenders to whom somebody gave one identity know
    /// each other apart.
    pub number: u64,
    /// Whether it watches the lock while it holds it, and gives it back when it is asked to.
    pub attends: bool,
}

/// A hand-over: the lock names a waiter as holder, who is none before it confirms.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Grant {
    /// The identity that was named.
    pub to: String,
    /// The name of its ticket.
    pub ticket: String,
    /// The uid of its ticket.
    pub uid: Uid,
}
