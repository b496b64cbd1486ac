//! Why is this lock stuck? Facts in, findings out.

mod access;
mod case;
mod code;
mod facts;
mod finding;
mod gather;
mod grouping;
mod holder;
mod rules;

pub(crate) use case::{Case, kubectl};
pub(crate) use code::{Code, Explanation};
pub(crate) use facts::{Facts, Unread};
pub(crate) use finding::{Finding, Kind, LockId, Severity};
pub(crate) use gather::{Patients, gather, gather_around, gather_population};
#[cfg(feature = "plugins")]
pub(crate) use holder::Holder;
pub(crate) use holder::Population;
pub(crate) use rules::leads_for_life;

use case::Index;

/// All that is wrong with the locks, by these facts: worst first, and each cause once.
pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let index = Index::of(facts);
    let cases = facts.locks.iter().map(|lock| Case::of(facts, &index, lock));
    let each = rules::of_locks(cases);
    let leaders = facts.leaders.iter().flatten();
    let leaders = leaders.filter_map(|lock| rules::of_leader_for_life(facts, lock));
    let circles = rules::circles(facts, &index);
    let here = rules::of_this_machine(facts);
    grouping::grouped(
        each.into_iter()
            .chain(leaders)
            .chain(circles)
            .chain(here)
            .collect(),
    )
}

/// Calls `look` with the case of the first lock, if there is one.
pub(crate) fn first_case<T>(facts: &Facts, look: impl FnOnce(&Case<'_>) -> T) -> Option<T> {
    let index = Index::of(facts);
    let lock = facts.locks.first()?;
    Some(look(&Case::of(facts, &index, lock)))
}
