//! Keys of the page on which columns are chosen.

use crossterm::event::{KeyCode, KeyEvent};

use crate::live::message::Wish;
use crate::live::state::{Page, State};
use crate::live::view::choices;
use crate::lock_row::Column;

pub(super) fn pressed(state: &mut State, key: KeyEvent, at: usize) -> Vec<Wish> {
    let columns = choices(&state.columns);
    let mut at = at;
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'c') | KeyCode::Enter => {
            state.pages.pop();
            return vec![Wish::Columns(state.columns.clone())];
        }
        KeyCode::Up | KeyCode::Char('k') => at = at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => at = (at + 1).min(columns.len() - 1),
        KeyCode::Char(' ') => {
            toggle(state, columns[at]);
            at = place(state, columns[at]);
        }
        KeyCode::Char('<') => {
            shift(state, columns[at], -1);
            at = place(state, columns[at]);
        }
        KeyCode::Char('>') => {
            shift(state, columns[at], 1);
            at = place(state, columns[at]);
        }
        _ => {}
    }
    if let Some(Page::Chooser { at: shown }) = state.pages.last_mut() {
        *shown = at;
    }
    Vec::new()
}

fn place(state: &State, column: Column) -> usize {
    let columns = choices(&state.columns);
    columns.iter().position(|one| *one == column).unwrap_or(0)
}

/// Shows a column, or hides it. A table without names is none.
fn toggle(state: &mut State, column: Column) {
    match state.columns.iter().position(|one| *one == column) {
        Some(_) if column == Column::Name => state.complain("the name is always shown"),
        Some(at) => _ = state.columns.remove(at),
        None => state.columns.push(column),
    }
}

fn shift(state: &mut State, column: Column, step: isize) {
    let Some(at) = state.columns.iter().position(|one| *one == column) else {
        return;
    };
    let beside = at.checked_add_signed(step);
    if let Some(beside) = beside.filter(|beside| *beside < state.columns.len()) {
        state.columns.swap(at, beside);
    }
}
