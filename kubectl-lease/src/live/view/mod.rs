//! Pictures of the state. Nothing here changes it.

mod bar;
mod columns;
mod detail;
mod dialog;
mod help;
mod line;
mod pages;
mod queue;
mod status;
mod table;
#[cfg(test)]
mod tests;
mod timeline;
mod why;

use lease_core::State as LockState;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(crate) use columns::place;
pub(crate) use pages::choices;

use super::state::{Connection, Page, State};

/// The lines that are not rows of the table: the title, the headers, the status and the last one.
pub(crate) const FIXED_LINES: usize = 4;

/// Draws all of it.
pub(crate) fn render(frame: &mut Frame<'_>, state: &State) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    let [title, body, status, last] = split(area);
    status::title(buffer, title, state);
    match state.pages.last() {
        None => table::render(buffer, body, state),
        Some(page) => {
            let scroll = match page {
                Page::Chooser { at } => at.saturating_sub(usize::from(body.height) / 2),
                Page::Detail { scroll, .. }
                | Page::Help { scroll }
                | Page::Queue { scroll, .. }
                | Page::Text { scroll, .. }
                | Page::Why { scroll, .. } => usize::from(*scroll),
            };
            line::scrolled(buffer, body, &lines(state, page), scroll);
        }
    }
    if let Some(dialog) = &state.dialog {
        dialog::render(buffer, body, state, dialog);
    }
    status::status(buffer, status, state);
    status::last_line(buffer, last, state);
}

/// The title, the middle, the status and the last line; those that there is no room for are empty.
/// The middle is what the last of them is taken from.
fn split(area: Rect) -> [Rect; 4] {
    let line = |y: u16| Rect {
        y,
        height: 1,
        ..area
    };
    let none = Rect { height: 0, ..area };
    match area.height {
        0 => [none; 4],
        1 => [none, line(0), none, none],
        2 => [none, line(0), none, line(1)],
        3 => [none, Rect { height: 1, ..area }, line(1), line(2)],
        height => [
            line(0),
            Rect {
                y: 1,
                height: height - 3,
                ..area
            },
            line(height - 2),
            line(height - 1),
        ],
    }
}

/// The lines of a page.
fn lines(state: &State, page: &Page) -> Vec<Line<'static>> {
    let width = state.size.0;
    match page {
        Page::Chooser { at } => pages::chooser(state, *at),
        Page::Detail {
            lock, surroundings, ..
        } => detail::lines(state, lock, surroundings.as_ref(), width),
        Page::Help { .. } => help::lines(state),
        Page::Queue {
            lock, surroundings, ..
        } => queue::lines(state, lock, surroundings.as_ref(), width),
        Page::Why { lock, inquiry, .. } => why::lines(state, lock, inquiry, width),
        Page::Text { title, lines, .. } => pages::text(state, title, lines),
    }
}

/// How far the page that is shown can be scrolled.
pub(crate) fn most_scroll(state: &State) -> u16 {
    let length = state
        .pages
        .last()
        .map_or(0, |page| lines(state, page).len());
    let room = usize::from(split(Rect::new(0, 0, state.size.0, state.size.1))[1].height);
    u16::try_from(length.saturating_sub(room)).unwrap_or(u16::MAX)
}

/// Whether something that is shown gets less as time passes.
pub(crate) fn counts_down(state: &State) -> bool {
    if state.frozen.is_some() || state.connection != Connection::Live {
        return false;
    }
    if !state.pages.is_empty() {
        return true;
    }
    let locks = state.shown();
    let rows = state.cursor.top..state.cursor.top + state.rows_of_table();
    let mut visible = rows.filter_map(|row| locks.in_row(row));
    visible.any(|lock| {
        matches!(
            lock.state(),
            LockState::Held | LockState::Late | LockState::Offered
        )
    })
}
