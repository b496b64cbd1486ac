//! What is typed after `:`.

use super::table;
use crate::live::message::Wish;
use crate::live::state::State;
use crate::lock_row::Column;

/// The commands, and what they are short for.
const COMMANDS: [&str; 4] = ["ctx", "ns", "q", "sort"];

/// Does what was typed.
pub(super) fn run(state: &mut State, typed: &str) -> Vec<Wish> {
    let mut words = typed.split_whitespace();
    let command = words.next().unwrap_or_default();
    let argument = words.next();
    if words.next().is_some() {
        state.complain(format!(":{command} takes one word"));
        return Vec::new();
    }
    if state.replay.is_some() && matches!(command, "ns" | "namespace" | "ctx" | "context") {
        state.complain("this is a recording: there is nothing else in it");
        return Vec::new();
    }
    match (command, argument) {
        ("", _) => Vec::new(),
        ("q" | "quit", None) => vec![Wish::Quit],
        ("ns" | "namespace", None | Some("all")) => vec![Wish::Namespace(None)],
        ("ns" | "namespace", Some(name)) => match crate::lock_name::parse_namespace(name) {
            Ok(name) => vec![Wish::Namespace(Some(name))],
            Err(failure) => {
                state.complain(failure.message());
                Vec::new()
            }
        },
        ("ctx" | "context", Some(name)) => vec![Wish::Context(name.to_owned())],
        ("ctx" | "context", None) => {
            let contexts = state.contexts.join(", ");
            state.complain(format!("name a context: {contexts}"));
            Vec::new()
        }
        ("sort", Some(name)) => {
            match column(name) {
                Some(column) => table::sort_by(state, column),
                None => state.complain(format!("no column is called \"{name}\"")),
            }
            Vec::new()
        }
        ("sort", None) => {
            state.complain("name a column to sort by");
            Vec::new()
        }
        _ => {
            state.complain(format!(
                "no command is called \"{command}\"; there are :{}",
                COMMANDS.join(", :")
            ));
            Vec::new()
        }
    }
}

fn column(name: &str) -> Option<Column> {
    let mut all = Column::ALL.into_iter();
    all.find(|column| column.title().eq_ignore_ascii_case(name))
}

/// What the last word of a line may become.
pub(crate) fn candidates(state: &State, typed: &str) -> Vec<String> {
    let starting = |word: &str, all: Vec<String>| -> Vec<String> {
        let word = word.to_lowercase();
        let all = all.into_iter();
        all.filter(|one| one.to_lowercase().starts_with(&word))
            .collect()
    };
    match typed.split_once(' ') {
        None => starting(typed, COMMANDS.map(str::to_owned).to_vec()),
        Some(("ctx" | "context", word)) => starting(word, state.contexts.clone()),
        Some(("ns" | "namespace", word)) => {
            let mut all = state.namespaces.clone();
            if all.is_empty() {
                // Who may not list them still sees some.
                let seen = state.locks.namespaces();
                all = seen.into_iter().map(str::to_owned).collect();
            }
            all.push("all".to_owned());
            starting(word, all)
        }
        Some(("sort", word)) => {
            let titles = Column::ALL.map(|column| column.title().to_lowercase());
            starting(word, titles.to_vec())
        }
        Some(_) => Vec::new(),
    }
}

/// The line with its last word as long as all that it may become have in common.
pub(super) fn completed(state: &State, typed: &str) -> String {
    let candidates = candidates(state, typed);
    let Some(first) = candidates.first() else {
        return typed.to_owned();
    };
    let begins = |end: usize| {
        candidates
            .iter()
            .all(|one| one.get(..end) == first.get(..end))
    };
    let ends = first.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| begins(*end)).last().unwrap_or(0);
    let before = typed.rsplit_once(' ').map_or("", |(before, _)| before);
    let space = if before.is_empty() { "" } else { " " };
    let done = if candidates.len() == 1 && before.is_empty() {
        " "
    } else {
        ""
    };
    format!("{before}{space}{}{done}", &first[..end])
}
