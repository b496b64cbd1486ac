//! Whether what came of a fault is right.

use std::time::Duration;

use super::stage::Stage;
use super::told::Told;
use crate::every_verb::Verb;
use crate::every_verb::locks::Locks;

/// What a machine that does much else may add to the time of a command.
const LITTLE: Duration = Duration::from_secs(10);
/// How long requests may take that are waited out.
const SHORT_LIMIT: Duration = Duration::from_secs(2);

/// The administrator's token.
const SECRET: &str = "admin-token";

/// Says what is wrong with a row, one thing each.
pub(super) fn complaints(
    stage: &Stage,
    verb: &Verb,
    told: &Told,
    before: &Locks,
    after: &Locks,
) -> Vec<String> {
    let fault = stage.fault;
    let expected = if verb.writes() {
        fault.writing
    } else {
        fault.looking
    };
    let output = &told.output;
    let mut wrong = Vec::new();

    if output.code != Some(expected.code) {
        wrong.push(format!("exit {:?} and not {}", output.code, expected.code));
    }
    for words in expected.says {
        if !output.stderr.contains(words) {
            wrong.push(format!("does not say {words:?}"));
        }
    }
    if expected.code != 0 {
        if !output
            .stderr
            .lines()
            .any(|line| line.starts_with("error: "))
        {
            wrong.push("says no error".to_owned());
        }
        if !output.stderr.contains("\n  hint: ") {
            wrong.push("does not say what to do next".to_owned());
        }
        if !output.stdout.is_empty() {
            wrong.push("prints data although it failed".to_owned());
        }
    }
    if verb.holder == Some("") && output.stderr.contains("in the name of") {
        wrong.push("names a holder of a lock that it sets free".to_owned());
    }
    if output.stdout.contains(SECRET) || output.stderr.contains(SECRET) {
        wrong.push("tells the token".to_owned());
    }
    if fault.waits() {
        // Each request may take its time, and a read that fails is tried again after a moment.
        let requests = u32::try_from(told.requests.max(1)).unwrap();
        let limit = (SHORT_LIMIT + Duration::from_millis(500)) * requests + LITTLE;
        if told.elapsed > limit {
            wrong.push(format!("took {:?}", told.elapsed));
        }
    }
    let namespace = stage.namespace.name();
    let is_right = if expected.is_done {
        verb.is_done(namespace, before, after)
    } else {
        verb.is_untouched(namespace, before, after)
    };
    if !is_right {
        let spec = |locks| match verb.state(namespace, locks) {
            None => "not there".to_owned(),
            Some(lock) => lock["spec"].to_string(),
        };
        wrong.push(format!(
            "the lock was {}, and is {}",
            spec(before),
            spec(after)
        ));
    }
    wrong
}

/// All complaints about a fault, each told once with all the verbs that it is about.
pub(super) fn report(stage: &Stage, rows: &[(&Verb, &Told, Vec<String>)]) -> Option<String> {
    let mut groups: Vec<(String, String)> = Vec::new();
    for (verb, told, wrong) in rows.iter().filter(|(_, _, wrong)| !wrong.is_empty()) {
        let text: String = wrong
            .iter()
            .map(|what| format!("  ! {what}\n"))
            .chain(told.text().lines().map(|line| format!("  | {line}\n")))
            .collect();
        let line = format!(
            "$ {}    # {:?}, {} requests\n",
            verb.line, told.elapsed, told.requests
        );
        match groups.iter_mut().find(|(_, of_group)| *of_group == text) {
            Some((lines, _)) => *lines += &line,
            None => groups.push((line, text)),
        }
    }
    let texts = groups.into_iter().map(|(lines, text)| lines + &text);
    let text: String = texts.collect();
    (!text.is_empty()).then(|| format!("== {} ==\n{text}", stage.fault.name))
}
