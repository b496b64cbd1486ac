//! What is shown, whether it is true, and what can be typed.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::line::{put, spans};
use crate::escape;
use crate::human;
use crate::live::prompt::Purpose;
use crate::live::state::{Connection, Replay, State};

/// A server says something about once a minute, if only that nothing changed. Silence that is
/// longer than this is told.
const QUIET: Duration = Duration::from_secs(75);
/// More characters of the name of a file are cut.
const LONGEST_FILE: usize = 100;

/// Which cluster and which locks are shown.
pub(super) fn title(buffer: &mut Buffer, area: Rect, state: &State) {
    let theme = state.settings.theme;
    let locks = state.shown();
    let plain = Style::new();
    let namespace = match &state.namespace {
        Some(namespace) => format!("namespace {}", escape::shown(namespace)),
        None => "all namespaces".to_owned(),
    };
    let mut parts = vec![
        ("kubectl lease".to_owned(), theme.title()),
        (
            format!("  {}  {namespace}", escape::shown(&state.context)),
            plain,
        ),
    ];
    if locks.is_listed() {
        let total = locks.total();
        let count = if locks.arrangement().filter.is_empty() {
            format!("  {}", counted(total, "lock"))
        } else {
            format!("  {} of {}", locks.len(), counted(total, "lock"))
        };
        parts.push((count, plain));
        if locks.stuck() > 0 {
            let stuck = lease_core::State::Expired;
            parts.push((format!(", {} stuck", locks.stuck()), theme.state(stuck)));
        }
        if locks.arrangement().hides_heartbeats && locks.heartbeats() > 0 {
            let heartbeats = counted(locks.heartbeats(), "node heartbeat");
            parts.push((format!("  ({heartbeats} left out)"), theme.dim()));
        }
    }
    if let Some(recording) = &state.recording {
        let file = escape::cut(&recording.file, LONGEST_FILE);
        parts.push(if recording.has_stopped {
            (format!("  rec {file} has stopped"), theme.error())
        } else {
            (format!("  rec {file}"), theme.warning())
        });
    }
    let filter = &locks.arrangement().filter;
    if !filter.is_empty() {
        let typed = escape::shown(filter.typed()).into_owned();
        parts.push((format!("  /{typed}"), theme.warning()));
    }
    let line = spans(theme, parts);
    if area.height > 0 {
        buffer.set_line(area.x, area.y, &line, area.width);
    }
}

/// Whether what is shown is how things are.
pub(super) fn status(buffer: &mut Buffer, area: Rect, state: &State) {
    let theme = state.settings.theme;
    let ago = |since| human::duration(state.now.since(since));
    let (sign, text, style) = match &state.connection {
        _ if state.frozen.is_some() => {
            let since = state.frozen.as_ref().map_or(state.now, |frozen| frozen.1);
            let text = format!("paused {} ago; space goes on", ago(since));
            ("=", text, theme.warning())
        }
        Connection::Opening => ("?", "connecting…".to_owned(), theme.warning()),
        Connection::Live => live(state),
        Connection::Lost { since, why } => {
            let text = format!(
                "reconnecting for {}; shown is what was known then: {}",
                ago(*since),
                escape::shown(why)
            );
            ("!", text, theme.error())
        }
        Connection::Refused { since, why } => {
            let text = format!("refused {} ago: {}", ago(*since), escape::shown(why));
            ("!", text, theme.error())
        }
    };
    let mut x = area.x;
    if let Some(replay) = &state.replay {
        x = put(
            buffer,
            area,
            x,
            area.width,
            &replayed(replay),
            theme.title(),
        );
    }
    x = put(buffer, area, x, 2, sign, style);
    x = put(buffer, area, x + 1, area.width, &theme.text(&text), style);
    let place = format!("{} of {}", state.cursor.row + 1, state.shown().len());
    let start = area
        .right()
        .saturating_sub(u16::try_from(place.len()).unwrap_or(0));
    if state.shown().len() > 0 && start > x + 1 {
        put(buffer, area, start, area.width, &place, theme.dim());
    }
}

/// Where a recording stands, before what was known then.
fn replayed(replay: &Replay) -> String {
    let Replay {
        played,
        of,
        speed,
        is_paused,
        wall,
        has_ended,
        is_cut,
    } = replay;
    let wall = human::local_time(*wall);
    if *has_ended {
        let cut = if *is_cut {
            ", where the recording is cut in its last line"
        } else {
            ""
        };
        return format!("= replay has ended at {wall} after {of} changes{cut}; then ");
    }
    let speed = if *speed < 1.0 {
        format!("1/{}", speed.recip())
    } else {
        speed.to_string()
    };
    let (sign, paused) = if *is_paused {
        ("=", ", paused")
    } else {
        (">", "")
    };
    format!("{sign} replay at {wall}, {played} of {of} changes, x{speed}{paused}; then ")
}

fn live(state: &State) -> (&'static str, String, Style) {
    let theme = state.settings.theme;
    let silence = state.rate.heard.map(|heard| state.now.since(heard));
    let rate = match state.rate.per_second(state.now) {
        1 => "1 change a second".to_owned(),
        rate => format!("{rate} changes a second"),
    };
    match silence {
        Some(silence) if silence >= QUIET => {
            let text = format!(
                "connected, but the server has said nothing for {}",
                human::duration(silence)
            );
            ("?", text, theme.warning())
        }
        Some(silence) if silence >= Duration::from_secs(2) => {
            let text = format!("live, last word {}, {rate}", human::ago(silence));
            ("*", text, theme.good())
        }
        _ => ("*", format!("live, {rate}"), theme.good()),
    }
}

/// The line that is typed, what the user is told, or what can be typed.
pub(super) fn last_line(buffer: &mut Buffer, area: Rect, state: &State) {
    let theme = state.settings.theme;
    if let Some(prompt) = &state.prompt {
        let sign = match prompt.purpose {
            Purpose::Command => ":",
            Purpose::Filter => "/",
        };
        let text = format!("{sign}{}", escape::shown(&prompt.text));
        // The end is where one types.
        let hidden = crate::table::width(&text)
            .saturating_sub(usize::from(area.width) - usize::from(area.width > 0));
        let text: String = text.chars().skip(hidden).collect();
        let x = put(
            buffer,
            area,
            area.x,
            area.width,
            &theme.text(&text),
            Style::new(),
        );
        put(buffer, area, x, 1, " ", theme.chosen());
        let rest = super::help::of_prompt(state, prompt);
        put(
            buffer,
            area,
            x + 2,
            area.width,
            &theme.text(&rest),
            theme.dim(),
        );
        return;
    }
    if let Some(notice) = &state.notice {
        let style = if notice.is_error {
            theme.error()
        } else {
            theme.good()
        };
        let text = escape::shown(&notice.text);
        put(buffer, area, area.x, area.width, &theme.text(&text), style);
        return;
    }
    let keys = super::help::short(state);
    put(
        buffer,
        area,
        area.x,
        area.width,
        &theme.text(keys),
        theme.dim(),
    );
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{} {what}s", grouped(count)),
    }
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
