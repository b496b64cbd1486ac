//! Texts in one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::live::theme::Theme;

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

/// The lines of an area from a scrolled text.
pub(super) fn scrolled(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>], scroll: usize) {
    let most = lines.len().saturating_sub(usize::from(area.height));
    let scroll = scroll.min(most);
    for (y, line) in (area.y..area.bottom()).zip(&lines[scroll..]) {
        buffer.set_line(area.x, y, line, area.width);
    }
}
