//! Colours and signs, by what the terminal can show.

use lease_core::State;
use ratatui::style::{Color, Modifier, Style};

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Theme {
    pub(crate) colour: bool,
    /// Whether there are other characters than those of ASCII.
    pub(crate) unicode: bool,
}

impl Theme {
    /// What every terminal can show.
    pub(crate) const PLAIN: Self = Self {
        colour: false,
        unicode: false,
    };

    /// By the environment: `NO_COLOR`, and the locale as POSIX orders its variables.
    pub(crate) fn of_environment(colour: bool) -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        // macOS sets no locale for programs that are not started by a shell, and has only UTF-8.
        let unicode = locale.contains("utf-8")
            || locale.contains("utf8")
            || (locale.is_empty() && cfg!(target_os = "macos"));
        Self { colour, unicode }
    }

    /// How a state is coloured: the sixteen colours of a terminal, which its user chose to be
    /// readable on its background.
    pub(crate) fn state(self, state: State) -> Style {
        let style = Style::new();
        match state {
            State::Free => self.dim(),
            State::Held | State::Offered => self.fg(style, Color::Green),
            State::Late | State::Unknown => self.fg(style, Color::Yellow),
            State::Expired | State::Malformed => self.fg(style, Color::Red),
            State::Unbounded => self.fg(style, Color::Magenta),
        }
    }

    pub(crate) fn title(self) -> Style {
        self.fg(Style::new(), Color::Cyan)
            .add_modifier(Modifier::BOLD)
    }

    pub(crate) fn header(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(crate) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(crate) fn error(self) -> Style {
        self.fg(Style::new(), Color::Red)
            .add_modifier(Modifier::BOLD)
    }

    pub(crate) fn good(self) -> Style {
        self.fg(Style::new(), Color::Green)
    }

    pub(crate) fn warning(self) -> Style {
        self.fg(Style::new(), Color::Yellow)
    }

    fn fg(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }

    /// A text as this terminal shows it: what ASCII has not, as `?`, where there is nothing else.
    pub(crate) fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        if self.unicode || text.is_ascii() {
            return text.into();
        }
        let plain = |c: char| match c {
            '…' => '~',
            '─' | '—' | '–' => '-',
            c if c.is_ascii() => c,
            _ => '?',
        };
        text.chars().map(plain).collect::<String>().into()
    }
}
