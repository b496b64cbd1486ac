//! A program that was built without what runs policies.

use super::configured::Configured;
use super::{Intent, Opinion, Reviewed, Subject};
use crate::failure::Failure;
use crate::ui::Ui;

/// Nobody can be asked here. Where somebody should be, what takes from others is not done.
pub(super) fn review(intent: &Intent<'_>, _: Option<&Ui>, subject: Subject<'_>) -> Opinion {
    let verb = intent.verb;
    let is_asked_for = Configured::read().map_or(true, |configured| {
        configured
            .plugins
            .iter()
            .any(|entry| entry.is_asked_about(verb))
    });
    if !is_asked_for {
        return Opinion::none();
    }
    let why = "this program was built without policies, and some are configured";
    let mut opinion = Opinion {
        notes: Vec::new(),
        refusal: None,
        reviewed: Reviewed::lock(subject.read.map(|(lease, _)| lease.snapshot())),
    };
    if verb.fails_closed() {
        opinion.refusal = Some(
            Failure::refused(format!("{why}: \"{}\" is left as it is", subject.typed()))
                .hint("build it with its feature `plugins`, or remove them with one that has it"),
        );
    } else {
        opinion
            .notes
            .push(format!("{why}; {} goes on without them", verb.name()));
    }
    opinion
}
