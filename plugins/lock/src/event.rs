//! What a contender tells, in the contract's terms.

use lease_core as logic;
use lease_core::{End, Loss};

use crate::bindings::exports::lease::lock::rules::Event;
use crate::error;
use crate::times;

/// An event; `until` is how long the lock is held, if it is.
pub(crate) fn told(event: logic::Event, until: Option<u64>) -> Event {
    let mut told = Event {
        code: code(&event).into(),
        identity: None,
        token: None,
        until: None,
        since: None,
        ahead: None,
        reason: None,
    };
    match event {
        logic::Event::Acquired { token, from } => {
            told.token = Some(token.version().as_str().into());
            told.until = until;
            told.identity = from.map(|(holder, _)| holder);
        }
        logic::Event::AtRisk { until } => told.until = Some(times::instant(until)),
        logic::Event::HolderChanged { holder, since } => {
            told.identity = holder;
            told.since = since.map(times::told);
        }
        logic::Event::Lost(loss) => {
            let (reason, by) = match loss {
                Loss::Broken => ("broken", None),
                Loss::Deleted => ("deleted", None),
                Loss::NotRenewed => ("not-renewed", None),
                Loss::Taken { by } => ("taken", Some(by).filter(|by| !by.is_empty())),
            };
            told.reason = Some(reason.into());
            told.identity = by;
        }
        logic::Event::NotAcquired(end) => {
            let reason = match &end {
                End::Contended => "contended",
                End::Denied => "denied",
                End::Refused(refusal) => error::code(refusal),
                End::TimedOut => "timed-out",
            };
            told.reason = Some(reason.into());
        }
        logic::Event::Queued { ahead } => {
            told.ahead = Some(u32::try_from(ahead).unwrap_or(u32::MAX));
        }
        logic::Event::Released { to } => told.identity = to,
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
