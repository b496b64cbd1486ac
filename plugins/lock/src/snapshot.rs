//! A lock as it was read, and what may be written to it.

use alloc::string::String;

use lease_core::decide::{force_release, release, steal};
use lease_core::{Forced, Refusal, Snapshot, Uid, Write, judge};

use crate::bindings::exports::lease::lock::rules::{self, Claim, GuestSnapshot, Look, Standing};
use crate::bindings::exports::lease::lock::types as contract;
use crate::bindings::exports::lease::lock::types::{Error, Lease, Timestamp};
use crate::contender::{claim, identity};
use crate::error::refused;
use crate::{lease, request, standing, times};

/// The snapshot of the contract.
pub(crate) struct Seen {
    pub(crate) lock: Snapshot,
    /// The uid of the lock that it is a place in the queue of; `None` for a lock.
    pub(crate) waits_for: Option<Uid>,
}

impl Seen {
    fn write(&self, decided: Result<Write, Refusal>) -> Result<contract::Write, Error> {
        match decided {
            Ok(write) => Ok(request::write(&self.lock.name, &write)),
            Err(refusal) => Err(refused(&refusal)),
        }
    }
}

impl GuestSnapshot for Seen {
    fn of(lease: Lease) -> Result<rules::Snapshot, Error> {
        lease::seen(lease).map(rules::Snapshot::new)
    }

    fn judge(&self, look: Look) -> Result<Standing, Error> {
        let look = standing::look(&look)?;
        let standing = *judge(&self.lock, look).standing();
        Ok(standing::told(&standing, &self.lock.dialect))
    }

    fn steal(&self, look: Look, claim: Claim, now: Timestamp) -> Result<contract::Write, Error> {
        let (look, now) = (standing::look(&look)?, times::wall(now)?);
        let claim = self::claim(claim)?;
        self.write(steal(&judge(&self.lock, look), &claim, now))
    }

    fn release(&self, identity: String, now: Timestamp) -> Result<contract::Write, Error> {
        let now = times::wall(now)?;
        let who = self::identity(identity)?;
        self.write(release(&self.lock, &who, now))
    }

    fn force_release(
        &self,
        look: Look,
        forced: rules::Forced,
        now: Timestamp,
    ) -> Result<contract::Write, Error> {
        let (look, now) = (standing::look(&look)?, times::wall(now)?);
        let forced = Forced {
            tombstone: identity(forced.tombstone)?,
            because: forced.because,
            at_once: forced.at_once,
            confirmed: forced.confirmed,
        };
        self.write(force_release(&judge(&self.lock, look), &forced, now))
    }
}
