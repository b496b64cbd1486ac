//! A terminal that is drawn on in place.

use std::io::{self, Write as _};
use std::sync::Once;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue, style};
use terminal_size::{Height, Width, terminal_size_of};
use unicode_width::UnicodeWidthChar;

/// The terminal's second screen while this lives, with keys that arrive one by one. What was there
/// comes back when this is dropped, or when the program panics.
pub(crate) struct Screen {
    /// The lines that are on it.
    lines: Vec<String>,
    /// How large it was when they were drawn: columns and lines.
    size: (u16, u16),
}

impl Screen {
    pub(crate) fn open() -> io::Result<Self> {
        static ONCE: Once = Once::new();
        restore_on_panic(&ONCE, leave);
        terminal::enable_raw_mode()?;
        // Made first, so that whatever fails from here on is undone.
        let screen = Self {
            lines: Vec::new(),
            size: (0, 0),
        };
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            terminal::DisableLineWrap,
            cursor::Hide
        )?;
        Ok(screen)
    }

    /// How many columns and lines there are.
    pub(crate) fn size(&self) -> (usize, usize) {
        let (columns, lines) = size();
        (columns.into(), lines.into())
    }

    /// Shows these lines and nothing else. What is there already is not drawn again, and what is
    /// too long or too much is cut.
    pub(crate) fn draw<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        let size = size();
        let (columns, height) = size;
        let lines: Vec<String> = lines
            .into_iter()
            .take(height.into())
            .map(|line| cut(line, columns.into()))
            .collect();
        let mut stdout = io::stdout().lock();
        if size != self.size {
            self.size = size;
            self.lines.clear();
            queue!(stdout, Clear(ClearType::All))?;
        }
        for (at, line) in (0..height).zip(&lines) {
            if self.lines.get(usize::from(at)) != Some(line) {
                queue!(
                    stdout,
                    cursor::MoveTo(0, at),
                    Clear(ClearType::UntilNewLine),
                    style::Print(line)
                )?;
            }
        }
        if let Ok(end) = u16::try_from(lines.len())
            && lines.len() < self.lines.len()
        {
            queue!(
                stdout,
                cursor::MoveTo(0, end),
                Clear(ClearType::FromCursorDown)
            )?;
        }
        self.lines = lines;
        stdout.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// There is nothing to do about a terminal that went away.
fn leave() {
    let _ = execute!(
        io::stdout(),
        cursor::Show,
        terminal::EnableLineWrap,
        LeaveAlternateScreen
    );
    let _ = terminal::disable_raw_mode();
}

/// Has a panic give the terminal back before it is told, so that it can be read. Nothing is dropped
/// then in a program that is released, which ends at once. Of each `once`, only once.
pub(crate) fn restore_on_panic(once: &'static Once, restore: fn()) {
    once.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
    });
}

/// How many columns and lines there are; the usual ones on a terminal that does not say.
fn size() -> (u16, u16) {
    match terminal_size_of(io::stdout()) {
        Some((Width(columns), Height(lines))) if columns > 0 && lines > 0 => (columns, lines),
        _ => (80, 24),
    }
}

/// Whether it is ctrl-c, which is a key like others while keys arrive one by one.
pub(crate) fn is_interrupt(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// A line in so many columns, its colours kept.
pub(crate) fn cut(line: &str, columns: usize) -> String {
    let mut cut = String::with_capacity(line.len());
    let mut left = Some(columns);
    let mut is_colour = false;
    for c in line.chars() {
        // Colours are ours, for what a cluster says has no escapes; they end beyond the cut, too.
        is_colour = c == '\u{1b}' || is_colour;
        if !is_colour {
            left = left.and_then(|left| left.checked_sub(c.width().unwrap_or(0)));
        }
        if is_colour || left.is_some() {
            cut.push(c);
        }
        is_colour = is_colour && c != 'm';
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_edge_and_colours_end() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 2), "ab");
        assert_eq!(cut("主機", 3), "主");
        assert_eq!(cut("abc", 0), "");
        let red = "\u{1b}[38;5;9mexpired\u{1b}[39m";
        assert_eq!(
            cut(&format!("a {red} b"), 4),
            "a \u{1b}[38;5;9mex\u{1b}[39m"
        );
        assert_eq!(cut(&format!("a {red} b"), 11), format!("a {red} b"));
    }
}
