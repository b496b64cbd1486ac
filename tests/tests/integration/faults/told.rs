//! What a command told of a fault, and the snapshots of it.

use std::sync::LazyLock;
use std::time::Duration;

use crate::every_verb::VERBS;
use lease_tests::Output;
use regex::Regex;

/// What a command told, and how long that took.
pub(super) struct Told {
    pub(super) elapsed: Duration,
    pub(super) namespace: String,
    pub(super) output: Output,
    /// How many requests (or connections) it tried.
    pub(super) requests: usize,
}

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, by| (Regex::new(pattern).unwrap(), by);
    vec![
        rule(r"/[^ ]*/lease-apiserver-[^/]+/home", "<home>"),
        rule(r"kubeconfig-[-\w]+", "<kubeconfig>"),
        rule(r"\block-(seen|new|free|kept|given|over|left)\b", "<lock>"),
        rule(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
        rule(r"\b2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", "<time>"),
        rule(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        rule(r"[-.\w]+@[^_ ]+_<uuid>", "<user>@<host>_<uuid>"),
        rule(r"((Version|token): +)\d+", "${1}<version>"),
        rule(r"\bin \d+[smh](\d+[smh])?\b", "in <duration>"),
        rule(r"\b\d+[smh](\d+[smh])? ago\b", "<duration> ago"),
    ]
});

impl Told {
    /// All of it, without what differs from run to run.
    pub(super) fn text(&self) -> String {
        let mut text = self.output.stdout.clone();
        for line in self.output.stderr.lines() {
            text += &format!("2| {line}\n");
        }
        let mut text = text.replace(&self.namespace, "<namespace>");
        for (pattern, by) in RULES.iter() {
            text = pattern.replace_all(&text, *by).into_owned();
        }
        let code = self.output.code;
        format!(
            "{text}exit {}\n",
            code.map_or("by a signal".to_owned(), |code| code.to_string())
        )
    }
}

/// What all verbs told of one fault, to be reviewed. Verbs that told the same stand together; of
/// those that succeeded there is nothing to review.
pub(super) fn transcript(fault: &str, told: &[Told]) -> String {
    let mut groups: Vec<(String, String)> = Vec::new();
    for (verb, told) in VERBS.iter().zip(told) {
        let text = if told.output.code == Some(0) {
            "exit 0\n".to_owned()
        } else {
            told.text()
        };
        let line = format!("$ {}\n", verb.line);
        match groups.iter_mut().find(|(_, of_group)| *of_group == text) {
            Some((lines, _)) => *lines += &line,
            None => groups.push((line, text)),
        }
    }
    let texts = groups.into_iter().map(|(lines, text)| lines + &text + "\n");
    format!("== {fault} ==\n{}", texts.collect::<String>())
}
