//! From the terms of the contract to ours, and back.

use jiff::Timestamp;

use crate::bindings::exports::lease::policy::policy;
use crate::bindings::lease::policy::types;
use crate::description::Said;
use crate::{Description, Error, Finding, Holder, Lock, Request, Standing, Verdict, limits};

/// How many nanoseconds a second has.
const SECOND: i128 = 1_000_000_000;

pub(crate) fn request(request: &Request) -> policy::Request {
    let Request {
        verb,
        now,
        utc_offset_seconds,
        dry_run,
        reason,
        context,
        user,
        identity,
        lock: of,
        holder: who,
    } = request.clone();
    policy::Request {
        verb,
        now: timestamp(now),
        utc_offset_seconds,
        dry_run,
        reason,
        context,
        user,
        identity,
        lock: lock(of),
        holder: who.map(holder),
    }
}

fn lock(lock: Lock) -> types::Lock {
    let Lock {
        kind,
        namespace,
        name,
        uid,
        resource_version,
        labels,
        annotations,
        holder_identity,
        lease_duration_seconds,
        acquire_time,
        renew_time,
        lease_transitions,
        dialect,
        standing,
    } = lock;
    let entries = |map: std::collections::BTreeMap<String, String>| {
        let entry = |(key, value)| types::Entry { key, value };
        map.into_iter().map(entry).collect()
    };
    types::Lock {
        kind,
        namespace,
        name,
        uid,
        resource_version,
        labels: entries(labels),
        annotations: entries(annotations),
        holder_identity,
        lease_duration_seconds,
        acquire_time: acquire_time.map(timestamp),
        renew_time: renew_time.map(timestamp),
        lease_transitions,
        dialect,
        standing: standing.map(|standing| {
            let Standing {
                state,
                basis,
                age_seconds,
            } = standing;
            types::Standing {
                state,
                basis,
                age_seconds,
            }
        }),
    }
}

fn holder(holder: Holder) -> types::Holder {
    let Holder {
        kind,
        namespace,
        name,
        phase,
        ready,
    } = holder;
    types::Holder {
        kind,
        namespace,
        name,
        phase,
        ready,
    }
}

fn timestamp(time: Timestamp) -> types::Timestamp {
    // The contract counts from the second before, jiff towards 1970.
    let nanoseconds = time.as_nanosecond();
    types::Timestamp {
        seconds: i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or_default(),
        nanoseconds: u32::try_from(nanoseconds.rem_euclid(SECOND)).unwrap_or_default(),
    }
}

pub(crate) fn description(said: policy::Description) -> Result<Description, Error> {
    let policy::Description {
        name,
        version,
        summary,
        verbs,
        wants_holder,
        example_settings,
    } = said;
    if example_settings.len() > limits::TEXT_BYTES {
        return Err(too_much("example settings", limits::TEXT_BYTES));
    }
    Description::checked(Said {
        name,
        version,
        summary: cut(summary, limits::LOG_LINE_BYTES),
        verbs,
        wants_holder,
        example_settings,
    })
}

pub(crate) fn verdict(verdict: policy::Verdict) -> Result<Verdict, Error> {
    Ok(match verdict {
        policy::Verdict::Abstain => Verdict::Abstain,
        policy::Verdict::Allow => Verdict::Allow,
        policy::Verdict::Warn(said) => Verdict::Warn(finding(said)?),
        policy::Verdict::Deny(said) => Verdict::Deny(finding(said)?),
    })
}

pub(crate) fn finding(finding: types::Finding) -> Result<Finding, Error> {
    let types::Finding { code, message } = finding;
    if code.len() > limits::CODE_BYTES {
        return Err(too_much("code", limits::CODE_BYTES));
    }
    if message.len() > limits::TEXT_BYTES {
        return Err(too_much("message", limits::TEXT_BYTES));
    }
    Ok(Finding { code, message })
}

fn too_much(what: &str, most: usize) -> Error {
    Error::SaidTooMuch(format!("a {what} of more than {most} bytes"))
}

/// A text of so many bytes at most, with a mark where it was cut.
pub(crate) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_count_forwards_from_their_second() {
        for (text, seconds, nanoseconds) in [
            ("1969-12-31T23:59:58.500Z", -2, 500_000_000),
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-11-21T03:41:15.000001Z", 1_795_232_475, 1000),
        ] {
            let time = timestamp(text.parse().unwrap());
            assert_eq!(
                (time.seconds, time.nanoseconds),
                (seconds, nanoseconds),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_is_cut_between_its_characters() {
        assert_eq!(cut("abc".into(), 3), "abc");
        assert_eq!(cut("aäb".into(), 2), "a…");
        assert_eq!(cut("ä".into(), 0), "…");
    }
}
