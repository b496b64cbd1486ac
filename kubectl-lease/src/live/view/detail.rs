//! One lock, live.

use lease_client::micro_time;
use lease_core::Timestamp;
use ratatui::style::Style;
use ratatui::text::Line;

use super::line::spans;
use super::{bar, timeline};
use crate::escape;
use crate::evidence;
use crate::human;
use crate::live::locks::{Lock, LockId};
use crate::live::message::Surroundings;
use crate::live::state::State;
use crate::live::theme::Theme;

/// More characters of one field than this are cut; its YAML has them all.
const LONGEST_FIELD: usize = 500;
/// Where values begin.
pub(super) const KEYS: usize = 13;

pub(super) fn lines(
    state: &State,
    id: &LockId,
    surroundings: Option<&Surroundings>,
    width: u16,
) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let title = format!(
        "{}/{}",
        escape::shown(&id.namespace),
        escape::shown(&id.name)
    );
    let mut lines = vec![spans(theme, [(title, theme.title())])];
    let Some(lock) = state.shown().get(id) else {
        let text = "it does not exist any more".to_owned();
        lines.push(spans(theme, [(text, theme.error())]));
        return lines;
    };
    let width = usize::from(width).saturating_sub(KEYS);
    let local = state.clock().local;
    lines.extend(record(lock, state));
    lines.push(Line::default());
    section(
        theme,
        &mut lines,
        "renewals",
        timeline::renewals(lock, theme, width),
    );
    section(
        theme,
        &mut lines,
        "holders",
        timeline::holders(lock, local, theme, width),
    );
    let (queue, events) = match surroundings {
        None => (reading(theme), reading(theme)),
        Some(known) => (
            texts(theme, &known.queue, "nobody waits"),
            texts(theme, &known.events, "none"),
        ),
    };
    section(theme, &mut lines, "queue", queue);
    section(theme, &mut lines, "events", events);
    lines
}

/// What the lease records, and how it stands.
fn record(lock: &Lock, state: &State) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let standing = lock.standing(state.clock());
    let snapshot = lock.snapshot();
    let record = &snapshot.record;
    let none = || "<none>".to_owned();
    let exact = |time: Option<Timestamp>| time.map_or_else(none, micro_time::format);
    let style = match lock.gone {
        Some(_) => theme.dim(),
        None => theme.state(standing.state),
    };
    let name = match lock.gone {
        Some(_) => "deleted",
        None => standing.state.name(),
    };
    let fact = |key: &str, value: String, style: Style| {
        let key = format!("{key:KEYS$}");
        let value = escape::cut(&value, LONGEST_FIELD);
        spans(theme, [(key, theme.dim()), (value, style)])
    };
    let plain = Style::new();
    let mut left = spans(theme, [(format!("{:KEYS$}", "left"), theme.dim())]);
    left.spans
        .extend(spans(theme, bar::parts(lock, state.clock(), theme)).spans);
    let mut lines = vec![
        fact("state", name.to_owned(), style),
        fact(
            "holder",
            record.holder().unwrap_or("<nobody>").to_owned(),
            plain,
        ),
        left,
        fact(
            "evidence",
            evidence::sentence(&standing, record.duration_seconds),
            plain,
        ),
        fact(
            "duration",
            record.duration().map_or_else(none, human::seconds),
            plain,
        ),
        fact("acquired", exact(record.acquired()), plain),
        fact("renewed", exact(record.renewed()), plain),
        fact(
            "transitions",
            record
                .transitions
                .map_or_else(none, |count| count.to_string()),
            plain,
        ),
        fact("dialect", snapshot.dialect.name().to_owned(), plain),
    ];
    if let Some(writer) = lock.last_writer() {
        let text = format!("{} at {}", writer.manager, human::time(writer.time));
        lines.push(fact("last writer", text, plain));
    }
    lines.push(fact(
        "created",
        lock.created().map_or_else(none, human::time),
        plain,
    ));
    lines.push(fact(
        "version",
        snapshot.version.resource_version.as_str().to_owned(),
        plain,
    ));
    lines
}

/// Lines under a key.
pub(super) fn section(
    theme: Theme,
    lines: &mut Vec<Line<'static>>,
    key: &str,
    content: Vec<Line<'static>>,
) {
    for (index, line) in content.into_iter().enumerate() {
        let key = if index == 0 { key } else { "" };
        let key = format!("{key:KEYS$}");
        let mut whole = spans(theme, [(key, theme.dim())]);
        whole.spans.extend(line.spans);
        lines.push(whole);
    }
}

pub(super) fn reading(theme: Theme) -> Vec<Line<'static>> {
    vec![spans(theme, [("reading…".to_owned(), theme.dim())])]
}

/// What was read, one in each line.
pub(super) fn texts(
    theme: Theme,
    read: &Result<Vec<String>, String>,
    none: &str,
) -> Vec<Line<'static>> {
    match read {
        Err(why) => {
            let text = format!("not known: {}", escape::shown(why));
            vec![spans(theme, [(text, theme.warning())])]
        }
        Ok(texts) if texts.is_empty() => vec![spans(theme, [(none.to_owned(), theme.dim())])],
        Ok(texts) => texts
            .iter()
            .map(|text| spans(theme, [(escape::cut(text, LONGEST_FIELD), Style::new())]))
            .collect(),
    }
}
