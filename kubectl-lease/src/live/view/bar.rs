//! How much of a lease is left, as a bar that empties.

use std::time::Duration;

use lease_core::State;
use ratatui::style::Style;

use crate::human;
use crate::live::locks::Lock;
use crate::live::theme::Theme;
use crate::sight::Clock;

/// How wide the bar is.
const WIDTH: usize = 10;

/// The bar of a lock and what is left in words.
///
/// A mark stands where the bar usually is when the holder renews: a renewal that is late is seen
/// when the bar is shorter than that, long before the lease is over.
pub(super) fn parts(lock: &Lock, clock: Clock, theme: Theme) -> Vec<(String, Style)> {
    let standing = lock.standing(clock);
    let style = theme.state(standing.state);
    let words = match (standing.state, lock.duration(), standing.evidence) {
        (State::Unbounded, ..) => "never".to_owned(),
        (State::Unknown, ..) => "?".to_owned(),
        (State::Free | State::Malformed, ..) | (_, None, _) | (_, _, None) => "-".to_owned(),
        (_, Some(lasts), Some(evidence)) => {
            let share = (1.0 - ratio(evidence.age(), lasts)).max(0.0);
            let usual = lock.history.usual().map(|usual| 1.0 - ratio(usual, lasts));
            let mut parts = cells(share, usual, style, theme);
            let words = standing.expiry.map_or_else(String::new, human::expiry);
            parts.push((format!(" {words}"), style));
            return parts;
        }
    };
    vec![(format!("{:width$} {words}", "", width = WIDTH), style)]
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    part.as_secs_f64() / whole.as_secs_f64()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "shares of ten cells"
)]
fn cells(share: f64, usual: Option<f64>, style: Style, theme: Theme) -> Vec<(String, Style)> {
    let halves = (share * WIDTH as f64 * 2.0).ceil() as usize;
    let mark = usual.map(|usual| (usual.clamp(0.0, 1.0) * WIDTH as f64) as usize);
    let cell = |cell: usize| {
        let filled = halves.saturating_sub(cell * 2).min(2);
        let is_mark = mark == Some(cell);
        // Lines, since blocks of one row would grow together with those of the next.
        let symbol = match (filled, is_mark, theme.unicode) {
            (0, false, true) => "─",
            (0, true, true) => "┼",
            (1, false, true) => "╸",
            (1, true, true) => "┽",
            (_, false, true) => "━",
            (_, true, true) => "╋",
            (0, false, false) => ".",
            (0, true, false) => "|",
            (_, false, false) => "#",
            (_, true, false) => "+",
        };
        let style = if filled == 0 && !is_mark {
            theme.dim()
        } else {
            style
        };
        (symbol.to_owned(), style)
    };
    (0..WIDTH).map(cell).collect()
}
