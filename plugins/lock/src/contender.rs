//! A contender that a host drives.

use alloc::string::String;
use core::cell::RefCell;
use core::time::Duration;

use lease_core::{Contender, Identity, Instant, Mode, Timing, lease_seconds};

use crate::bindings::exports::lease::lock::rules::{
    self, Claim, Event, GuestContender, Outcome, Patience, Request, Settings, Succession,
};
use crate::bindings::exports::lease::lock::types::{Error, Timestamp};
use crate::carrier::Carrier;
use crate::error::{invalid, no_identity};
use crate::{event, times};

/// The contender of the contract.
pub(crate) struct Driven(RefCell<State>);

struct State {
    carrier: Carrier,
    contender: Contender,
    /// The last reading of the host's clock.
    latest: u64,
}

/// Checks an identity that a host gave.
pub(crate) fn identity(identity: String) -> Result<Identity, Error> {
    Identity::new(identity).map_err(no_identity)
}

/// Checks a claim that a host gave.
pub(crate) fn claim(claim: Claim) -> Result<lease_core::Claim, Error> {
    let duration = Duration::from_nanos(claim.lease_duration);
    Ok(lease_core::Claim {
        identity: identity(claim.identity)?,
        duration_seconds: lease_seconds(duration).map_err(timing)?,
        number: claim.number,
        attends: claim.attends,
    })
}

fn timing<E>(_: E) -> Error {
    // In words without figures, which would bring their own machinery with them.
    invalid(
        "timing",
        "the lease duration must be 1 to 2147483647 whole seconds and at least 1 s longer than the \
         renew deadline, and that longer than 1.2 retry periods, which must be longer than zero",
    )
}

impl State {
    fn new(settings: Settings) -> Result<Self, Error> {
        if settings.namespace.is_empty() || settings.name.is_empty() {
            let message = "a lock has a namespace and a name";
            return Err(invalid("no-name", message));
        }
        let timing = Timing::new(
            Duration::from_nanos(settings.claim.lease_duration),
            Duration::from_nanos(settings.renew_deadline),
            Duration::from_nanos(settings.retry_period),
        )
        .map_err(timing)?;
        let claim = claim(settings.claim)?;
        let mode = match settings.patience {
            Patience::Endless => Mode::Patient,
            Patience::None => Mode::Try,
            Patience::Until(until) => Mode::Until(Instant::from_nanos(until)),
        };
        let (who, number) = (claim.identity.clone(), claim.number);
        let mut contender = Contender::new(claim, timing, mode).map_err(self::timing)?;
        if let Some(gap) = settings.reads_every {
            contender.set_window(Duration::from_nanos(gap));
        }
        Ok(Self {
            carrier: Carrier::new(settings.namespace, settings.name, who, number),
            contender,
            latest: 0,
        })
    }

    /// Takes in a reading of the clock. A host whose clock goes back would believe for too long.
    fn at(&mut self, at: u64) -> Result<Instant, Error> {
        self.check(at)?;
        self.latest = at;
        Ok(Instant::from_nanos(at))
    }

    fn check(&self, at: u64) -> Result<(), Error> {
        if at < self.latest {
            return Err(invalid(
                "clock-went-back",
                "the local clock shows an earlier time than at the call before",
            ));
        }
        Ok(())
    }

    fn held_until(&self, now: u64) -> Option<u64> {
        let now = self.latest.max(now);
        let left = self.contender.remaining(Instant::from_nanos(now))?;
        Some(now.saturating_add(times::nanos(left)))
    }
}

impl GuestContender for Driven {
    fn create(settings: Settings) -> Result<rules::Contender, Error> {
        let state = State::new(settings)?;
        Ok(rules::Contender::new(Self(RefCell::new(state))))
    }

    fn observe(&self, lock: Option<rules::Snapshot>, at: u64) -> Result<(), Error> {
        let state = &mut *self.0.borrow_mut();
        let lock = match lock {
            Some(lock) => Some(state.carrier.lock(lock.into_inner())?),
            None => None,
        };
        let at = state.at(at)?;
        state.contender.observe(lock, at);
        Ok(())
    }

    fn suspect(&self) {
        self.0.borrow_mut().contender.suspect();
    }

    fn poll_request(&self, now: u64, wall: Timestamp) -> Result<Option<Request>, Error> {
        let state = &mut *self.0.borrow_mut();
        let wall = times::wall(wall)?;
        let now = state.at(now)?;
        Ok(state.carrier.poll(&mut state.contender, now, wall))
    }

    fn answered(&self, outcome: Outcome, at: u64) -> Result<(), Error> {
        let state = &mut *self.0.borrow_mut();
        state.check(at)?;
        let instant = Instant::from_nanos(at);
        state
            .carrier
            .answered(&mut state.contender, outcome, instant)?;
        state.latest = at;
        Ok(())
    }

    fn poll_timeout(&self, now: u64) -> Option<u64> {
        let state = &*self.0.borrow();
        let now = state.latest.max(now);
        if state.carrier.has_next() {
            return Some(now);
        }
        let timeout = state.contender.poll_timeout(Instant::from_nanos(now));
        timeout.map(times::instant)
    }

    fn poll_event(&self) -> Option<Event> {
        let state = &mut *self.0.borrow_mut();
        let event = state.contender.poll_event()?;
        Some(event::told(event, state.held_until(0)))
    }

    fn held_until(&self, now: u64) -> Option<u64> {
        self.0.borrow().held_until(now)
    }

    fn resign(&self, succession: Succession, now: u64) -> Result<(), Error> {
        let state = &mut *self.0.borrow_mut();
        let succession = match succession {
            Succession::Queue => lease_core::Succession::Queue,
            Succession::Open => lease_core::Succession::Open,
            Succession::Named(to) => lease_core::Succession::To(identity(to)?),
        };
        let now = state.at(now)?;
        state.contender.resign(succession, now);
        Ok(())
    }

    fn has_ended(&self) -> bool {
        let state = &*self.0.borrow();
        state.contender.has_ended() && !state.carrier.is_busy()
    }
}
