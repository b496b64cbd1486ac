//! Keys of the table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lease_core::State as LockState;

use crate::live::inquiry::Inquiry;
use crate::live::locks::{LockId, Sort};
use crate::live::message::Wish;
use crate::live::prompt::{Prompt, Purpose};
use crate::live::state::{Dialog, Page, State};
use crate::lock_row::Column;

pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Vec<Wish> {
    let screen = state.rows_of_table().max(1);
    let row = state.cursor.row;
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('f') => state.move_to(row.saturating_add(screen)),
            KeyCode::Char('b') => state.move_to(row.saturating_sub(screen)),
            _ => {}
        }
        return Vec::new();
    }
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => state.move_to(row.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => state.move_to(row.saturating_add(1)),
        KeyCode::PageUp => state.move_to(row.saturating_sub(screen)),
        KeyCode::PageDown => state.move_to(row.saturating_add(screen)),
        KeyCode::Home | KeyCode::Char('g') => state.move_to(0),
        KeyCode::End | KeyCode::Char('G') => state.move_to(usize::MAX),
        KeyCode::Enter | KeyCode::Char('d') => open(state, |lock| Page::Detail {
            lock,
            surroundings: None,
            scroll: 0,
        }),
        KeyCode::Char('h') => open(state, |lock| Page::Queue {
            lock,
            surroundings: None,
            scroll: 0,
        }),
        KeyCode::Char('w') => open(state, |lock| Page::Why {
            lock,
            inquiry: Inquiry::default(),
            scroll: 0,
        }),
        KeyCode::Char('y') => {
            return state
                .cursor
                .lock
                .clone()
                .map(Wish::Yaml)
                .into_iter()
                .collect();
        }
        KeyCode::Char('/') => {
            let typed = state.locks.arrangement().filter.typed().to_owned();
            state.prompt = Some(Prompt::new(Purpose::Filter, &typed));
        }
        KeyCode::Char(':') => {
            state.prompt = Some(Prompt::new(Purpose::Command, ""));
            return vec![Wish::Names];
        }
        KeyCode::Char('0') if state.replay.is_none() => return vec![Wish::Namespace(None)],
        KeyCode::Char('?') => state.pages.push(Page::Help { scroll: 0 }),
        KeyCode::Char('c') => state.pages.push(Page::Chooser { at: 0 }),
        KeyCode::Char(' ') => pause(state),
        KeyCode::Char('r') => reverse(state),
        KeyCode::Char('<') => sort_beside(state, -1),
        KeyCode::Char('>') => sort_beside(state, 1),
        KeyCode::Char('N') => sort_by(state, Column::Name),
        KeyCode::Char('P') => sort_by(state, Column::Namespace),
        KeyCode::Char('S') => sort_by(state, Column::State),
        KeyCode::Char('A') => sort_by(state, Column::Age),
        KeyCode::Char('s') => ask_to_steal(state),
        KeyCode::Char('F') => ask_to_force(state),
        KeyCode::Esc => {
            // As in k9s, it clears what is filtered.
            filter(state, "");
        }
        KeyCode::Char('q') => return vec![Wish::Quit],
        _ => {}
    }
    Vec::new()
}

fn open(state: &mut State, page: impl FnOnce(LockId) -> Page) {
    if let Some(lock) = state.cursor.lock.clone() {
        state.pages.push(page(lock));
    }
}

/// Freezes the picture, or lets it go on; what happens meanwhile is taken in all the same.
fn pause(state: &mut State) {
    state.frozen = match state.frozen.take() {
        Some(_) => None,
        None => Some(Box::new((state.locks.clone(), state.clock().local))),
    };
}

/// Shows other locks, or says why what was typed is no filter.
pub(super) fn filter(state: &mut State, typed: &str) {
    match crate::live::filter::Filter::parse(typed) {
        Ok(filter) => arrange(state, |arrangement| arrangement.filter = filter),
        Err(error) => state.complain(error.to_string()),
    }
}

/// Sorts by a column, or the other way round if it is sorted by that already.
pub(super) fn sort_by(state: &mut State, column: Column) {
    arrange(state, |arrangement| {
        let is_same = arrangement.sort.column == column;
        arrangement.sort = Sort {
            column,
            descending: is_same && !arrangement.sort.descending,
        };
    });
}

fn reverse(state: &mut State) {
    let column = state.locks.arrangement().sort.column;
    sort_by(state, column);
}

fn sort_beside(state: &mut State, step: isize) {
    let columns = state.visible_columns();
    let sorted = state.locks.arrangement().sort.column;
    let at = columns
        .iter()
        .position(|column| *column == sorted)
        .unwrap_or(0);
    let beside = at.checked_add_signed(step).and_then(|at| columns.get(at));
    if let Some(column) = beside.copied() {
        sort_by(state, column);
    }
}

fn arrange(state: &mut State, change: impl FnOnce(&mut crate::live::locks::Arrangement)) {
    let mut arrangement = state.locks.arrangement().clone();
    change(&mut arrangement);
    if let Some(frozen) = &mut state.frozen {
        frozen.0.arrange(arrangement.clone());
    }
    state.locks.arrange(arrangement);
}

/// Whether locks may be changed from here; if not, says why not.
fn may_change(state: &mut State, what: &str) -> bool {
    if state.replay.is_some() {
        state.complain("this is a recording: nothing can be changed in it");
        return false;
    }
    if !state.settings.allow_changes {
        state.complain(format!("read-only: start with --allow-changes to {what}"));
        return false;
    }
    true
}

fn ask_to_steal(state: &mut State) {
    if !may_change(state, "steal") {
        return;
    }
    let Some(lock) = state
        .cursor
        .lock
        .as_ref()
        .and_then(|id| state.locks.get(id))
    else {
        return;
    };
    let id = lock.id.clone();
    match lock.state() {
        LockState::Expired => state.dialog = Some(Dialog::Steal { lock: id }),
        LockState::Free => state.complain(format!("nobody holds {}", id.name)),
        LockState::Unknown => state.complain(format!(
            "whether the holder of {} is alive is not known yet: it is being watched",
            id.name
        )),
        LockState::Malformed | LockState::Unbounded => state.complain(format!(
            "{} never expires, so it cannot be stolen; F breaks it",
            id.name
        )),
        LockState::Held | LockState::Late | LockState::Offered => state.complain(format!(
            "{} is held: a live holder is never stolen from",
            id.name
        )),
    }
}

fn ask_to_force(state: &mut State) {
    if !may_change(state, "force-release") {
        return;
    }
    let Some(lock) = state
        .cursor
        .lock
        .as_ref()
        .and_then(|id| state.locks.get(id))
    else {
        return;
    };
    if lock.state() == LockState::Free {
        let name = lock.id.name.clone();
        return state.complain(format!("nobody holds {name}"));
    }
    state.dialog = Some(Dialog::ForceRelease {
        lock: lock.id.clone(),
        holder: lock.snapshot().record.holder().map(str::to_owned),
        typed: String::new(),
    });
}
