//! Replacing what differs between two servers, or two runs, that do the same.

use std::sync::LazyLock;

use regex::Regex;

use super::side::Side;

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, by| (Regex::new(pattern).expect("the rules are valid"), by);
    vec![
        rule(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        rule(r"\b2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<micro time>"),
        rule(r"\b2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
        rule(
            r#"(Version: +|token: +|resourceVersion"?: "?|fencingToken"?: "?)\d+"#,
            "${1}<version>",
        ),
        // The number that each contender has of its own.
        rule(r#"(taken-by"?[:=] *"?\S+ )[0-9a-f]+"#, "${1}<number>"),
        rule(r#"(expiresInSeconds"?: )-?\d+"#, "${1}<seconds>"),
        rule(r"\b(in|since) \d+[smh](\d+[smh])?\b", "${1} <duration>"),
        rule(r"\b\d+[smh](\d+[smh])? ago\b", "<duration> ago"),
        // A lease of a second is late, or not, by whole seconds.
        rule(
            "whose lease (runs for another [0-9a-z]+|is over, but only within the margin)",
            "whose lease <lasts>",
        ),
        rule(
            r" (elsewhere\?|gone|\?)( +(client-go|<none>))",
            " <object>$2",
        ),
        rule(r"(taken it for) \d+[smh](\d+[smh])?", "$1 <duration>"),
        // The age of a row: its last column, or one before labels or our wide columns.
        rule(
            r"(?m) {2,}\d+[sm](\d+s)?($| +(client-go|<none>|<object>|- +client-go|\w+=\w))",
            "  <age>$2",
        ),
        // kubectl complains where it cancels a watch of its own before that is open.
        rule(r"(?m)^E\d{4} .*reflector\.go.*context canceled.*\n", ""),
        // The sandbox has neither pods nor nodes, so it knows nobody behind a holder, and says so.
        rule(r"(?m)^could not be read, and would tell more: .*\n", ""),
        rule(
            r"(?m)^ {2,}(no pod and no node is called|there is no pod and no node|who that is cannot be told:) .*\n",
            "",
        ),
        // The width of a column is that of what was replaced.
        rule(r"(?m)([^ \n]) {2,}", "${1}  "),
    ]
});

/// A text without what always differs.
pub(super) fn normal(text: &str, side: &Side) -> String {
    let folder = side.folder().display().to_string();
    let mut text = text
        .replace(&folder, "<folder>")
        .replace(side.namespace(), "<namespace>");
    for (pattern, by) in RULES.iter() {
        text = pattern.replace_all(&text, *by).into_owned();
    }
    text
}
