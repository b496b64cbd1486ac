//! Keys of a page that is scrolled.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::live::inquiry::Inquiry;
use crate::live::message::Wish;
use crate::live::state::{Page, State};
use crate::live::view::most_scroll;

pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Vec<Wish> {
    let screen = state.size.1.saturating_sub(4).max(1);
    let most = most_scroll(state);
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    let Some(page) = state.pages.last_mut() else {
        return Vec::new();
    };
    let is_why = matches!(page, Page::Why { .. });
    let (scroll, lock) = match page {
        Page::Why { inquiry, .. } if key.code == KeyCode::Char('r') => {
            inquiry.again();
            return Vec::new();
        }
        Page::Detail { scroll, lock, .. }
        | Page::Queue { scroll, lock, .. }
        | Page::Why { scroll, lock, .. } => (scroll, Some(lock.clone())),
        Page::Text { scroll, .. } | Page::Help { scroll } => (scroll, None),
        Page::Chooser { .. } => return Vec::new(),
    };
    match key.code {
        KeyCode::Esc | KeyCode::Char('q') => _ = state.pages.pop(),
        KeyCode::Up | KeyCode::Char('k') => *scroll = scroll.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => *scroll = scroll.saturating_add(1).min(most),
        KeyCode::Char('f') if is_control => *scroll = scroll.saturating_add(screen).min(most),
        KeyCode::Char('b') if is_control => *scroll = scroll.saturating_sub(screen),
        KeyCode::PageDown | KeyCode::Char(' ') => *scroll = scroll.saturating_add(screen).min(most),
        KeyCode::PageUp => *scroll = scroll.saturating_sub(screen),
        KeyCode::Home | KeyCode::Char('g') => *scroll = 0,
        KeyCode::End | KeyCode::Char('G') => *scroll = most,
        KeyCode::Char('y') => return lock.map(Wish::Yaml).into_iter().collect(),
        KeyCode::Char('w') if !is_why => {
            state.pages.extend(lock.map(|lock| Page::Why {
                lock,
                inquiry: Inquiry::default(),
                scroll: 0,
            }));
        }
        KeyCode::Char('?') => state.pages.push(Page::Help { scroll: 0 }),
        _ => {}
    }
    Vec::new()
}
