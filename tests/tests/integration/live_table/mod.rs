//! The live table: the real program on a terminal, before the real API server.

mod changing;
mod keeping_up;
mod looking;
mod losing_the_server;
mod restoring;
mod terminals;
mod why;
mod words;

use std::process::Command;

use lease_tests::{Client, Terminal};

const COLUMNS: u16 = 140;
const LINES: u16 = 30;

const ESC: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// Opens the table as this client, with further arguments.
fn open(client: &Client, arguments: &str) -> Terminal {
    Terminal::start(&command(client, arguments), COLUMNS, LINES)
}

/// The command behind [`open`], to be changed.
fn command(client: &Client, arguments: &str) -> Command {
    let mut command = client.plugin_command();
    command.arg("watch").args(arguments.split_whitespace());
    command
}

/// The line in which a lock of this name stands.
fn row<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let names = |line: &&str| line.split_whitespace().any(|word| word == name);
    text.lines().filter(|line| words::is_row(line)).find(names)
}

/// Whether a lock is shown whose row says this: its state, or its holder.
fn stands(text: &str, name: &str, words: &str) -> bool {
    row(text, name).is_some_and(|row| row.contains(words))
}

/// Those of these locks that are shown, from the top.
fn shown<'a>(text: &str, names: &[&'a str]) -> Vec<&'a str> {
    let named = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        names.iter().copied().find(|name| words.contains(name))
    };
    text.lines().filter_map(named).collect()
}
