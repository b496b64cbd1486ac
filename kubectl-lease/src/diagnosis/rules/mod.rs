//! The rules, in the order in which they are tried. Each is one function from a case to a finding.

mod assigned;
mod clocks;
mod deadlock;
mod heartbeat;
mod history;
mod leader_for_life;
mod namesakes;
mod queue;
mod record;
mod rights;
mod silence;
#[cfg(test)]
mod tests;
mod together;

pub(super) use clocks::of_this_machine;
pub(super) use deadlock::circles;
pub(crate) use leader_for_life::evidence as leads_for_life;
pub(super) use leader_for_life::is_stuck as of_leader_for_life;

use super::Facts;
use super::access::Question;
use super::case::{Case, Index};
use super::finding::Finding;

type Rule = fn(&Case<'_>) -> Option<Finding>;

/// Why nobody renews it: the first that knows a reason is told. The last two know none.
const WHY_SILENT: [Rule; 11] = [
    silence::node_is_down,
    heartbeat::identity_stalls,
    heartbeat::node_is_no_more,
    assigned::nobody_takes_over,
    rights::are_missing,
    silence::nobody_is_left,
    silence::pod_is_gone,
    silence::process_restarted,
    silence::pod_hangs,
    silence::never_ends,
    silence::is_over,
];

/// What can be wrong beside that.
const BESIDE: [Rule; 8] = [
    record::contradicts_itself,
    record::lasts_oddly,
    clocks::differ,
    queue::has_dead_tickets,
    history::flaps,
    history::is_shared,
    namesakes::share_a_name,
    heartbeat::renews_without_node,
];

/// What is wrong with locks, each and together.
pub(super) fn of_locks<'a>(cases: impl Iterator<Item = Case<'a>>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut silenced = Vec::new();
    for case in cases {
        found.extend(findings(&case));
        silenced.extend(together::Silenced::of(&case));
    }
    together::told_once(silenced, found)
}

/// What is wrong with one lock.
fn findings(case: &Case<'_>) -> Vec<Finding> {
    let why_silent = WHY_SILENT.iter().find_map(|rule| rule(case));
    let beside = BESIDE.iter().filter_map(|rule| rule(case));
    why_silent.into_iter().chain(beside).collect()
}

/// For which locks it matters what somebody may do with them.
pub(super) fn whose_access_matters(facts: &Facts) -> Vec<Question> {
    let index = Index::of(facts);
    let cases = facts.locks.iter().map(|lock| Case::of(facts, &index, lock));
    cases.filter_map(|case| rights::question(&case)).collect()
}
