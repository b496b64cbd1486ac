//! One lock, live.

use lease_client::micro_time;
use lease_core::Timestamp;
use ratatui::style::Style;
use ratatui::text::Line;

use super::line::{spans, wrapped};
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
    let left = spans(theme, bar::parts(lock, state.clock(), theme));
    section(theme, &mut lines, "left", vec![left]);
    lines.extend(record(lock, state, width));
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
fn record(lock: &Lock, state: &State, width: usize) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let standing = lock.standing(state.clock());
    let snapshot = lock.snapshot();
    let record = &snapshot.record;
    let none = || "<none>".to_owned();
    let exact = |time: Option<Timestamp>| time.map_or_else(none, micro_time::format);
    let (name, style) = match lock.gone {
        Some(_) => ("deleted", theme.dim()),
        None => (standing.state.name(), theme.state(standing.state)),
    };
    let plain = Style::new();
    let mut lines = Vec::new();
    let mut fact = |key: &str, value: &str, style: Style| {
        let value = escape::cut(value, LONGEST_FIELD);
        let value = wrapped(&value, width).into_iter();
        let value = value.map(|line| spans(theme, [(line, style)]));
        section(theme, &mut lines, key, value.collect());
    };
    fact("state", name, style);
    fact("holder", record.holder().unwrap_or("<nobody>"), plain);
    let sentence = evidence::sentence(&standing, record.duration_seconds);
    fact("evidence", &sentence, plain);
    let duration = record.duration().map_or_else(none, human::seconds);
    fact("duration", &duration, plain);
    fact("acquired", &exact(record.acquired()), plain);
    fact("renewed", &exact(record.renewed()), plain);
    let transitions = record.transitions.map(|count| count.to_string());
    fact("transitions", &transitions.unwrap_or_else(none), plain);
    fact("dialect", snapshot.dialect.name(), plain);
    if let Some(writer) = lock.last_writer() {
        let text = format!("{} at {}", writer.manager, human::time(writer.time));
        fact("last writer", &text, plain);
    }
    let created = lock.created().map_or_else(none, human::time);
    fact("created", &created, plain);
    fact("version", snapshot.version.resource_version.as_str(), plain);
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
