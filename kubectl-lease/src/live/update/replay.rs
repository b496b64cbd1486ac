//! Keys of a recording that is played back.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::live::message::Playing;
use crate::live::state::{Page, State};

/// How it is to be played by this key, if that is what the key is for.
pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Option<Playing> {
    let replay = state.replay.as_ref()?;
    if replay.is_paused {
        // Its clock stands, by which a notice would go.
        state.notice = None;
    }
    let is_live = matches!(
        state.pages.last(),
        None | Some(Page::Detail { .. } | Page::Queue { .. } | Page::Why { .. })
    );
    if !is_live || key.modifiers.contains(KeyModifiers::CONTROL) {
        return None;
    }
    match key.code {
        KeyCode::Char(' ') => Some(Playing::PauseOrGoOn),
        KeyCode::Char('.') => Some(Playing::Step),
        // Without shift it is the same key on many keyboards.
        KeyCode::Char('+' | '=') => Some(Playing::Faster),
        KeyCode::Char('-') => Some(Playing::Slower),
        _ => None,
    }
}
