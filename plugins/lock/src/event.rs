//! What a contender tells, in the contract's terms.

use lease_core as logic;
use lease_core::{End, Loss};

use crate::abi::{Call, Maybe};
use crate::contract::Event;
use crate::error::Fault;
use crate::times;

/// An event; `until` is how long the lock is held, if it is.
pub(crate) fn told(call: &Call, event: &logic::Event, until: Option<u64>) -> Event<'static> {
    let text = |text: &str| Maybe::Some(call.text(text));
    let identity =
        |text: Option<&str>| text.map_or(Maybe::None, |text| Maybe::Some(call.text(text)));
    let mut told = Event {
        code: code(event).into(),
        identity: Maybe::None,
        token: Maybe::None,
        until: Maybe::None,
        since: Maybe::None,
        ahead: Maybe::None,
        reason: Maybe::None,
    };
    match event {
        logic::Event::Acquired { token, from } => {
            told.token = text(token.version().as_str());
            told.until = until.into();
            told.identity = identity(from.as_ref().map(|(holder, _)| holder.as_str()));
        }
        logic::Event::AtRisk { until } => told.until = Maybe::Some(times::instant(*until)),
        logic::Event::HolderChanged { holder, since } => {
            told.identity = identity(holder.as_deref());
            told.since = since.map(times::told).into();
        }
        logic::Event::Lost(loss) => {
            let (reason, by) = match loss {
                Loss::Broken => ("broken", None),
                Loss::Deleted => ("deleted", None),
                Loss::NotRenewed => ("not-renewed", None),
                Loss::Taken { by } => ("taken", Some(by.as_str()).filter(|by| !by.is_empty())),
            };
            told.reason = Maybe::Some(reason.into());
            told.identity = identity(by);
        }
        logic::Event::NotAcquired(end) => {
            let reason = match end {
                End::Contended => "contended",
                End::Denied => "denied",
                End::Refused(refusal) => Fault::from(refusal).code(),
                End::TimedOut => "timed-out",
            };
            told.reason = Maybe::Some(reason.into());
        }
        logic::Event::Queued { ahead } => {
            told.ahead = Maybe::Some(u32::try_from(*ahead).unwrap_or(u32::MAX));
        }
        logic::Event::Released { to } => told.identity = identity(to.as_deref()),
        logic::Event::CannotQueue
        | logic::Event::ReleaseAsked
        | logic::Event::ReleaseFailed
        | logic::Event::Renewed => {}
    }
    told
}

const fn code(event: &logic::Event) -> &'static str {
    match event {
        logic::Event::Acquired { .. } => "acquired",
        logic::Event::AtRisk { .. } => "at-risk",
        logic::Event::CannotQueue => "cannot-queue",
        logic::Event::HolderChanged { .. } => "holder-changed",
        logic::Event::Lost(_) => "lost",
        logic::Event::NotAcquired(_) => "not-acquired",
        logic::Event::Queued { .. } => "queued",
        logic::Event::ReleaseAsked => "release-asked",
        logic::Event::Released { .. } => "released",
        logic::Event::ReleaseFailed => "release-failed",
        logic::Event::Renewed => "renewed",
    }
}
