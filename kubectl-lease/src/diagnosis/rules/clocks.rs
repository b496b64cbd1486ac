//! Clocks that disagree.

use std::time::Duration;

use lease_core::State;

use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Cause, Finding, Severity};
use crate::diagnosis::holder::Holder;
use crate::diagnosis::{Code, Facts};
use crate::human;
use crate::invocation;

/// How far a time and the API server's stamp of it may lie apart: a request on its way takes some
/// of that.
const APART: Duration = Duration::from_secs(30);
/// No certificate of a server is valid both now and then, so a clock that is further off reaches none.
const CERTIFIED: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// What our own contenders are booked under. They write to a lock without renewing it, too, so a
/// stamp that is younger than their renewal says nothing of their clock.
const OURS: &str = "kubectl-lease";

/// `SKEW`: the holder's clock is wrong, by what the API server's showed when it was read.
pub(super) fn differ(case: &Case<'_>) -> Option<Finding> {
    if case.state() == State::Free {
        return None;
    }
    let stamp = case.lock.renewal_stamp?;
    let renewed = case.record().renewed()?;
    let (ahead, behind) = (renewed.since(stamp), stamp.since(renewed));
    let is_renewed = matches!(case.state(), State::Held | State::Late);
    let writer = case.lock.last_writer.as_ref();
    let is_ours = writer.is_some_and(|writer| writer.manager == OURS);
    let off = if ahead > APART {
        format!("{} ahead", human::duration(ahead))
    } else if behind > APART && is_renewed && !is_ours {
        format!("{} behind", human::duration(behind))
    } else {
        return None;
    };
    let sentence = format!(
        "its holder's clock is {off}: whoever compares renewTime with a clock takes the living for \
         dead, or the dead for living"
    );
    let finding = case
        .finding(Code::Skew, Severity::Warning, sentence)
        .known_by(format!(
            "renewTime is {}, and the API server took it in at {}",
            human::time(renewed),
            human::time(stamp)
        ));
    let node = match &case.holder {
        Some(Holder::Node(node)) => Some(node.name.as_str()),
        Some(Holder::Pod { pod, .. }) => pod.node.as_deref(),
        _ => None,
    };
    Some(match node {
        Some(node) => finding
            .because_of(Cause::Node(node.to_owned()))
            .next(kubectl(&format!(
                "describe node {}",
                invocation::quoted(node)
            ))),
        None => finding,
    })
}

/// `SKEW` of the machine that this runs on: of all its locks, it is told once.
pub(in crate::diagnosis) fn of_this_machine(facts: &Facts) -> Option<Finding> {
    let (asked, answered) = facts.read_within?;
    let date = facts.date?;
    let (ahead, behind) = (asked.since(date), date.since(answered));
    let off = ahead.max(behind);
    if off <= APART || off > CERTIFIED {
        return None;
    }
    let side = if ahead > behind { "ahead of" } else { "behind" };
    Some(Finding {
        code: Code::Skew,
        severity: Severity::Warning,
        cause: None,
        sentence: format!(
            "this machine's clock is {} {side} the API server's, and so is whatever is acquired or \
             renewed from here",
            human::duration(off)
        ),
        evidence: vec![format!(
            "the API server answered at {} by its clock, and at {} by this machine's",
            human::time(date),
            human::time(answered)
        )],
        next: "date -u".to_owned(),
        locks: Vec::new(),
    })
}
