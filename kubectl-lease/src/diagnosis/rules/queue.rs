//! Places in a queue that nobody stands in any more.

use std::time::Duration;

use lease_client::LeaseSummary;

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::holder::Holder;

/// How long a waiter may take to see that it was passed by, and a list of pods to show its pod.
const SETTLED: Duration = Duration::from_secs(60);

/// `DEAD_TICKET`: a waiter is gone, or does not see that it was passed by. Each costs every
/// hand-over the time in which it was to be confirmed.
pub(super) fn has_dead_tickets(case: &Case<'_>) -> Option<Finding> {
    let dead = case
        .tickets()
        .iter()
        .find_map(|ticket| why_dead(case, ticket));
    let (ticket, why) = dead?;
    let sentence = format!("{} waits for it with a dead ticket: {why}", waiter(ticket));
    let finding = case.finding(Code::DeadTicket, Severity::Warning, sentence);
    let name = &ticket.snapshot.name;
    let next = format!("delete lease {name} -n {}", case.namespace());
    Some(
        finding
            .known_by(format!("the ticket is lease/{name}"))
            .next(kubectl(&next)),
    )
}

fn waiter(ticket: &LeaseSummary) -> &str {
    ticket.snapshot.record.holder().unwrap_or("nobody")
}

pub(super) fn why_dead<'a>(
    case: &Case<'a>,
    ticket: &'a LeaseSummary,
) -> Option<(&'a LeaseSummary, &'static str)> {
    if Some(waiter(ticket)) == case.record().holder() {
        return None;
    }
    let age = case.now().since(ticket.created?);
    // That there is no such pod proves nothing: it may be one of another cluster, and who deletes
    // the ticket of somebody who lives takes their turn.
    let pod_has_ended = match case.who(ticket, waiter(ticket)) {
        Holder::Pod { pod, is_certain } => is_certain && pod.has_ended(),
        _ => false,
    };
    if pod_has_ended && age >= SETTLED {
        return Some((ticket, "its pod has ended"));
    }
    // The present holder came by the last hand-over, so whoever that passed by has had so long.
    let record = case.record();
    let held_for = record.renewed()?.since(record.acquired()?);
    let served = case.lock.snapshot.notes.served_through.as_ref()?;
    let is_passed = ticket.snapshot.version.resource_version <= *served;
    (is_passed && held_for >= SETTLED && case.lock.snapshot.offer().is_none())
        .then_some((ticket, "it was passed by, and has not noticed"))
}
