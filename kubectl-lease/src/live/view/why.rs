//! Why a lock is as it is: what a diagnosis says of it.

use ratatui::style::Style;
use ratatui::text::Line;

use super::detail::{KEYS, reading, section};
use super::line::{spans, wrapped};
use crate::diagnosis::{Finding, Severity};
use crate::escape;
use crate::evidence;
use crate::human;
use crate::live::inquiry::Inquiry;
use crate::live::locks::LockId;
use crate::live::message::Verdict;
use crate::live::state::State;
use crate::live::theme::Theme;

/// More characters of one text than this are cut; `doctor -o json` has them all.
const LONGEST: usize = 1000;

pub(super) fn lines(
    state: &State,
    id: &LockId,
    inquiry: &Inquiry,
    width: u16,
) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let title = format!(
        "Why is {}/{} as it is?",
        escape::shown(&id.namespace),
        escape::shown(&id.name)
    );
    let mut page = Page {
        theme,
        width: usize::from(width).saturating_sub(KEYS),
        lines: vec![spans(theme, [(title, theme.title())])],
    };
    page.lock(state, id, inquiry);
    page.gap();
    match inquiry.answer() {
        None => section(theme, &mut page.lines, "findings", reading(theme)),
        Some((Err(why), _)) => {
            page.text("findings", &format!("not known: {why}"), theme.warning());
        }
        Some((Ok(verdict), _)) => page.verdict(verdict),
    }
    if let Some((answer, at)) = inquiry.answer() {
        page.gap();
        if let Some(unread) = answer.as_ref().ok().and_then(|known| known.unread.as_ref()) {
            page.text("not read", unread, theme.warning());
        }
        let again = if inquiry.is_pending() {
            "reading again…"
        } else {
            "r reads again"
        };
        let read = format!("{}; {again}", human::ago(state.now.since(*at)));
        page.text("read", &read, theme.dim());
    }
    page.lines
}

/// The lines of a page so far, and how the next ones are to be.
struct Page {
    theme: Theme,
    /// The columns beside the keys.
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Page {
    fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    /// A text under a key. Unlike a field it is meant to be read, and goes on in further lines.
    fn text(&mut self, key: &str, text: &str, style: Style) {
        let theme = self.theme;
        let text = wrapped(&escape::cut(text, LONGEST), self.width);
        let text = text.into_iter().map(|line| spans(theme, [(line, style)]));
        section(theme, &mut self.lines, key, text.collect());
    }

    /// How the lock stands, and who is behind its holder.
    fn lock(&mut self, state: &State, id: &LockId, inquiry: &Inquiry) {
        let theme = self.theme;
        let plain = Style::new();
        let Some(lock) = state.shown().get(id) else {
            self.text("state", "it does not exist any more", theme.error());
            return;
        };
        let standing = lock.standing(state.clock());
        let record = &lock.snapshot().record;
        match lock.gone {
            Some(_) => self.text("state", "deleted", theme.dim()),
            None => self.text("state", standing.state.name(), theme.state(standing.state)),
        }
        let sentence = evidence::sentence(&standing, record.duration_seconds);
        self.text("evidence", &sentence, plain);
        self.text("holder", record.holder().unwrap_or("<nobody>"), plain);
        if let Some((Ok(Verdict { who: Some(who), .. }), _)) = inquiry.answer() {
            self.text("", who, plain);
        }
    }

    fn verdict(&mut self, verdict: &Verdict) {
        if verdict.findings.is_empty() {
            let nothing = "nothing wrong was found";
            self.text("findings", nothing, self.theme.good());
        }
        for (index, finding) in verdict.findings.iter().enumerate() {
            if index > 0 {
                self.gap();
            }
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let Finding {
            code,
            severity,
            sentence,
            evidence,
            next,
            ..
        } = finding;
        let style = match severity {
            Severity::Error => self.theme.error(),
            Severity::Warning => self.theme.warning(),
        };
        let plain = Style::new();
        self.text(severity.name(), code.name(), style);
        self.text("", sentence, plain);
        let mut key = "evidence";
        for line in evidence {
            self.text(key, line, plain);
            key = "";
        }
        self.text("next", next, self.theme.header());
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::{Code, Finding, Kind, LockId as Sick, Severity};
    use crate::live::locks::LockId;
    use crate::live::message::{Done, Message, Verdict};
    use crate::live::scene::Scene;
    use crate::live::view::tests::show;

    fn ask(scene: &mut Scene) {
        scene.choose("payments", "billing-batch");
        scene.type_in("w");
    }

    fn answer(scene: &mut Scene, verdict: Result<Verdict, String>) {
        scene.pass(400);
        scene.hear(Message::Done(Done::Verdict {
            lock: LockId {
                namespace: "payments".into(),
                name: "billing-batch".into(),
            },
            verdict,
        }));
    }

    fn finding(code: Code, severity: Severity, sentence: &str, next: &str) -> Finding {
        Finding {
            code,
            severity,
            cause: None,
            sentence: sentence.into(),
            evidence: vec![
                "unchanged for 12m, and lasts 30s, by the API server's stamp".into(),
                "held by \u{1b}[31mbilling-batch".into(),
            ],
            next: next.into(),
            locks: vec![Sick {
                kind: Kind::Lease,
                namespace: "payments".into(),
                name: "billing-batch".into(),
            }],
        }
    }

    fn verdict(findings: Vec<Finding>, unread: Option<&str>) -> Verdict {
        Verdict {
            who: Some("there is no pod and no node billing-batch-29384710-kx9w2 any more".into()),
            findings,
            unread: unread.map(str::to_owned),
        }
    }

    #[test]
    fn while_it_is_looked_for() {
        show("why_reading", ask);
    }

    #[test]
    fn what_was_found() {
        show("why", |scene| {
            ask(scene);
            let findings = vec![
                finding(
                    Code::HolderGone,
                    Severity::Error,
                    "its holder is gone: there is no pod and no node billing-batch-29384710-kx9w2 \
                     any more",
                    "kubectl lease steal --release billing-batch -n payments",
                ),
                finding(
                    Code::Flapping,
                    Severity::Warning,
                    "it was taken 9 times within the hour",
                    "kubectl events --for lease/billing-batch -n payments",
                ),
            ];
            let unread = "could not be read, and would tell more: events (`kubectl auth can-i list \
                          events -n payments` says no)";
            answer(scene, Ok(verdict(findings, Some(unread))));
            scene.pass(7000);
            // It is on its way while what is known is shown.
            scene.type_in("r");
        });
    }

    #[test]
    fn that_nothing_is_wrong() {
        show("why_well", |scene| {
            ask(scene);
            answer(scene, Ok(verdict(Vec::new(), None)));
        });
    }

    #[test]
    fn that_it_cannot_be_told() {
        show("why_failed", |scene| {
            ask(scene);
            answer(
                scene,
                Err("you may not read lease \"billing-batch\"".into()),
            );
        });
    }
}
