//! A lock as it was read, and what may be written to it.

use lease_core::decide::{force_release, release, steal};
use lease_core::{Look, Refusal, Snapshot, Uid, judge};

use crate::abi::Call;
use crate::contender::{Claim, identity};
use crate::contract::{Standing, Timestamp, Write};
use crate::error::Fault;
use crate::{request, standing, times};

/// The snapshot of the contract.
pub(crate) struct Seen {
    pub(crate) lock: Snapshot,
    /// The uid of the lock that it is a place in the queue of; `None` for a lock.
    pub(crate) waits_for: Option<Uid>,
}

/// How far a forced release may go, as the contract has it.
pub(crate) struct Forced<'a> {
    pub(crate) tombstone: &'a str,
    pub(crate) because: Option<&'a str>,
    pub(crate) at_once: bool,
    pub(crate) confirmed: bool,
}

impl Seen {
    fn write(
        &self,
        call: &Call,
        decided: Result<lease_core::Write, Refusal>,
    ) -> Result<Write<'static>, Fault> {
        match decided {
            Ok(write) => Ok(request::write(call, &self.lock.name, &write)),
            Err(refusal) => Err((&refusal).into()),
        }
    }

    pub(crate) fn judge(&self, look: Look) -> Standing {
        let standing = *judge(&self.lock, look).standing();
        standing::told(&standing, &self.lock.dialect)
    }

    pub(crate) fn steal(
        &self,
        call: &Call,
        look: Look,
        claim: &Claim<'_>,
        now: Timestamp,
    ) -> Result<Write<'static>, Fault> {
        let now = times::wall(now)?;
        let claim = claim.checked()?;
        self.write(call, steal(&judge(&self.lock, look), &claim, now))
    }

    pub(crate) fn release(
        &self,
        call: &Call,
        who: &str,
        now: Timestamp,
    ) -> Result<Write<'static>, Fault> {
        let now = times::wall(now)?;
        let who = identity(who)?;
        self.write(call, release(&self.lock, &who, now))
    }

    pub(crate) fn force_release(
        &self,
        call: &Call,
        look: Look,
        forced: &Forced<'_>,
        now: Timestamp,
    ) -> Result<Write<'static>, Fault> {
        let now = times::wall(now)?;
        let forced = lease_core::Forced {
            tombstone: identity(forced.tombstone)?,
            because: forced.because.map(Into::into),
            at_once: forced.at_once,
            confirmed: forced.confirmed,
        };
        self.write(call, force_release(&judge(&self.lock, look), &forced, now))
    }
}
