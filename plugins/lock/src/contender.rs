//! A contender that a host drives.

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use lease_core::{Contender, Identity, Instant, Mode, Timing, lease_seconds};

use crate::abi::Call;
use crate::carrier::{Answer, Carrier};
use crate::contract::{Event, Request, Timestamp};
use crate::error::Fault;
use crate::snapshot::Seen;
use crate::{event, times};

/// The contender of the contract.
pub(crate) struct Driven {
    carrier: Carrier,
    contender: Contender,
    /// The last reading of the host's clock.
    latest: u64,
}

/// Who wants a lock, as the contract has it.
pub(crate) struct Claim<'a> {
    pub(crate) identity: &'a str,
    pub(crate) number: u64,
    pub(crate) attends: bool,
    pub(crate) lease_duration: u64,
}

/// What a contender is to want, as the contract has it.
pub(crate) struct Settings<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) claim: Claim<'a>,
    pub(crate) renew_deadline: u64,
    pub(crate) retry_period: u64,
    pub(crate) mode: Mode,
    pub(crate) reads_every: Option<u64>,
}

/// Who shall have a lock that is given back, as the contract has it.
pub(crate) enum Succession<'a> {
    Queue,
    Open,
    Named(&'a str),
}

/// Checks an identity that a host gave.
pub(crate) fn identity(identity: &str) -> Result<Identity, Fault> {
    Ok(Identity::new(identity)?)
}

impl Claim<'_> {
    /// The same, if it keeps the rules.
    pub(crate) fn checked(&self) -> Result<lease_core::Claim, Fault> {
        let duration = Duration::from_nanos(self.lease_duration);
        Ok(lease_core::Claim {
            identity: identity(self.identity)?,
            duration_seconds: lease_seconds(duration)?,
            number: self.number,
            attends: self.attends,
        })
    }
}

impl Driven {
    pub(crate) fn new(settings: &Settings<'_>) -> Result<Self, Fault> {
        if settings.namespace.is_empty() || settings.name.is_empty() {
            return Err(Fault::NoName);
        }
        let timing = Timing::new(
            Duration::from_nanos(settings.claim.lease_duration),
            Duration::from_nanos(settings.renew_deadline),
            Duration::from_nanos(settings.retry_period),
        )?;
        let claim = settings.claim.checked()?;
        let (who, number) = (claim.identity.clone(), claim.number);
        let mut contender = Contender::new(claim, timing, settings.mode)?;
        if let Some(gap) = settings.reads_every {
            contender.set_window(Duration::from_nanos(gap));
        }
        let (namespace, name) = (String::from(settings.namespace), settings.name.into());
        Ok(Self {
            carrier: Carrier::new(namespace, name, who, number),
            contender,
            latest: 0,
        })
    }

    /// Takes in a reading of the clock. A host whose clock goes back would believe for too long.
    fn at(&mut self, at: u64) -> Result<Instant, Fault> {
        self.check(at)?;
        self.latest = at;
        Ok(Instant::from_nanos(at))
    }

    fn check(&self, at: u64) -> Result<(), Fault> {
        if at < self.latest {
            return Err(Fault::ClockWentBack);
        }
        Ok(())
    }

    pub(crate) fn held_until(&self, now: u64) -> Option<u64> {
        let now = self.latest.max(now);
        let left = self.contender.remaining(Instant::from_nanos(now))?;
        Some(now.saturating_add(times::nanos(left)))
    }

    pub(crate) fn observe(&mut self, lock: Option<Box<Seen>>, at: u64) -> Result<(), Fault> {
        let lock = match lock {
            Some(lock) => {
                self.carrier.check(&lock)?;
                Some(lock.lock)
            }
            None => None,
        };
        let at = self.at(at)?;
        self.contender.observe(lock, at);
        Ok(())
    }

    pub(crate) fn suspect(&mut self) {
        self.contender.suspect();
    }

    pub(crate) fn poll_request(
        &mut self,
        call: &Call,
        now: u64,
        wall: Timestamp,
    ) -> Result<Option<Request<'static>>, Fault> {
        let wall = times::wall(wall)?;
        let now = self.at(now)?;
        Ok(self.carrier.poll(call, &mut self.contender, now, wall))
    }

    pub(crate) fn answered(&mut self, answer: &mut Answer, at: u64) -> Result<(), Fault> {
        self.check(at)?;
        let instant = Instant::from_nanos(at);
        self.carrier
            .answered(&mut self.contender, answer, instant)?;
        self.latest = at;
        Ok(())
    }

    pub(crate) fn poll_timeout(&self, now: u64) -> Option<u64> {
        let now = self.latest.max(now);
        if self.carrier.has_next() {
            return Some(now);
        }
        let timeout = self.contender.poll_timeout(Instant::from_nanos(now));
        timeout.map(times::instant)
    }

    pub(crate) fn poll_event(&mut self, call: &Call) -> Option<Event<'static>> {
        let event = self.contender.poll_event()?;
        Some(event::told(call, &event, self.held_until(0)))
    }

    pub(crate) fn resign(&mut self, succession: &Succession<'_>, now: u64) -> Result<(), Fault> {
        let succession = match succession {
            Succession::Queue => lease_core::Succession::Queue,
            Succession::Open => lease_core::Succession::Open,
            Succession::Named(to) => lease_core::Succession::To(identity(to)?),
        };
        let now = self.at(now)?;
        self.contender.resign(succession, now);
        Ok(())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.contender.has_ended() && !self.carrier.is_busy()
    }
}
