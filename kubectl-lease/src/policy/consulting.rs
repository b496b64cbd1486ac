//! Asking policies, and what comes of their answers.

use lease_policy_host::{Finding, Level, LogLine, Request, Review, Verdict};
use tokio::task::spawn_blocking;

use super::configured::{Configured, Entry, Mode, Unreadable};
use super::library::{Library, Trouble};
use super::opinion::{Opinion, Reviewed};
use super::{Intent, Subject, Verb, holder, request};
use crate::escape;
use crate::failure::Failure;
use crate::invocation;
use crate::ui::Ui;

/// How many characters of what a policy says are shown.
const LONGEST_MESSAGE: usize = 500;
/// How many of its codes.
const LONGEST_CODE: usize = 60;

/// What one policy answered.
struct Answer {
    entry: Entry,
    review: Result<Review, Trouble>,
}

/// Asks all policies that want to be asked about this.
pub(super) async fn review(intent: &Intent<'_>, ui: Option<&Ui>, subject: Subject<'_>) -> Opinion {
    let reviewed = Reviewed::lock(subject.read.map(|(lease, _)| lease.snapshot()));
    let configured = match Configured::read() {
        Ok(configured) => configured,
        Err(unreadable) => return without_any(intent.verb, subject, &unreadable, reviewed),
    };
    let mut asked = configured.plugins;
    asked.retain(|entry| entry.is_asked_about(intent.verb));
    if asked.is_empty() {
        return Opinion::none();
    }
    let wants_holder = asked.iter().any(|entry| entry.wants_holder);
    let request = request_of(intent, subject, wants_holder).await;
    // They compute, and one that is not compiled yet takes its time: the screen goes on meanwhile.
    let ui = ui.cloned();
    let asking = spawn_blocking(move || ask_all(ui.as_ref(), asked, &request));
    match asking.await {
        Ok(answers) => opinion(intent, subject, answers, reviewed),
        // It panicked, which ends a program that is released at once.
        Err(error) => {
            let unreadable = Unreadable {
                why: format!("policies could not be asked: {error}"),
                hint: None,
            };
            without_any(intent.verb, subject, &unreadable, reviewed)
        }
    }
}

/// The request about an intent, with who is behind the holder if a policy wants to know.
pub(crate) async fn request_of(
    intent: &Intent<'_>,
    subject: Subject<'_>,
    wants_holder: bool,
) -> Request {
    let mut request = request::request(intent, subject);
    if let (true, Some((lease, _))) = (wants_holder, subject.read) {
        request.holder = holder::behind(intent.store, lease).await;
    }
    request
}

fn ask_all(ui: Option<&Ui>, asked: Vec<Entry>, request: &Request) -> Vec<Answer> {
    let library = Library::open();
    let ask = |entry: Entry| {
        let review = match &library {
            Ok(library) => ask(ui, library, &entry, request),
            Err(trouble) => Err(Trouble::Other(trouble.to_string())),
        };
        Answer { entry, review }
    };
    asked.into_iter().map(ask).collect()
}

fn ask(
    ui: Option<&Ui>,
    library: &Library,
    entry: &Entry,
    request: &Request,
) -> Result<Review, Trouble> {
    let policy = library.policy(ui, entry)?;
    let mut request = request.clone();
    if !entry.wants_holder {
        request.holder = None;
    }
    match policy.review(&entry.settings(), &request) {
        Ok(review) => {
            trace(&entry.name, &review.log);
            let said = said(&review.verdict);
            tracing::info!(target: "kubectl_lease::policy::verdict", "policy {} {said}", entry.name);
            Ok(review)
        }
        Err((error, log)) => {
            trace(&entry.name, &log);
            Err(error.into())
        }
    }
}

/// Tells what a policy wrote to its log, to who wants to know.
fn trace(name: &str, log: &[LogLine]) {
    for LogLine { level, message } in log {
        match level {
            Level::Debug => {
                tracing::debug!(target: "kubectl_lease::policy", "policy {name}: {message}");
            }
            Level::Info => {
                tracing::info!(target: "kubectl_lease::policy", "policy {name}: {message}");
            }
            Level::Warning => {
                tracing::warn!(target: "kubectl_lease::policy", "policy {name}: {message}");
            }
        }
    }
}

/// A verdict in words, after the name of the policy.
pub(crate) fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Abstain => "has nothing to say of it".to_owned(),
        Verdict::Allow => "has nothing against it".to_owned(),
        Verdict::Deny(finding) => format!("denies it: {}", words(finding)),
        Verdict::Warn(finding) => format!("warns: {}", words(finding)),
    }
}

/// A finding, cut to what a line can hold.
pub(crate) fn words(finding: &Finding) -> String {
    let message = escape::cut(&finding.message, LONGEST_MESSAGE);
    match finding.code.as_str() {
        "" => message,
        code => format!("{message} ({})", escape::cut(code, LONGEST_CODE)),
    }
}

/// What comes of the answers.
fn opinion(
    intent: &Intent<'_>,
    subject: Subject<'_>,
    answers: Vec<Answer>,
    reviewed: Reviewed,
) -> Opinion {
    let verb = intent.verb;
    let mut notes = Vec::new();
    let (mut denials, mut troubles) = (Vec::new(), Vec::new());
    for Answer { entry, review } in answers {
        let name = &entry.name;
        match review {
            Ok(Review { verdict, .. }) => match (verdict, entry.mode) {
                (Verdict::Abstain | Verdict::Allow, _) => {}
                (Verdict::Warn(finding), _) => {
                    notes.push(format!("policy {name} warns: {}", words(&finding)));
                }
                (Verdict::Deny(finding), Mode::Monitor) => notes.push(format!(
                    "policy {name} would deny this, and only monitors: {}",
                    words(&finding)
                )),
                (Verdict::Deny(finding), Mode::Enforce) => denials.push((entry, finding)),
            },
            Err(trouble) => {
                let what = shown(&trouble);
                if entry.mode == Mode::Enforce && verb.fails_closed() {
                    troubles.push((entry, trouble));
                } else {
                    notes.push(format!(
                        "policy {name} {what}; {} goes on without it",
                        verb.name()
                    ));
                }
            }
        }
    }
    Opinion {
        notes,
        refusal: refusal(intent, subject, &denials, &troubles),
        reviewed,
    }
}

/// Why it must not be done, if so: all that is against it.
fn refusal(
    intent: &Intent<'_>,
    subject: Subject<'_>,
    denials: &[(Entry, Finding)],
    troubles: &[(Entry, Trouble)],
) -> Option<Failure> {
    let lock = &subject.typed();
    let message = match (denials, troubles) {
        ([], []) => return None,
        ([(entry, _)], _) => format!(
            "policy {} denies it: \"{lock}\" is left as it is",
            entry.name
        ),
        ([], [(entry, _)]) => format!(
            "policy {} cannot be asked: \"{lock}\" is left as it is",
            entry.name
        ),
        ([], _) => format!("policies cannot be asked: \"{lock}\" is left as it is"),
        _ => format!("policies deny it: \"{lock}\" is left as it is"),
    };
    let mut failure = Failure::refused(message);
    for (entry, finding) in denials {
        failure = failure.cause(match denials {
            [_] => words(finding),
            _ => format!("policy {}: {}", entry.name, words(finding)),
        });
    }
    for (entry, trouble) in troubles {
        failure = failure.cause(format!("policy {} {}", entry.name, shown(trouble)));
        if let Some(remedy) = trouble.remedy() {
            failure = failure.hint(format!("only you should write there: `{remedy}`"));
        }
    }
    if let [(entry, _), ..] = denials {
        let mut test = format!("plugin test {} --verb {}", entry.name, intent.verb.name());
        if let Some(reason) = intent.reason {
            test += &format!(" --reason {}", invocation::quoted(reason));
        }
        failure = failure.hint(format!(
            "ask it again, with what it notes, by `{}`",
            invocation::command(&test, lock, subject.namespace)
        ));
    }
    for (entry, trouble) in troubles {
        if let Some(mend) = trouble.mend(entry) {
            failure = failure.hint(mend);
        }
    }
    if let [(entry, _), ..] = troubles {
        let plugin = |verb| format!("`{} plugin {verb} {}`", *invocation::NAME, entry.name);
        failure = failure
            .hint(format!("look at it by {}", plugin("inspect")))
            .hint(format!("do without it by {}", plugin("rm")));
    }
    Some(failure)
}

fn shown(trouble: &Trouble) -> String {
    escape::cut(&trouble.to_string(), LONGEST_MESSAGE)
}

/// What comes of not knowing which policies there are.
fn without_any(
    verb: Verb,
    subject: Subject<'_>,
    unreadable: &Unreadable,
    reviewed: Reviewed,
) -> Opinion {
    let Unreadable { why, hint } = unreadable;
    let mut opinion = Opinion {
        notes: Vec::new(),
        refusal: None,
        reviewed,
    };
    if !verb.fails_closed() {
        opinion.notes.push(format!(
            "policies cannot be asked: {why}; {} goes on without them",
            verb.name()
        ));
        return opinion;
    }
    let failure = Failure::refused(format!(
        "policies cannot be asked: \"{}\" is left as it is",
        subject.typed()
    ))
    .cause(why);
    let hint = hint.as_ref().map_or_else(
        || "mend that file; without it, there are no policies".to_owned(),
        |command| format!("only you should write there: `{command}`"),
    );
    opinion.refusal = Some(failure.hint(hint));
    opinion
}
