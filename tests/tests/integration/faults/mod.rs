//! Every verb meets every fault of a cluster: it ends in time, says what went wrong and what to do
//! next, and leaves nothing half done.
//!
//! What each of them says is kept as a snapshot, to be read by people.

mod expected;
mod fault;
mod judge;
mod lost_writes;
mod nowhere;
mod refusing;
mod stage;
mod told;
mod unreachable;
mod watches;

use std::thread;

use self::fault::Fault;
use self::stage::Stage;
use self::told::Told;
use crate::every_verb::{VERBS, locks, run_at_once};

/// How many commands run at a time that only wait, and of the others.
const WAITING_AT_ONCE: usize = 20;
const OTHERS_AT_ONCE: usize = 6;

#[test]
fn a_kubeconfig_that_leads_nowhere() {
    insta::assert_snapshot!("nowhere", every_verb_meets(nowhere::FAULTS));
}

#[test]
fn a_server_that_cannot_be_reached() {
    insta::assert_snapshot!("unreachable", every_verb_meets(unreachable::FAULTS));
}

#[test]
fn a_server_that_refuses_or_answers_badly() {
    insta::assert_snapshot!("refusing", every_verb_meets(refusing::FAULTS));
}

#[test]
fn writes_that_fail_or_are_not_known_to_have_succeeded() {
    insta::assert_snapshot!("lost-writes", every_verb_meets(lost_writes::FAULTS));
}

/// Runs the whole table, and returns what was told. Fails with all that is wrong in it.
fn every_verb_meets(faults: &'static [Fault]) -> String {
    let stages = Stage::for_all(faults);
    let before = locks::all(stages.iter().map(|stage| &stage.namespace));
    let told = meet(&stages);
    let after = locks::all(stages.iter().map(|stage| &stage.namespace));

    let mut complaints = Vec::new();
    let mut transcript = String::new();
    for (stage, told) in stages.iter().zip(&told) {
        let judged = VERBS.iter().zip(told).map(|(verb, told)| {
            let wrong = judge::complaints(stage, verb, told, &before, &after);
            (verb, told, wrong)
        });
        complaints.extend(judge::report(stage, &judged.collect::<Vec<_>>()));
        transcript += &told::transcript(stage.fault.name, told);
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    transcript
}

/// What all verbs told at each stage. Commands that only wait do so while the others run.
fn meet(stages: &[Stage]) -> Vec<Vec<Told>> {
    let run = |waits: bool, count: usize| {
        let of_kind = stages
            .iter()
            .filter(move |stage| stage.fault.waits() == waits);
        let rows: Vec<_> = of_kind
            .flat_map(|stage| VERBS.iter().map(move |verb| (stage, verb)))
            .collect();
        run_at_once(count, &rows, |(stage, verb)| stage.run(verb)).into_iter()
    };
    let (mut waiting, mut others) = thread::scope(|scope| {
        let waiting = scope.spawn(|| run(true, WAITING_AT_ONCE));
        let others = run(false, OTHERS_AT_ONCE);
        (waiting.join().unwrap(), others)
    });
    let of_stage = |stage: &Stage| {
        let told = if stage.fault.waits() {
            &mut waiting
        } else {
            &mut others
        };
        told.take(VERBS.len()).collect()
    };
    stages.iter().map(of_stage).collect()
}
