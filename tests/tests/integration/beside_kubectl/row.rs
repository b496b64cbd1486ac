//! A row of a table, and how the two programs have to agree on it.

use std::sync::LazyLock;

use lease_tests::{Client, Output};
use regex::Regex;

use super::{Both, both};

/// Arguments, and what the two programs must have in common.
pub(super) struct Row {
    pub(super) args: &'static str,
    pub(super) agree: Agree,
}

#[derive(Clone, Copy)]
pub(super) enum Agree {
    /// On the leases and their order, on those that are missing, and on what else there is to say.
    OnLeases,
    /// To the letter.
    Wholly,
    /// That it is wrong; and ours says these words.
    ThatItIsWrong(&'static [&'static str]),
    /// On nothing: ours says that it is wrong, with these words, and kubectl passes over it.
    OnlyOursIsWrong(&'static [&'static str]),
}

use Agree::{OnLeases, OnlyOursIsWrong, ThatItIsWrong, Wholly};

impl Row {
    /// Says where the two part.
    pub(super) fn parts(&self, client: &Client, placeholders: &[(&str, &str)]) -> Option<String> {
        let mut args = self.args.to_owned();
        for (placeholder, value) in placeholders {
            args = args.replace(placeholder, value);
        }
        let Both { ours, theirs } = both(client, &args, |_| ());
        let wrong = self.difference(&ours, &theirs)?;
        Some(format!(
            "{args}: {wrong}\n  ours: {ours:?}\n  kubectl: {theirs:?}"
        ))
    }

    fn difference(&self, ours: &Output, theirs: &Output) -> Option<String> {
        let their_code = match self.agree {
            OnlyOursIsWrong(_) => Some(0),
            _ => ours.code,
        };
        if theirs.code != their_code {
            return Some("the exit codes differ".to_owned());
        }
        match self.agree {
            OnLeases => {
                let (our, their) = (leases(&ours.stdout), leases(&theirs.stdout));
                if our != their {
                    return Some(format!("the leases are {our:?} and {their:?}"));
                }
                let (our, their) = (missing(&ours.stderr), missing(&theirs.stderr));
                if our != their {
                    return Some(format!("missing are {our:?} and {their:?}"));
                }
                let (our, their) = (notes(&ours.stderr), notes(&theirs.stderr));
                (our != their).then(|| format!("the notes are {our:?} and {their:?}"))
            }
            Wholly => (ours.stdout != theirs.stdout || ours.stderr != theirs.stderr)
                .then(|| "the outputs differ".to_owned()),
            ThatItIsWrong(words) | OnlyOursIsWrong(words) => {
                if ours.code != Some(1) || !ours.stdout.is_empty() {
                    return Some("this is not wrong".to_owned());
                }
                let unsaid = words.iter().find(|word| !ours.stderr.contains(*word));
                unsaid.map(|word| format!("ours does not say {word:?}"))
            }
        }
    }
}

/// Namespaces and names of a table, or the lines of what has no heading.
pub(super) fn leases(stdout: &str) -> Vec<String> {
    let mut lines = stdout.lines();
    let Some(heading) = lines.next() else {
        return Vec::new();
    };
    let columns: Vec<_> = heading.split_whitespace().collect();
    let wanted = match columns.as_slice() {
        ["NAMESPACE", "NAME", ..] => 2,
        ["NAME", ..] => 1,
        // Without a heading, the name is first, or after the namespace: neither has a space, and
        // what follows differs.
        _ => return stdout.lines().map(|line| words(line, 1)).collect(),
    };
    lines.map(|line| words(line, wanted)).collect()
}

fn words(line: &str, count: usize) -> String {
    let words: Vec<_> = line.split_whitespace().take(count).collect();
    words.join("/")
}

/// The leases that are said to be missing.
fn missing(stderr: &str) -> Vec<String> {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new("\"([^\"]+)\"").unwrap());
    let errors = stderr.lines().filter(|line| is_error(line));
    errors
        .filter_map(|line| Some(QUOTED.captures(line)?[1].to_owned()))
        .collect()
}

/// What is said that is no error.
fn notes(stderr: &str) -> Vec<&str> {
    let is_note = |line: &&str| !is_error(line) && !line.starts_with("  ");
    stderr.lines().filter(is_note).collect()
}

fn is_error(line: &str) -> bool {
    line.starts_with("error: ") || line.starts_with("Error ")
}
