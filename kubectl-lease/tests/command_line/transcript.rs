//! What was typed and what came of it, with all that differs from run to run replaced.

use std::process::Command;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::shell::{Said, Shell};

/// A session at a shell as text, to be compared with a snapshot.
pub(crate) struct Transcript<'a> {
    shell: &'a Shell,
    text: String,
}

impl<'a> Transcript<'a> {
    pub(crate) fn new(shell: &'a Shell) -> Self {
        Self {
            shell,
            text: String::new(),
        }
    }

    /// Types a line.
    pub(crate) fn run(&mut self, line: &str) -> Said {
        self.run_command(line, &mut self.shell.command(line.split_whitespace()))
    }

    /// Runs a command that is more than its line.
    pub(crate) fn run_command(&mut self, line: &str, command: &mut Command) -> Said {
        let said = Said::of(command);
        self.note(line, &said);
        said
    }

    /// Adds what came of a line.
    pub(crate) fn note(&mut self, line: &str, said: &Said) {
        let mut answer = said.stdout.clone();
        for line in said.stderr.lines() {
            answer += &format!("2| {line}\n");
        }
        let code = said.code.map_or("a signal".to_owned(), |c| c.to_string());
        self.text += &format!("$ {line}\n{}exit {code}\n\n", self.normal(&answer));
    }

    /// The whole session.
    pub(crate) fn end(self) -> String {
        self.text.trim_end().to_owned()
    }

    fn normal(&self, text: &str) -> String {
        let home = self.shell.home().display().to_string();
        normal(&text.replace(&home, "<home>"))
    }
}

fn normal(text: &str) -> String {
    static UUID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap());
    static HOST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"somebody@[^_\s]+_").unwrap());
    static TIME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").unwrap());
    static VERSION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(Version: +|token: +|resourceVersion"?: "?|fencingToken"?: "?)\d+"#).unwrap()
    });
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(taken-by"?: "?\S+ )[0-9a-f]+"#).unwrap());
    static DIGEST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{64}\b").unwrap());
    static PORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"127\.0\.0\.1:\d+").unwrap());

    let text = UUID.replace_all(text, "<uuid>");
    let text = DIGEST.replace_all(&text, "<sha256>");
    let text = HOST.replace_all(&text, "somebody@<host>_");
    let text = VERSION.replace_all(&text, "${1}<version>");
    let text = NUMBER.replace_all(&text, "${1}<number>");
    let text = PORT.replace_all(&text, "127.0.0.1:<port>");
    let text = TIME.replace_all(&text, |found: &Captures<'_>| {
        // Real clocks are past 2020: what the standing clock shows stays.
        if found[0] < *"2021" || found[0] > *"9999" {
            found[0].to_owned()
        } else {
            "<time>".to_owned()
        }
    });
    text.into_owned()
}
