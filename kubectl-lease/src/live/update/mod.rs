//! What each message makes of the state.

mod chooser;
mod command;
mod dialog;
mod mouse;
mod page;
mod prompt;
mod replay;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use command::candidates;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use lease_client::Change;
use lease_core::Instant;

use super::locks::{Happening, Seen};
use super::message::{Done, Message, Wish};
use super::state::{Connection, Page, State};

/// Takes in a message that came at `now`, and says what is wanted by it.
pub(crate) fn update(state: &mut State, message: Message, now: Instant) -> Vec<Wish> {
    state.now = now;
    // What time alone did came first: whoever plays this back does so without waiting in between.
    state.locks.pass(now);
    let mut wishes = match message {
        Message::Changed(change) => {
            changed(state, change);
            Vec::new()
        }
        Message::Interrupted(why) => {
            interrupted(state, why);
            Vec::new()
        }
        Message::Refused(failure) => {
            state.locks.lose(now);
            let why = failure.message().to_owned();
            state.connection = Connection::Refused { since: now, why };
            Vec::new()
        }
        Message::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Message::Key(key) => pressed(state, key),
        Message::Mouse(event) => mouse::mouse(state, event),
        Message::Resized { columns, lines } => {
            state.size = (columns, lines);
            Vec::new()
        }
        Message::Done(done) => {
            self::done(state, done);
            Vec::new()
        }
        Message::Switched { context, namespace } => {
            state.context = context;
            state.namespace = namespace;
            state.namespaces.clear();
            state.forget_locks();
            Vec::new()
        }
        Message::Tick => Vec::new(),
    };
    state.locks.pass(now);
    state.age_notice();
    state.follow_cursor();
    wishes.extend(surroundings_to_read(state));
    wishes.extend(verdict_to_ask_for(state));
    wishes
}

/// Takes in what the cluster tells, and says what happened to which locks.
fn changed(state: &mut State, change: Change<Seen>) -> Vec<Happening> {
    let now = state.now;
    if let Change::Interrupted(error) = &change {
        interrupted(state, error.to_string());
        return Vec::new();
    }
    state.connection = Connection::Live;
    state.rate.heard = Some(now);
    let happenings = state.locks.take(change, now);
    let count = u32::try_from(happenings.len()).unwrap_or(u32::MAX);
    state.rate.count(count, now);
    happenings
}

fn interrupted(state: &mut State, why: String) {
    state.locks.lose(state.now);
    // The first moment counts: since then nothing is known.
    if !matches!(state.connection, Connection::Lost { .. }) {
        let since = state.now;
        state.connection = Connection::Lost { since, why };
    }
}

fn pressed(state: &mut State, key: KeyEvent) -> Vec<Wish> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c') => return vec![Wish::Quit],
            KeyCode::Char('z') => return vec![Wish::Suspend],
            _ => {}
        }
    }
    if state.dialog.is_some() {
        return dialog::pressed(state, key);
    }
    if state.prompt.is_some() {
        return prompt::pressed(state, key);
    }
    if let Some(playing) = replay::pressed(state, key) {
        return vec![Wish::Play(playing)];
    }
    match state.pages.last() {
        None => table::pressed(state, key),
        Some(Page::Chooser { at }) => chooser::pressed(state, key, *at),
        Some(_) => page::pressed(state, key),
    }
}

fn done(state: &mut State, done: Done) {
    match done {
        Done::Acted(text) => state.note(text),
        Done::Failed(lines) => {
            let mut lines = lines.into_iter();
            let first = lines.next().unwrap_or_default();
            let rest: Vec<String> = lines.collect();
            if rest.is_empty() {
                state.complain(first);
            } else {
                // More than one line has room for.
                state.pages.push(Page::Text {
                    title: first,
                    lines: rest,
                    scroll: 0,
                });
            }
        }
        Done::Text { title, text } => {
            let lines = text.lines().map(str::to_owned).collect();
            state.pages.push(Page::Text {
                title,
                lines,
                scroll: 0,
            });
        }
        Done::Surroundings {
            lock,
            surroundings: read,
        } => {
            for page in &mut state.pages {
                if let Page::Detail {
                    lock: shown,
                    surroundings,
                    ..
                }
                | Page::Queue {
                    lock: shown,
                    surroundings,
                    ..
                } = page
                    && *shown == lock
                {
                    *surroundings = Some(read.clone());
                }
            }
        }
        Done::Verdict { lock, verdict } => {
            let now = state.now;
            for page in &mut state.pages {
                if let Page::Why {
                    lock: shown,
                    inquiry,
                    ..
                } = page
                    && *shown == lock
                {
                    inquiry.answered(verdict.clone(), now);
                }
            }
        }
        Done::Names {
            namespaces,
            contexts,
        } => {
            state.namespaces = namespaces;
            state.contexts = contexts;
        }
    }
}

/// Reads what is around a lock that is looked at, again and again while it is.
fn surroundings_to_read(state: &mut State) -> Option<Wish> {
    const AGAIN: std::time::Duration = std::time::Duration::from_secs(2);
    let Some(Page::Detail { lock, .. } | Page::Queue { lock, .. }) = state.pages.last() else {
        state.read_surroundings = None;
        return None;
    };
    let lock = lock.clone();
    let is_new = state
        .read_surroundings
        .as_ref()
        .is_none_or(|(read, at)| *read != lock || state.now.since(*at) >= AGAIN);
    if !is_new {
        return None;
    }
    state.read_surroundings = Some((lock.clone(), state.now));
    Some(Wish::Surroundings(lock))
}

/// Asks what is wrong with a lock that is looked at for that, and again when it has changed.
fn verdict_to_ask_for(state: &mut State) -> Option<Wish> {
    let Some(Page::Why { lock, inquiry, .. }) = state.pages.last_mut() else {
        return None;
    };
    let is_due = inquiry.is_due(state.locks.get(lock), state.now);
    is_due.then(|| Wish::Why(lock.clone()))
}
