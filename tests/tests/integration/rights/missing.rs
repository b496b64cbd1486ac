//! A right that was told as missing.

use std::time::Duration;

use lease_tests::{Client, Output};

use crate::every_verb::Verb;
use crate::lock::until;

/// Being refused takes no time; this is for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A right in the words of `kubectl auth can-i`.
#[derive(Debug)]
pub(super) struct Missing {
    /// All that follows `kubectl`.
    words: Vec<String>,
    pub(super) verb: String,
    /// The lease, where the right is about one.
    pub(super) name: Option<String>,
}

/// Runs a verb as somebody.
pub(super) fn run(client: &Client, verb: &Verb, flags: &[&str]) -> Output {
    let mut command = client.plugin_command();
    command.args(verb.line.split_whitespace()).args(flags);
    Output::within(&mut command, LIMIT)
}

impl Missing {
    /// Reads the right from what a verb told that was refused, or says why it cannot be read.
    pub(super) fn told(output: &Output, verb: &Verb) -> Result<Self, String> {
        let wrong = |what: &str| format!("{}: {what}: {output:#?}", verb.line);
        if output.code != Some(3) {
            return Err(wrong("not refused with exit code 3"));
        }
        let begin = "`kubectl auth can-i ";
        let (_, rest) = output
            .stderr
            .split_once(begin)
            .ok_or_else(|| wrong("does not tell the missing right"))?;
        let (words, _) = rest
            .split_once('`')
            .ok_or_else(|| wrong("the command has no end"))?;
        let words: Vec<_> = words.split(' ').map(ToOwned::to_owned).collect();
        let [verb_word, resource, ..] = words.as_slice() else {
            return Err(wrong("this is no right"));
        };
        let (resource, name) = match resource.split_once('/') {
            Some((resource, name)) => (resource, Some(name.to_owned())),
            None => (resource.as_str(), None),
        };
        if resource != "leases.coordination.k8s.io" {
            return Err(wrong("this is no right to leases"));
        }
        Ok(Self {
            verb: verb_word.clone(),
            name,
            words: [vec!["auth".to_owned(), "can-i".to_owned()], words].concat(),
        })
    }

    /// The right in short.
    pub(super) fn right(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name}", self.verb),
            None => self.verb.clone(),
        }
    }

    /// Asks the real kubectl in the very words that were told, as who was refused.
    pub(super) fn is_answered_with_no(&self, client: &Client) {
        let answer = client.kubectl(&self.words);
        assert!(
            answer.code == Some(1) && answer.stdout == "no\n",
            "kubectl {}: {answer:?}",
            self.words.join(" ")
        );
    }

    /// Waits until the server knows of a right that was given.
    pub(super) fn becomes_yes(&self, client: &Client) {
        until("the right is known", || {
            client.kubectl(&self.words).stdout == "yes\n"
        });
    }
}
