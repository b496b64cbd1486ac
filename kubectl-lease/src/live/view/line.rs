//! Texts in one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use crate::live::theme::Theme;
use crate::table;

/// Writes a text at a column of a line, within so many columns. Gives the column after it.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    x: u16,
    width: u16,
    text: &str,
    style: Style,
) -> u16 {
    let end = area.right().min(x.saturating_add(width));
    if area.height == 0 || x >= end || area.y >= buffer.area.bottom() {
        return x;
    }
    let (x, _) = buffer.set_stringn(x, area.y, text, usize::from(end - x), style);
    x
}

/// A line of spans, each text as this terminal shows it.
pub(super) fn spans<'a>(
    theme: Theme,
    parts: impl IntoIterator<Item = (String, Style)>,
) -> Line<'a> {
    let span = |(text, style): (String, Style)| Span::styled(theme.text(&text).into_owned(), style);
    Line::from(parts.into_iter().map(span).collect::<Vec<_>>())
}

/// A text in lines that are no wider than this, broken between words where that is possible.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        if used > 0 && used + table::width(word.trim_end()) > width {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width && c != ' ' {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += wide;
        }
    }
    lines
}

/// The lines of an area from a scrolled text.
pub(super) fn scrolled(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>], scroll: usize) {
    let most = lines.len().saturating_sub(usize::from(area.height));
    let scroll = scroll.min(most);
    for (y, line) in (area.y..area.bottom()).zip(&lines[scroll..]) {
        buffer.set_line(area.x, y, line, area.width);
    }
}
