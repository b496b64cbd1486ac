//! The mouse: rows, titles and the wheel.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::table;
use crate::live::message::Wish;
use crate::live::state::{Page, State};
use crate::live::view::{most_scroll, place};

/// How many rows the wheel moves.
const WHEEL: usize = 3;

pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Vec<Wish> {
    if state.dialog.is_some() || state.prompt.is_some() {
        return Vec::new();
    }
    let most = most_scroll(state);
    if let Some(page) = state.pages.last_mut() {
        let (Page::Detail { scroll, .. }
        | Page::Queue { scroll, .. }
        | Page::Text { scroll, .. }
        | Page::Why { scroll, .. }
        | Page::Help { scroll }) = page
        else {
            return Vec::new();
        };
        let wheel = u16::try_from(WHEEL).unwrap_or(1);
        match event.kind {
            MouseEventKind::ScrollUp => *scroll = scroll.saturating_sub(wheel),
            MouseEventKind::ScrollDown => *scroll = scroll.saturating_add(wheel).min(most),
            _ => {}
        }
        return Vec::new();
    }
    let row = state.cursor.row;
    match event.kind {
        MouseEventKind::ScrollUp => state.move_to(row.saturating_sub(WHEEL)),
        MouseEventKind::ScrollDown => state.move_to(row.saturating_add(WHEEL)),
        MouseEventKind::Down(MouseButton::Left) => clicked(state, event.column, event.row),
        _ => {}
    }
    Vec::new()
}

fn clicked(state: &mut State, x: u16, y: u16) {
    match y {
        0 => {}
        1 => {
            let hit = place(state).into_iter().rfind(|placed| placed.x <= x);
            if let Some(placed) = hit {
                table::sort_by(state, placed.column);
            }
        }
        y => {
            let line = usize::from(y) - 2;
            let row = state.cursor.top + line;
            if line < state.rows_of_table() && row < state.shown().len() {
                state.move_to(row);
            }
        }
    }
}
