//! Simple pages: a text, and the columns to choose from.

use ratatui::style::Style;
use ratatui::text::Line;

use super::line::spans;
use crate::escape;
use crate::live::state::State;
use crate::lock_row::Column;

/// A text that was read.
pub(super) fn text(state: &State, title: &str, lines: &[String]) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let title = escape::shown(title).into_owned();
    let mut shown = vec![spans(theme, [(title, theme.title())])];
    shown.extend(lines.iter().map(|line| {
        let line = escape::shown(line).into_owned();
        spans(theme, [(line, Style::new())])
    }));
    shown
}

/// All columns: those that are shown in their order, then the others.
pub(super) fn chooser(state: &State, at: usize) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let mut lines = vec![spans(theme, [("Columns".to_owned(), theme.title())])];
    for (index, column) in choices(&state.columns).into_iter().enumerate() {
        let is_shown = state.columns.contains(&column);
        let sign = if is_shown { "[x]" } else { "[ ]" };
        let style = if index == at {
            theme.chosen()
        } else {
            Style::new()
        };
        lines.push(spans(
            theme,
            [(format!("{sign} {}", column.title()), style)],
        ));
    }
    lines
}

/// The columns in the order in which they are offered.
pub(crate) fn choices(shown: &[Column]) -> Vec<Column> {
    let others = Column::ALL
        .into_iter()
        .filter(|column| !shown.contains(column));
    shown.iter().copied().chain(others).collect()
}
