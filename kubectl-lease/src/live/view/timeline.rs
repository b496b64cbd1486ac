//! What happened to one lock since the table was opened, drawn.

use std::time::Duration;

use lease_core::Instant;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use super::line::spans;
use crate::human;
use crate::identity_text;
use crate::live::locks::{Lock, Tenure};
use crate::live::theme::Theme;

const HEIGHTS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_HEIGHTS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// The intervals between renewals of the present holder, as high as they are of the lease's
/// duration: what reaches the top lets the lock expire.
pub(super) fn renewals(lock: &Lock, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let Some(lasts) = lock.duration() else {
        return Vec::new();
    };
    let intervals: Vec<Duration> = lock.history.intervals().collect();
    let Some(last) = intervals.last() else {
        let text = "no two renewals were seen yet".to_owned();
        return vec![spans(theme, [(text, theme.dim())])];
    };
    let heights = if theme.unicode {
        HEIGHTS
    } else {
        ASCII_HEIGHTS
    };
    let shown = &intervals[intervals.len().saturating_sub(width)..];
    let columns = shown.iter().map(|interval| {
        let eighths = interval.as_millis() * 8 / lasts.as_millis().max(1);
        let height = heights[usize::try_from(eighths).unwrap_or(7).min(7)];
        let style = if *interval >= lasts {
            theme.error()
        } else if *interval >= lasts * 2 / 3 {
            theme.warning()
        } else {
            theme.good()
        };
        (height.to_owned(), style)
    });
    let longest = intervals.iter().max().copied().unwrap_or_default();
    let words = format!(
        "last after {}, usually after {}, at most after {} of {}",
        seconds(*last),
        lock.history.usual().map_or_else(|| "?".to_owned(), seconds),
        seconds(longest),
        human::seconds(lasts),
    );
    vec![spans(theme, columns), spans(theme, [(words, Style::new())])]
}

/// Who held it for how long, as a band, and what its letters mean.
pub(super) fn holders(lock: &Lock, now: Instant, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let tenures: Vec<&Tenure> = lock.history.holders().collect();
    let Some(first) = tenures.first() else {
        return Vec::new();
    };
    let whole = now.since(first.since).max(Duration::from_secs(1));
    let width = width.clamp(1, 60);
    let mut band = Vec::new();
    let mut legend = Vec::new();
    let mut column = 0;
    for (index, tenure) in tenures.iter().enumerate() {
        let until = tenures.get(index + 1).map_or(now, |next| next.since);
        let share = until.since(first.since).as_secs_f64() / whole.as_secs_f64();
        let end = cells(share, width).clamp(column, width);
        // Short ones are seen too.
        let end = if end == column && column < width {
            column + 1
        } else {
            end
        };
        let letter = letter(index, tenure);
        let style = if index % 2 == 0 {
            theme.good()
        } else {
            theme.warning().add_modifier(Modifier::BOLD)
        };
        let style = if tenure.holder.is_some() {
            style
        } else {
            theme.dim()
        };
        band.push((letter.to_string().repeat(end - column), style));
        column = end;
        let name = tenure
            .holder
            .as_deref()
            .map_or_else(|| "nobody".to_owned(), identity_text::whole);
        let length = human::duration(until.since(tenure.since));
        let is_last = index + 1 == tenures.len();
        let words = if is_last {
            format!("for {length}, and still")
        } else {
            format!("for {length}")
        };
        legend.push(spans(
            theme,
            [
                (format!("{letter} "), style),
                (format!("{name} {words}"), Style::new()),
            ],
        ));
    }
    let mut lines = vec![spans(theme, band)];
    // The present one first.
    lines.extend(legend.into_iter().rev());
    lines
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of the columns of a terminal"
)]
fn cells(share: f64, width: usize) -> usize {
    (share * width as f64).round() as usize
}

/// A to Z, over and over; a dot for nobody.
fn letter(index: usize, tenure: &Tenure) -> char {
    let letters = b'A'..=b'Z';
    let letter = letters.clone().nth(index % letters.len()).unwrap_or(b'?');
    if tenure.holder.is_some() {
        letter.into()
    } else {
        '.'
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1}s", duration.as_secs_f64())
}
