//! Leases as objects: ours have a `status`, and nothing else differs.

use std::sync::LazyLock;

use lease_tests::ApiServer;
use regex::Regex;
use serde_json::{Value, json};

use super::{both, make};
use crate::every_verb::run_all;
use crate::lock::held;

const CHOICES: &[&str] = &[
    "",
    "one",
    "two one",
    "one one",
    "-l team=blue",
    "-l team=green",
    "-n EMPTY",
    "-n no-such-namespace",
    "zero",
    "one zero",
    "zero none",
    "-A -l table=HERE",
    "-A -l table=none",
    "--sort-by=.spec.leaseDurationSeconds",
    "--sort-by=.spec.holderIdentity two one",
    "--no-headers",
    "--field-selector metadata.name=one",
];

/// Every choice in both formats, down to the order of keys and the indentation.
#[test]
fn the_same_objects_are_printed_with_a_status() {
    let namespaces = ApiServer::shared().namespaces("beside", 3);
    let [here, there, empty] = namespaces.as_slice() else {
        unreachable!("three were asked for")
    };
    make(here, there, here.name());
    let rows: Vec<_> = CHOICES
        .iter()
        .flat_map(|choice| ["json", "yaml"].map(|format| (*choice, format)))
        .collect();
    let parted = run_all(&rows, |(choice, format)| {
        let choice = choice
            .replace("EMPTY", empty.name())
            .replace("HERE", here.name());
        let said = both(here.admin(), &format!("{choice} -o {format}"), |_| ());
        let ours = without_status(&said.ours.stdout, format);
        if said.ours.code == said.theirs.code && ours == said.theirs.stdout {
            return None;
        }
        Some(format!(
            "{choice} -o {format}: {:?} and {:?}\n{ours}\nis not\n{}",
            said.ours.code, said.theirs.code, said.theirs.stdout
        ))
    });
    let parted: Vec<_> = parted.into_iter().flatten().collect();
    assert!(parted.is_empty(), "\n{}", parted.join("\n"));
}

/// The text without each lease's `status`, which is last of its keys.
fn without_status(text: &str, format: &str) -> String {
    static JSON: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [4, 12].map(|indent| {
            let pattern = format!(r#"(?s),\n {{{indent}}}"status": \{{\n.*?\n {{{indent}}}\}}\n"#);
            Regex::new(&pattern).unwrap()
        })
    });
    static YAML: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [(0, 2), (2, 4)].map(|(indent, more)| {
            let pattern = format!(r"(?m)^ {{{indent}}}status:\n( {{{more},}}.*\n)*");
            Regex::new(&pattern).unwrap()
        })
    });
    let (patterns, by) = if format == "json" {
        (&*JSON, "\n")
    } else {
        (&*YAML, "")
    };
    let mut text = text.to_owned();
    for pattern in patterns {
        text = pattern.replace_all(&text, by).into_owned();
    }
    text
}

/// Texts that a format has to quote mean the same to who reads them.
#[test]
fn odd_texts_mean_the_same() {
    let namespace = ApiServer::shared().namespace("beside");
    let texts = [
        "",
        " ",
        "null",
        "~",
        "true",
        "no",
        "0",
        "0123",
        "1e3",
        "0x1f",
        "1_000",
        ".inf",
        "2026-01-02",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "'",
        "\"",
        "\\",
        "a\nb",
        "a\nb\n",
        "\na",
        "a \n b",
        "\ttab",
        "!tag",
        "&anchor",
        "*alias",
        "%directive",
        "@at",
        "`tick`",
        "{a}",
        "[a]",
        "a,b",
        "---",
        "...",
        "ends with:",
        ":",
        "=",
        "<<",
        "ü€😀",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
    ];
    let leases: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let mut lease = held(&format!("odd-{number}"), text, 600);
            lease["metadata"]["annotations"] = json!({"text": text});
            lease
        })
        .collect();
    namespace.admin().create_all(&leases);

    let said = both(namespace.admin(), "-o json", |_| ());
    let (mut ours, theirs) = (said.ours.json(), said.theirs.json());
    remove_status(&mut ours);
    assert_eq!(ours, theirs);
    let said = both(namespace.admin(), "-o yaml", |_| ());
    let mut ours: Value = serde_saphyr::from_str(&said.ours.success().stdout).unwrap();
    remove_status(&mut ours);
    assert_eq!(ours, theirs);
}

fn remove_status(list: &mut Value) {
    for item in list["items"].as_array_mut().unwrap() {
        let status = item.as_object_mut().unwrap().remove("status");
        assert!(status.is_some(), "{item}");
    }
}
