//! Keys of a line that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{command, table};
use crate::live::filter::Filter;
use crate::live::message::Wish;
use crate::live::prompt::Purpose;
use crate::live::state::State;

pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Vec<Wish> {
    let Some(mut prompt) = state.prompt.take() else {
        return Vec::new();
    };
    let purpose = prompt.purpose;
    match (key.code, key.modifiers.contains(KeyModifiers::CONTROL)) {
        (KeyCode::Esc, _) => {
            if purpose == Purpose::Filter {
                table::filter(state, &prompt.before);
            }
            return Vec::new();
        }
        (KeyCode::Enter, _) if purpose == Purpose::Command => {
            return command::run(state, &prompt.text);
        }
        (KeyCode::Enter, _) => {
            table::filter(state, &prompt.text);
            return Vec::new();
        }
        (KeyCode::Tab, _) if purpose == Purpose::Command => {
            prompt.text = command::completed(state, &prompt.text);
        }
        // As in a shell, an empty line is left by deleting once more.
        (KeyCode::Backspace, _) if prompt.text.is_empty() => return Vec::new(),
        (KeyCode::Backspace, _) => prompt.delete(),
        (KeyCode::Char('u'), true) => prompt.text.clear(),
        (KeyCode::Char('w'), true) => prompt.delete_word(),
        (KeyCode::Char(c), false) => prompt.push(c),
        _ => {}
    }
    // What is typed so far is seen at once.
    if purpose == Purpose::Filter && Filter::parse(&prompt.text).is_ok() {
        table::filter(state, &prompt.text);
    }
    state.prompt = Some(prompt);
    Vec::new()
}
