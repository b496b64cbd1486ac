//! Keys of a question.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::live::message::Wish;
use crate::live::state::{Dialog, State};

pub(super) fn pressed(state: &mut State, key: KeyEvent) -> Vec<Wish> {
    let Some(dialog) = state.dialog.take() else {
        return Vec::new();
    };
    if key.code == KeyCode::Esc {
        state.note("left as it is");
        return Vec::new();
    }
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match (dialog, key.code) {
        (Dialog::Steal { lock }, KeyCode::Char(choice @ ('f' | 't'))) if !is_control => {
            let take = choice == 't';
            let Some(known) = state.locks.get(&lock) else {
                state.complain("it does not exist any more");
                return Vec::new();
            };
            let observed = known.observed(state.locks.clock(state.now));
            return vec![Wish::Steal {
                lock,
                observed,
                take,
            }];
        }
        (
            Dialog::ForceRelease {
                lock,
                holder,
                typed,
            },
            KeyCode::Enter,
        ) => {
            if typed == lock.name {
                return vec![Wish::ForceRelease { lock, holder }];
            }
            state.complain(format!(
                "that is not its name: {} is left as it is",
                lock.name
            ));
        }
        (
            Dialog::ForceRelease {
                lock,
                holder,
                mut typed,
            },
            code,
        ) => {
            match code {
                KeyCode::Char('u') if is_control => typed.clear(),
                KeyCode::Char(c) if !is_control && !c.is_control() => typed.push(c),
                KeyCode::Backspace => _ = typed.pop(),
                _ => {}
            }
            state.dialog = Some(Dialog::ForceRelease {
                lock,
                holder,
                typed,
            });
        }
        (dialog, _) => state.dialog = Some(dialog),
    }
    Vec::new()
}
