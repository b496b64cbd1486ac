//! What Events tell of the last hour.

use std::collections::HashMap;
use std::time::Duration;

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};

/// How far back is looked.
const LATELY: Duration = Duration::from_secs(60 * 60);
/// How often somebody may come back. Who takes part in a rolling update never does.
const COMEBACKS: u32 = 3;

/// What client-go says of a holder, after its identity.
const BECAME_LEADER: &str = " became leader";
/// What its recorder puts before the latest of many messages that it tells as one.
const COMBINED: &str = "(combined from similar events): ";

/// `FLAPPING`: the same few take it from each other again and again.
pub(super) fn flaps(case: &Case<'_>) -> Option<Finding> {
    let mut terms: HashMap<&str, u32> = HashMap::new();
    for event in case.events() {
        let is_lately = event
            .time
            .is_some_and(|time| case.now().since(time) < LATELY);
        let leader = event.message.strip_suffix(BECAME_LEADER);
        if let (true, "LeaderElection", Some(leader)) = (is_lately, &*event.reason, leader) {
            // Each life of a process has a uuid of its own.
            let leader = leader.strip_prefix(COMBINED).unwrap_or(leader);
            let who = leader.rsplit_once('_').map_or(leader, |(host, _)| host);
            *terms.entry(who).or_default() += event.count.max(1);
        }
    }
    let all = terms.values().copied().fold(0, u32::saturating_add);
    let comebacks = all.saturating_sub(u32::try_from(terms.len()).unwrap_or(u32::MAX));
    if comebacks < COMEBACKS {
        return None;
    }
    let mut who: Vec<_> = terms.into_iter().collect();
    who.sort_unstable_by_key(|&(who, times)| (std::cmp::Reverse(times), who));
    let who: Vec<_> = who
        .iter()
        .take(4)
        .map(|(who, times)| format!("{who} ({times})"))
        .collect();
    let sentence = format!(
        "it was taken {all} times within the hour, by the same again and again: a slow API server \
         or a starved holder is the usual cause"
    );
    let finding = case.finding(Code::Flapping, Severity::Warning, sentence);
    let next = format!("events --for lease/{} -n {}", case.name(), case.namespace());
    Some(
        finding
            .known_by(format!("taken by {}", who.join(", ")))
            .next(kubectl(&next)),
    )
}
