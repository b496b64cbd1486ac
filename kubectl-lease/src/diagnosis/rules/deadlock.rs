//! Holders that wait for each other.

use std::collections::{HashMap, HashSet, VecDeque};

use lease_client::LeaseSummary;
use lease_core::{State, Uid};

use super::queue;
use crate::diagnosis::case::{Case, Index};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::{Code, Facts};
use crate::human;

/// For a lock, which others its holder waits for, and by which ticket.
type Waits<'a> = HashMap<&'a Uid, Vec<(&'a Uid, &'a LeaseSummary)>>;

/// One turn of a circle: a lock, and the ticket with which its holder waits for the next one.
type Turn<'a> = (&'a Uid, &'a LeaseSummary);

/// `DEADLOCK`: the holder of each lock of a circle waits for the next one. Each circle is told once,
/// if one of its locks is in question.
pub(in crate::diagnosis) fn circles(facts: &Facts, index: &Index<'_>) -> Vec<Finding> {
    let tickets = facts.tickets.iter().chain(&facts.around);
    let tickets: Vec<_> = tickets.filter(|ticket| !ticket.holds.is_empty()).collect();
    if tickets.is_empty() {
        return Vec::new();
    }
    let locks = facts.locks.iter().chain(&facts.around);
    let locks = locks.filter(|lease| lease.waits_for.is_none());
    let cases: HashMap<_, _> = locks
        .map(|lock| (&lock.snapshot.version.uid, Case::of(facts, index, lock)))
        .collect();
    let mut waits = waits(&tickets, &cases);
    let asked: HashSet<_> = facts
        .locks
        .iter()
        .map(|lock| &lock.snapshot.version.uid)
        .collect();
    let mut starts: Vec<_> = waits.keys().copied().collect();
    // Of circles that share a lock only one is told: always the same.
    let name = |lock: &Uid| (cases[lock].namespace(), cases[lock].name());
    starts.sort_by_key(|lock| name(lock));
    let mut findings = Vec::new();
    for start in starts {
        let Some(circle) = circle(&waits, start) else {
            continue;
        };
        for (lock, _) in &circle {
            waits.remove(lock);
        }
        if circle.iter().any(|(lock, _)| asked.contains(lock)) {
            findings.extend(told(&circle, &cases));
        }
    }
    findings
}

/// Who waits for what under which lock. A ticket says what its waiter was started under: only where
/// that holder holds the lock still, it says something of the lock.
fn waits<'a>(tickets: &[&'a LeaseSummary], cases: &HashMap<&'a Uid, Case<'a>>) -> Waits<'a> {
    let mut waits = Waits::new();
    for ticket in tickets {
        let wanted = ticket.waits_for.as_ref();
        let Some((wanted, case)) = wanted.and_then(|uid| cases.get_key_value(uid)) else {
            continue;
        };
        if !is_held(case) || queue::why_dead(case, ticket).is_some() {
            continue;
        }
        for outer in &ticket.holds {
            if let Some((lock, case)) = cases.get_key_value(&outer.lock)
                && is_held(case)
                && case.record().holder() == Some(&outer.holder)
            {
                waits.entry(lock).or_default().push((wanted, ticket));
            }
        }
    }
    waits
}

/// What is over is taken by whoever is next, so nobody waits for its holder.
fn is_held(case: &Case<'_>) -> bool {
    matches!(
        case.state(),
        State::Held | State::Late | State::Unbounded | State::Unknown
    )
}

/// The shortest way from a lock back to itself.
fn circle<'a>(waits: &Waits<'a>, start: &'a Uid) -> Option<Vec<Turn<'a>>> {
    let mut came_from: HashMap<&Uid, Turn<'a>> = HashMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(lock) = next.pop_front() {
        for &(wanted, ticket) in waits.get(lock).into_iter().flatten() {
            if came_from.contains_key(wanted) {
                continue;
            }
            came_from.insert(wanted, (lock, ticket));
            next.push_back(wanted);
        }
        if came_from.contains_key(start) {
            break;
        }
    }
    let mut turns = Vec::new();
    let mut at = start;
    loop {
        let turn = *came_from.get(at)?;
        turns.push(turn);
        at = turn.0;
        if at == start {
            turns.reverse();
            return Some(turns);
        }
    }
}

fn told(circle: &[Turn<'_>], cases: &HashMap<&Uid, Case<'_>>) -> Option<Finding> {
    let shown = |lock: &Uid| {
        let case = &cases[lock];
        format!("{}/{}", case.namespace(), case.name())
    };
    let next = |turn: usize| circle[(turn + 1) % circle.len()].0;
    let turns: Vec<_> = (0..circle.len())
        .map(|turn| {
            let lock = circle[turn].0;
            let holder = cases[lock].record().holder().unwrap_or_default();
            let (held, wanted) = (shown(lock), shown(next(turn)));
            format!("{holder} holds {held} and waits for {wanted}")
        })
        .collect();
    let sentence = if let [turn] = turns.as_slice() {
        format!("its holder waits for itself, unless that is in the background: {turn}")
    } else {
        format!(
            "holders wait in a circle, unless they do so in the background: {}",
            turns.join("; ")
        )
    };
    let case = &cases[circle.first()?.0];
    // A ticket proves under what its waiter was started, not that anybody waits for that.
    let mut finding = case.finding(Code::Deadlock, Severity::Warning, sentence);
    finding.evidence.clear();
    for (turn, (lock, ticket)) in circle.iter().enumerate() {
        let waiter = ticket.snapshot.record.holder().unwrap_or_default();
        let waits = ticket.created.map_or_else(String::new, |created| {
            format!(" for {}", human::duration(case.now().since(created)))
        });
        finding.evidence.push(format!(
            "{waiter} waits for {}{waits} under {}, by lease/{}",
            shown(next(turn)),
            shown(lock),
            ticket.snapshot.name
        ));
    }
    finding.locks = circle.iter().map(|(lock, _)| cases[lock].id()).collect();
    Some(finding)
}
