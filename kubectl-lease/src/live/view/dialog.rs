//! Questions that stand over everything else.

use lease_core::State as LockState;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Widget, Wrap};

use super::line::spans;
use crate::escape;
use crate::evidence;
use crate::live::locks::LockId;
use crate::live::state::{Dialog, State};

/// How wide a question is at most.
const WIDTH: u16 = 84;

pub(super) fn render(buffer: &mut Buffer, area: Rect, state: &State, dialog: &Dialog) {
    let theme = state.settings.theme;
    let lines = match dialog {
        Dialog::ForceRelease { lock, typed, .. } => force_release(state, lock, typed),
        Dialog::Steal { lock } => steal(state, lock),
    };
    let width = WIDTH.min(area.width);
    let inner = usize::from(width.saturating_sub(4)).max(1);
    let height: usize = lines
        .iter()
        .map(|line| line.width().div_ceil(inner).max(1))
        .sum();
    let height = u16::try_from(height + 2)
        .unwrap_or(area.height)
        .min(area.height);
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 3,
        width,
        height,
    };
    Clear.render(area, buffer);
    let mut block = Block::bordered().border_style(theme.warning());
    block = if theme.unicode {
        block.border_type(BorderType::Rounded)
    } else {
        block.border_set(ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        })
    };
    block.render(area, buffer);
    let paragraph = Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false });
    paragraph.render(area.inner(Margin::new(2, 1)), buffer);
}

/// The proof, and what can be done.
fn steal(state: &State, id: &LockId) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let name = escape::shown(&id.name).into_owned();
    let mut lines = vec![spans(theme, [(format!("Steal {name}?"), theme.title())])];
    lines.extend(facts(state, id));
    lines.push(Line::default());
    lines.push(spans(
        theme,
        [
            ("f".to_owned(), theme.header()),
            (" frees it, for whoever comes next".to_owned(), Style::new()),
        ],
    ));
    lines.push(spans(
        theme,
        [
            ("t".to_owned(), theme.header()),
            (
                format!(
                    " takes it for five minutes as {}",
                    state.settings.identity.as_str()
                ),
                Style::new(),
            ),
        ],
    ));
    lines.push(spans(
        theme,
        [
            ("esc".to_owned(), theme.header()),
            (" leaves it as it is".to_owned(), Style::new()),
        ],
    ));
    lines
}

/// Who loses the lock, what then happens, and how to confirm it.
fn force_release(state: &State, id: &LockId, typed: &str) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let name = escape::shown(&id.name).into_owned();
    let mut lines = vec![spans(
        theme,
        [(format!("Break {name}, whoever holds it?"), theme.error())],
    )];
    lines.extend(facts(state, id));
    let lock = state.locks.get(id);
    let standing = lock.map(|lock| lock.standing(state.locks.clock(state.now)));
    let consequence = match standing.map(|standing| standing.state) {
        Some(LockState::Expired | LockState::Malformed | LockState::Unbounded) => {
            "It is free at once. If its holder is alive after all, it does not know."
        }
        _ => {
            "Its holder may be alive: a tombstone takes its place for the lease's duration, so that \
             it stops before anybody else can begin."
        }
    };
    lines.push(spans(theme, [(consequence.to_owned(), theme.warning())]));
    lines.push(Line::default());
    lines.push(spans(
        theme,
        [
            (
                "Type the lock's name and press enter: ".to_owned(),
                Style::new(),
            ),
            (escape::shown(typed).into_owned(), theme.header()),
            (" ".to_owned(), theme.chosen()),
        ],
    ));
    lines.push(spans(
        theme,
        [
            ("esc".to_owned(), theme.header()),
            (" leaves it as it is".to_owned(), Style::new()),
        ],
    ));
    lines
}

/// Who holds the lock, and what its standing rests on.
fn facts(state: &State, id: &LockId) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let Some(lock) = state.locks.get(id) else {
        return Vec::new();
    };
    let standing = lock.standing(state.locks.clock(state.now));
    let record = &lock.snapshot().record;
    let fact = |key: &str, value: String, style| {
        spans(theme, [(format!("{key:<10}"), theme.dim()), (value, style)])
    };
    let holder = record.holder().unwrap_or("<nobody>");
    vec![
        fact(
            "namespace",
            escape::shown(&id.namespace).into_owned(),
            Style::new(),
        ),
        fact("holder", escape::cut(holder, 200), Style::new()),
        fact(
            "state",
            standing.state.name().to_owned(),
            theme.state(standing.state),
        ),
        fact(
            "proof",
            evidence::sentence(&standing, record.duration_seconds),
            Style::new(),
        ),
    ]
}
