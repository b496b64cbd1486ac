//! What a record says of itself.

use std::time::Duration;

use lease_core::{Dialect, Identity, IdentityError, State, is_unprintable};

use crate::diagnosis::Code;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Finding, Severity};
use crate::human;

/// A lease as long as this does what a lock without any end does.
const ENDLESS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// In less than this, not one renewal can fail and be tried again.
const BREATHLESS: Duration = Duration::from_secs(3);

/// `MALFORMED`: its fields contradict each other, or were not meant to be read.
pub(super) fn contradicts_itself(case: &Case<'_>) -> Option<Finding> {
    let record = case.record();
    let holder = record.holder().unwrap_or_default();
    let sentence = match case.dialect() {
        Dialect::Terraform { lock_id } if !case.dialect().is_free(record) => {
            if holder.is_empty() {
                "its holder is empty, which Terraform still takes for a lock: only an absent one \
                 is free"
                    .to_owned()
            } else if lock_id.as_deref() != Some(holder) {
                let said = lock_id.as_deref().unwrap_or("nobody");
                format!(
                    "its annotation names {said}, but {holder} holds it: Terraform cannot unlock it"
                )
            } else {
                return None;
            }
        }
        _ if case.state() == State::Malformed => "its fields contradict each other".to_owned(),
        _ if holder.chars().any(is_unprintable) => {
            "its holder has characters that control a terminal or hide text".to_owned()
        }
        _ if Identity::new(holder) == Err(IdentityError::TooLong) => {
            format!("its holder is {} bytes long", holder.len())
        }
        _ => return None,
    };
    Some(case.finding(Code::Malformed, Severity::Error, sentence))
}

/// `MISCONFIGURED`: a duration that no holder can keep up with, or that keeps a dead one for ever.
pub(super) fn lasts_oddly(case: &Case<'_>) -> Option<Finding> {
    let is_held = matches!(
        case.state(),
        State::Held | State::Late | State::Expired | State::Unknown
    );
    let duration = case.record().duration().filter(|_| is_held)?;
    // A hand-over that ran out carries the time in which it was to be confirmed.
    if case.lock.snapshot.offer().is_some() {
        return None;
    }
    let sentence = if duration >= ENDLESS {
        format!(
            "its lease lasts {}: a holder that dies keeps it for that long",
            human::duration(duration)
        )
    } else if duration < BREATHLESS {
        format!(
            "its lease lasts only {}: one slow answer of the API server, and it is lost",
            human::duration(duration)
        )
    } else {
        return None;
    };
    let finding = case.finding(Code::Misconfigured, Severity::Warning, sentence);
    Some(finding.next(crate::invocation::command(
        "timing",
        case.name(),
        case.namespace(),
    )))
}
