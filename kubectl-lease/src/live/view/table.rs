//! The table of locks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::bar;
use super::columns::{Placed, place, title};
use super::line::put;
use crate::live::locks::Lock;
use crate::live::state::{Connection, State};
use crate::lock_row::{Column, Holders, cell};
use crate::table;

pub(super) fn render(buffer: &mut Buffer, area: Rect, state: &State) {
    let placed = place(state);
    let has_header = area.height > 1;
    let rows = if has_header {
        header(buffer, area, state, &placed);
        Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        }
    } else {
        area
    };
    let locks = state.shown();
    for (row, y) in (state.cursor.top..locks.len()).zip(rows.y..rows.bottom()) {
        let line = Rect {
            y,
            height: 1,
            ..rows
        };
        if let Some(lock) = locks.in_row(row) {
            draw_lock(buffer, line, state, lock, &placed);
            if row == state.cursor.row {
                choose(buffer, line, state, &placed);
            }
        }
    }
    if locks.len() == 0 {
        let theme = state.settings.theme;
        put(
            buffer,
            rows,
            rows.x,
            rows.width,
            &nothing(state),
            theme.dim(),
        );
    }
}

/// Marks the row that is chosen, but for its bar, which would be turned inside out.
fn choose(buffer: &mut Buffer, line: Rect, state: &State, placed: &[Placed]) {
    let style = state.settings.theme.chosen();
    let bar = placed
        .iter()
        .find(|placed| placed.column == Column::Expires)
        .map_or((line.right(), line.right()), |bar| {
            (line.x + bar.x, line.x + bar.x + bar.width)
        });
    let (start, end) = (bar.0.min(line.right()), bar.1.min(line.right()));
    for (x, right) in [(line.x, start), (end, line.right())] {
        let width = right.saturating_sub(x);
        buffer.set_style(Rect { x, width, ..line }, style);
    }
}

/// What is said where there is no row.
fn nothing(state: &State) -> String {
    let filter = &state.shown().arrangement().filter;
    match &state.connection {
        Connection::Opening => "asking for the locks…".to_owned(),
        _ if !state.shown().is_listed() => String::new(),
        _ if !filter.is_empty() => format!("no lock matches /{}; esc shows all", filter.typed()),
        _ => match &state.namespace {
            Some(namespace) => format!("no lock in namespace {namespace}; 0 shows all namespaces"),
            None => "no lock in this cluster".to_owned(),
        },
    }
}

fn header(buffer: &mut Buffer, area: Rect, state: &State, placed: &[Placed]) {
    let theme = state.settings.theme;
    let sort = state.shown().arrangement().sort;
    for column in placed {
        let sign = match (sort.column == column.column, sort.descending, theme.unicode) {
            (false, ..) => "",
            (true, false, true) => "↑",
            (true, true, true) => "↓",
            (true, false, false) => "^",
            (true, true, false) => "v",
        };
        let text = format!("{}{sign}", title(column.column));
        put(
            buffer,
            area,
            area.x + column.x,
            column.width,
            &text,
            theme.header(),
        );
    }
}

fn draw_lock(buffer: &mut Buffer, area: Rect, state: &State, lock: &Lock, placed: &[Placed]) {
    let theme = state.settings.theme;
    let clock = state.clock();
    let row = lock.row(clock);
    for column in placed {
        let (x, width) = (area.x + column.x, column.width);
        match column.column {
            Column::Expires if lock.gone.is_none() => {
                let end = x.saturating_add(width);
                let mut x = x;
                for (text, style) in bar::parts(lock, clock, theme) {
                    x = put(buffer, area, x, end.saturating_sub(x), &text, style);
                }
            }
            Column::State if lock.gone.is_some() => {
                put(buffer, area, x, width, "-deleted", theme.dim());
            }
            column => {
                let cell = cell(column, &row, Holders::Within(usize::from(width)));
                let style = match column {
                    _ if lock.gone.is_some() => theme.dim(),
                    Column::State => theme.state(row.standing.state),
                    _ => ratatui::style::Style::new(),
                };
                let text = table::cut(cell.text, usize::from(width));
                put(buffer, area, x, width, &theme.text(&text), style);
            }
        }
    }
}
