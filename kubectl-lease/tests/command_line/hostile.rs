//! Leases whose text was made to harm whoever looks at them.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::cluster::{Sandbox, lease};
use crate::shell::Said;

/// What moves the cursor, clears the screen, sets the title, rings, breaks the line, reorders, or
/// hides: as C0, DEL, C1 (also as UTF-8), line separators, and Unicode's formatting characters.
const HARMFUL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\t\u{8}\u{0}\u{7f}\u{9b}31m\u{9d}\u{85}\
    \u{2028}\u{2029}\u{202e}evil\u{202c}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}\u{feff}\
    \u{ad}\u{fff9}\u{e0041}";

/// A holder that looks like a row of the table once its line breaks.
const A_ROW_MORE: &str = "x\nfake-lock   held   mallory   0s ago   in 15s   15s   0   1d\n";

fn hostile_locks() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("escapes-expired", HARMFUL, 15, 600);
    sandbox.lock("escapes-held", HARMFUL, 600, 1);
    sandbox.lock("reordered", "alice\u{202e}evil", 15, 600);
    sandbox.lock("more-rows", A_ROW_MORE, 15, 600);
    sandbox.lock("ten-kilobytes", &"0123456789".repeat(1024), 15, 600);
    sandbox.lock("ten-kilobytes-held", &"\u{1b}[1m主".repeat(1500), 600, 1);
    sandbox.lock("wide", "主機〇〇一_コンテナ", 15, 600);
    sandbox.lock("wide-combined", "e\u{301}👩\u{200d}💻🇨🇭", 15, 600);
    sandbox.lock("longest-duration", "alice", i32::MAX, 600);
    sandbox.lock(&"n".repeat(253), "bob", 15, 600);
    sandbox.seed(600, "work", &json!({ "metadata": { "name": "no-spec" } }));
    sandbox.seed(600, "work", &lease("empty-spec", json!({})));
    let mut year_one = sandbox.record("alice", 15, 600);
    year_one["renewTime"] = json!("0001-01-01T00:00:00.000000Z");
    year_one["acquireTime"] = json!("0001-01-01T00:00:00.000000Z");
    sandbox.seed(600, "work", &lease("year-one", year_one));
    let mut year_two = sandbox.record("alice", 15, 600);
    year_two["renewTime"] = json!("0002-01-02T00:00:00.000000Z");
    sandbox.seed(600, "work", &lease("year-two", year_two));
    let mut last_year = sandbox.record("alice", i32::MAX, 600);
    last_year["renewTime"] = json!("9999-12-30T00:00:00.000000Z");
    last_year["leaseTransitions"] = json!(i32::MAX);
    sandbox.seed(600, "work", &lease("year-9999", last_year));
    sandbox.seed(
        600,
        "work",
        &json!({
            "metadata": {
                "name": "annotated",
                "annotations": { "example.com/note": HARMFUL, "app.terraform.io/lock-info": HARMFUL },
            },
            "spec": sandbox.record("alice", 15, 600),
        }),
    );
    sandbox
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let said = sandbox.shell.run("ls -o name");
    assert_eq!(said.code, Some(0), "{said:?}");
    let names: Vec<String> = said
        .stdout
        .lines()
        .map(|line| line.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 16, "{names:?}");
    names
}

/// Whether a terminal obeys it, or a reader is misled by it. A line break is none where the
/// program makes its own lines.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n') || (HARMFUL.contains(c) && !c.is_ascii())
}

#[track_caller]
fn assert_harmless(line: &str, said: &Said) {
    for text in [&said.stdout, &said.stderr] {
        if let Some(at) = text.chars().position(is_harmful) {
            let around: String = text.chars().skip(at.saturating_sub(40)).take(80).collect();
            panic!("{line}: {around:?}");
        }
    }
    assert!(!said.stderr.contains("panicked"), "{line}: {said:?}");
    let code = said.code.unwrap_or_else(|| panic!("{line}: {said:?}"));
    assert!([0, 1, 3, 4].contains(&code), "{line}: {said:?}");
}

#[test]
fn nothing_harmful_is_printed() {
    let sandbox = hostile_locks();
    for format in ["table", "wide", "json", "name"] {
        for line in [format!("ls -o {format}"), format!("ls -A -o {format}")] {
            let said = sandbox.shell.run(&line);
            assert_eq!(said.code, Some(0), "{line}: {said:?}");
            assert_harmless(&line, &said);
        }
    }
    for name in names(&sandbox) {
        let line = format!("describe {name}");
        let said = sandbox.shell.run(&line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        assert_harmless(&line, &said);
    }
}

#[test]
fn nothing_harmful_is_printed_as_yaml() {
    let sandbox = hostile_locks();
    for line in [
        "ls -o yaml",
        "ls -A -o yaml",
        "steal reordered --release -o yaml",
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        assert_harmless(line, &said);
    }
    for name in names(&sandbox) {
        let line = format!("describe {name} -o yaml");
        assert_harmless(&line, &sandbox.shell.run(&line));
    }
}

#[test]
fn nothing_harmful_is_printed_by_verbs_that_write() {
    let sandbox = hostile_locks();
    for name in names(&sandbox) {
        for line in [
            format!("renew {name} --identity me"),
            format!("acquire {name} --try --identity me --duration 2147483647"),
            format!("steal {name} --identity me --expiry stamped"),
            format!("release {name} --identity me"),
            format!("timing {name}"),
        ] {
            assert_harmless(&line, &sandbox.shell.run(&line));
        }
    }
    let sandbox = hostile_locks();
    for name in names(&sandbox) {
        for flags in [
            "",
            " --now -o yaml",
            " --now -o json",
            " --yes --resource-version 1",
        ] {
            let line = format!("force-release {name}{flags}");
            let line = format!(
                "{line}{}",
                if flags.contains("yes") {
                    ""
                } else {
                    " --dry-run"
                }
            );
            assert_harmless(&line, &sandbox.shell.run(&line));
        }
        let line = format!("steal {name} --identity other --expiry recorded --release");
        assert_harmless(&line, &sandbox.shell.run(&line));
    }
}

#[test]
fn a_hostile_holder_that_lives_is_refused_in_one_harmless_line() {
    let sandbox = hostile_locks();
    for verb in [
        "steal",
        "steal --release",
        "acquire --try",
        "renew --identity me",
    ] {
        let line = format!("{verb} escapes-held");
        let said = sandbox.shell.run(&line);
        let expected = if verb.starts_with("acquire") { 4 } else { 3 };
        assert_eq!(said.code, Some(expected), "{line}: {said:?}");
        assert_harmless(&line, &said);
        assert!(said.stderr.contains("^[[2J"), "{line}: {said:?}");
        for line in said.stderr.lines() {
            let known = ["error: ", "  because: ", "  hint: "];
            assert!(
                known.iter().any(|start| line.starts_with(start)),
                "{line:?}"
            );
        }
    }
}

#[test]
fn a_refusal_cuts_what_is_endless() {
    let sandbox = hostile_locks();
    let said = sandbox.shell.run("steal ten-kilobytes-held");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_harmless("steal", &said);
    assert!(said.stderr.chars().count() < 5000, "{said:?}");
}

/// Each row is one line, and its columns stand where the header has them, however wide a
/// character is.
#[test]
fn columns_stay_aligned() {
    let sandbox = hostile_locks();
    for line in ["ls", "ls -o wide", "ls -A"] {
        let said = sandbox.shell.run(line);
        let lines: Vec<&str> = said.stdout.lines().collect();
        assert_eq!(lines.len(), 17, "{line}: {}", said.stdout);
        let header = lines[0];
        for (column, _) in header.match_indices("DURATION") {
            let column = header[..column].width();
            for row in &lines[1..] {
                let (before, after) = split_at_width(row, column);
                assert!(before.ends_with("   "), "{line}: {row:?}");
                assert!(!after.starts_with(' '), "{line}: {row:?}");
            }
        }
    }
}

fn split_at_width(text: &str, width: usize) -> (&str, &str) {
    let at = text
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| text[..*at].width() >= width)
        .unwrap_or(text.len());
    text.split_at(at)
}

/// What was escaped means the same to a program.
#[test]
fn json_and_yaml_keep_every_character() {
    let sandbox = hostile_locks();
    for name in names(&sandbox) {
        let stored = sandbox.cluster.get("work", &name).unwrap();

        let json = sandbox.shell.run(&format!("describe {name} -o json"));
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["spec"], stored["spec"], "{name}");
        assert_eq!(
            json["metadata"]["annotations"], stored["metadata"]["annotations"],
            "{name}"
        );

        let yaml = sandbox.shell.run(&format!("describe {name} -o yaml"));
        let yaml: Value = serde_saphyr::from_str(&yaml.stdout)
            .unwrap_or_else(|error| panic!("{name}: {error}: {}", yaml.stdout));
        assert_eq!(yaml["spec"], json["spec"], "{name}");
        assert_eq!(yaml["metadata"], json["metadata"], "{name}");
    }
}

/// What is typed comes back in errors too: names often come from another program's output.
#[test]
fn what_is_typed_is_shown_harmlessly() {
    assert_typed_is_harmless(&[
        &["describe"],
        &["ls"],
        &["ls", "-n"],
        &["ls", "-l"],
        &["ls", "--field-selector"],
        &["ls", "--holder"],
        &["ls", "--sort-by"],
        &["describe", "lock", "-n"],
        &["acquire", "--try", "new", "--identity"],
        &["release", "lock", "--identity"],
        &["ls", "--context"],
        &["ls", "--kubeconfig"],
    ]);
}

#[test]
fn what_is_typed_wrong_is_shown_harmlessly() {
    assert_typed_is_harmless(&[
        &[],
        &["describe", "lock"],
        &["ls", "--state"],
        &["ls", "--request-timeout"],
        &["acquire", "--try", "new", "--duration"],
    ]);
}

/// Each command, with what is harmful as its last argument.
#[track_caller]
fn assert_typed_is_harmless(commands: &[&[&str]]) {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 600, 1);
    let typed = HARMFUL.replace('\0', "");
    for command in commands {
        let args = command.iter().copied().chain([typed.as_str()]);
        let said = Said::of(&mut sandbox.shell.command(args));
        assert_harmless(&format!("{command:?}"), &said);
    }
}
