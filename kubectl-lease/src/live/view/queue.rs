//! Who holds a lock, who held it, and who waits for it.

use ratatui::text::Line;

use super::detail::{KEYS, reading, section, texts};
use super::line::spans;
use super::timeline;
use crate::escape;
use crate::live::locks::LockId;
use crate::live::message::Surroundings;
use crate::live::state::State;

pub(super) fn lines(
    state: &State,
    id: &LockId,
    surroundings: Option<&Surroundings>,
    width: u16,
) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let title = format!(
        "{}/{}",
        escape::shown(&id.namespace),
        escape::shown(&id.name)
    );
    let mut lines = vec![spans(theme, [(title, theme.title())])];
    if let Some(lock) = state.shown().get(id) {
        let width = usize::from(width).saturating_sub(KEYS);
        let local = state.clock().local;
        section(
            theme,
            &mut lines,
            "holders",
            timeline::holders(lock, local, theme, width),
        );
        lines.push(Line::default());
    }
    let queue = match surroundings {
        None => reading(theme),
        Some(known) => texts(theme, &known.queue, "nobody waits"),
    };
    section(theme, &mut lines, "queue", queue);
    lines
}
