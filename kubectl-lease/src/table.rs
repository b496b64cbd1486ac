//! Tables for people: aligned columns, no lines, nothing cut in the middle.

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use lease_core::State;

use crate::escape;

/// More characters of a text that somebody chose freely than this say nothing in a table.
const LONGEST_TEXT: usize = 80;

/// One cell's content.
pub(crate) enum Content {
    /// A name or a figure, which is shown whole, since people copy it.
    Name(String),
    State(State),
    /// A text that can be of any length.
    Text(String),
}

/// The table as text, each line ended.
pub(crate) fn render(header: &[&str], rows: Vec<Vec<Content>>, colour: bool) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for row in rows {
        table.add_row(row.into_iter().map(|content| match content {
            Content::State(state) => Cell::new(label(state)).fg(colour_of(state)),
            Content::Name(name) => Cell::new(escape::shown(&name)),
            Content::Text(text) => Cell::new(escape::cut(&text, LONGEST_TEXT)),
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// A state with a sign in front of it where it needs a person, so that colour is never the only
/// sign.
pub(crate) fn label(state: State) -> String {
    let sign = match state {
        State::Free | State::Held => " ",
        State::Late | State::Unknown => "?",
        State::Expired | State::Unbounded | State::Malformed => "!",
    };
    format!("{sign}{}", state.name())
}

fn colour_of(state: State) -> Color {
    match state {
        State::Free => Color::DarkGrey,
        State::Held => Color::Green,
        State::Late | State::Unknown => Color::Yellow,
        State::Expired | State::Malformed => Color::Red,
        State::Unbounded => Color::Magenta,
    }
}
