//! Tables for people: aligned columns, no lines.

use std::fmt::Write as _;

use crossterm::style::{Color, Stylize};
use lease_core::State;
use unicode_width::UnicodeWidthStr;

/// Between two columns.
const GAP: &str = "   ";

/// One cell of a row: what it shows, harmless to a terminal, and in which colour.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) colour: Option<Color>,
}

impl Cell {
    /// A cell without colour.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            colour: None,
        }
    }

    /// A state with a sign in front of it where it needs a person, so that colour is never the
    /// only sign.
    pub(crate) fn state(state: State) -> Self {
        let (sign, colour) = match state {
            State::Free => (" ", Color::DarkGrey),
            State::Held | State::Offered => (" ", Color::Green),
            State::Late | State::Unknown => ("?", Color::Yellow),
            State::Expired | State::Malformed => ("!", Color::Red),
            State::Unbounded => ("!", Color::Magenta),
        };
        Self {
            text: format!("{sign}{}", state.name()),
            colour: Some(colour),
        }
    }
}

/// How many columns of a terminal a text takes.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// A text in at most so many columns: itself, or its beginning.
pub(crate) fn cut(mut text: String, columns: usize) -> String {
    if width(&text) <= columns {
        return text;
    }
    let fits = |end: usize| width(&text[..end]) < columns;
    let ends = text.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|at| fits(*at)).last().unwrap_or(0);
    text.truncate(end);
    text.push('…');
    text
}

/// How wide a line is whose columns are so wide.
pub(crate) fn line_width(widths: &[usize]) -> usize {
    let gaps = widths.len().saturating_sub(1) * GAP.len();
    widths.iter().sum::<usize>() + gaps
}

/// Adds a line to `text`, its cells as wide as the columns.
pub(crate) fn push_line<'a>(
    text: &mut String,
    cells: impl IntoIterator<Item = &'a Cell>,
    widths: &[usize],
    colour: bool,
) {
    let start = text.len();
    let mut padding = 0;
    for (index, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
        if index > 0 {
            text.extend(std::iter::repeat_n(' ', padding));
            text.push_str(GAP);
        }
        match cell.colour.filter(|_| colour) {
            // Writing to a String cannot fail.
            Some(colour) => _ = write!(text, "{}", cell.text.as_str().with(colour)),
            None => text.push_str(&cell.text),
        }
        padding = width.saturating_sub(self::width(&cell.text));
    }
    let end = text[start..].trim_end_matches(' ').len();
    text.truncate(start + end);
    text.push('\n');
}
