//! What the keys do.

use ratatui::style::Style;
use ratatui::text::Line;

use super::line::spans;
use crate::live::prompt::{Prompt, Purpose};
use crate::live::state::{Page, State};

/// Keys and what they do, in groups.
const KEYS: [(&str, &str); 33] = [
    ("", "Moving"),
    ("up down j k", "the row above or below"),
    ("g G home end", "the first or last row"),
    ("pgup pgdn ^b ^f", "a screen up or down"),
    ("click", "choose a row; on a title, sort by it"),
    ("", "Looking"),
    (
        "enter d",
        "one lock, live: record, evidence, timeline, queue, events",
    ),
    (
        "w",
        "why it is stuck: who holds it, what is wrong, what to type",
    ),
    ("h", "its holders and its queue"),
    ("y", "its YAML"),
    ("space", "pause, and go on"),
    ("", "Choosing"),
    (
        "/",
        "filter: a text, state:expired, holder:node-7; ! before a term negates it",
    ),
    ("0", "all namespaces"),
    (":ns NAME", "one namespace"),
    (":ctx NAME", "another context of the kubeconfig"),
    (":sort COLUMN", "sort; again to reverse"),
    ("< >", "sort by the column before or after"),
    ("r", "reverse the order"),
    ("N P S A", "sort by name, namespace, state or age"),
    ("c", "choose columns"),
    ("", "Changing, with --allow-changes"),
    (
        "s",
        "free or take a lock whose lease is over, with the proof",
    ),
    ("F", "break a lock, once its name is typed"),
    ("", "Playing back, with --replay"),
    ("space", "pause, and go on"),
    (".", "the next change"),
    ("+ -", "faster, slower"),
    ("", "Leaving"),
    ("esc q", "back; from the table, q quits"),
    ("^c", "quit"),
    ("^z", "suspend"),
    ("?", "this help"),
];

pub(super) fn lines(state: &State) -> Vec<Line<'static>> {
    let theme = state.settings.theme;
    let line = |(keys, what): &(&str, &str)| {
        if keys.is_empty() {
            return spans(theme, [((*what).to_owned(), theme.title())]);
        }
        spans(
            theme,
            [
                (format!("  {keys:<18}"), theme.header()),
                ((*what).to_owned(), Style::new()),
            ],
        )
    };
    KEYS.iter().map(line).collect()
}

/// The keys that matter most where the user is.
pub(super) fn short(state: &State) -> &'static str {
    match state.pages.last() {
        _ if state.dialog.is_some() => "esc leaves it as it is",
        Some(Page::Why { .. }) => "r reads again  up down scroll  y yaml  esc back",
        None if state.replay.is_some() => {
            "? help  d detail  / filter  space pause  . step  + - speed  q quit"
        }
        None if state.settings.allow_changes => {
            "? help  d detail  w why  / filter  : ns, ctx  s steal  F force-release  q quit"
        }
        None => "? help  d detail  w why  / filter  : ns, ctx  < > sort  c columns  q quit",
        Some(Page::Chooser { .. }) => "space shows or hides  < > moves  esc back",
        Some(_) => "up down scroll  esc back",
    }
}

/// What can be typed next.
pub(super) fn of_prompt(state: &State, prompt: &Prompt) -> String {
    match prompt.purpose {
        Purpose::Filter => match crate::live::filter::Filter::parse(&prompt.text) {
            Err(error) => error.to_string(),
            Ok(_) if prompt.text.is_empty() => {
                "text, state:expired, holder:node-7, !term".to_owned()
            }
            Ok(_) => String::new(),
        },
        Purpose::Command => crate::live::update::candidates(state, &prompt.text).join("  "),
    }
}
