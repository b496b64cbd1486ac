//! The formats that are not tables.

use std::collections::HashMap;
use std::io::{self, Write};

use clap::ValueEnum;
use lease_client::Lease;
use lease_core::{FencingToken, Standing};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::escape;
use crate::failure::Failure;
use crate::lock_name;
use crate::status;

/// How to print.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    /// The Lease objects, with a computed `status`
    Json,
    /// lease.coordination.k8s.io/NAME, a line each
    Name,
    /// A table for people
    Table,
    /// A table with more columns
    Wide,
    /// As json, in YAML
    Yaml,
}

impl Output {
    /// Whether people read it.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}

/// One lease in the format that was asked for, `for_people` making the text that is not data.
pub(crate) fn one(
    output: Output,
    lease: &Lease,
    standing: &Standing,
    token: Option<&FencingToken>,
    waiters: Option<usize>,
    for_people: impl FnOnce() -> String,
) -> Result<String, Failure> {
    let object = || {
        let mut object = Value::Object(status::object(lease, standing, token));
        if let Some(waiters) = waiters {
            status::add_waiters(&mut object, waiters);
        }
        object
    };
    match output {
        Output::Json => Ok(json(&object())),
        Output::Name => Ok(name(&lock_name::of(lease.snapshot()))),
        Output::Table | Output::Wide => Ok(for_people()),
        Output::Yaml => Ok(yaml(object())?),
    }
}

/// Writes a list as kubectl prints it, in JSON, object by object.
pub(crate) fn json_list(
    out: &mut dyn Write,
    objects: impl IntoIterator<Item = Value>,
) -> io::Result<()> {
    write!(out, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    let mut between = "\n";
    for object in objects {
        out.write_all(between.as_bytes())?;
        // No string of JSON has a line break in it.
        let object = json(&object).trim_end().replace('\n', "\n        ");
        write!(out, "        {object}")?;
        between = ",\n";
    }
    if between != "\n" {
        write!(out, "\n    ")?;
    }
    writeln!(
        out,
        "],\n    \"kind\": \"List\",\n    \"metadata\": {{\n        \"resourceVersion\": \"\"\n    }}\n}}"
    )
}

/// Writes a list as kubectl prints it, in YAML, object by object.
pub(crate) fn yaml_list(
    out: &mut dyn Write,
    objects: impl IntoIterator<Item = Value>,
) -> io::Result<()> {
    let mut objects = objects.into_iter().peekable();
    let none = if objects.peek().is_none() { " []" } else { "" };
    writeln!(out, "apiVersion: v1\nitems:{none}")?;
    for object in objects {
        out.write_all(yaml(json!([object]))?.as_bytes())?;
    }
    writeln!(out, "kind: List\nmetadata:\n  resourceVersion: \"\"")
}

/// JSON as kubectl indents it.
pub(crate) fn json(value: &Value) -> String {
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, indent);
    // A Value that is written to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    text.push(b'\n');
    escape_in_string(&String::from_utf8_lossy(&text))
}

/// JSON in one line.
pub(crate) fn json_line(value: &impl Serialize) -> String {
    // What is given has only keys that are strings, so that it cannot fail.
    let text = serde_json::to_string(value).unwrap_or_default();
    escape_in_string(&text) + "\n"
}

/// YAML, with strings that a terminal would obey in double quotes and escaped.
///
/// The serializer does not escape what is merely invisible, and whether it quotes is its own
/// choice. So such strings are stood in for by words that need no quotes.
pub(crate) fn yaml(mut value: Value) -> io::Result<String> {
    let mut stood_in = HashMap::new();
    stand_in(&mut value, &mut stood_in);
    let mut text = serde_saphyr::to_string(&value).map_err(io::Error::other)?;
    for (word, string) in stood_in {
        // YAML's double-quoted strings take JSON's escapes.
        text = text.replace(&word, &escape_in_string(&Value::String(string).to_string()));
    }
    Ok(text)
}

fn stand_in(value: &mut Value, stood_in: &mut HashMap<String, String>) {
    match value {
        Value::String(string) => stand_in_text(string, stood_in),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| stand_in(value, stood_in)),
        Value::Object(values) => {
            for (mut key, mut value) in std::mem::take(values) {
                stand_in_text(&mut key, stood_in);
                stand_in(&mut value, stood_in);
                values.insert(key, value);
            }
        }
        _ => {}
    }
}

fn stand_in_text(text: &mut String, stood_in: &mut HashMap<String, String>) {
    if escape::shown(text) != text.as_str() {
        let word = format!("x{}", Uuid::new_v4().simple());
        stood_in.insert(word.clone(), std::mem::replace(text, word));
    }
}

/// The name by which kubectl takes a lock back.
pub(crate) fn name(name: &str) -> String {
    match lock_name::config_map(name) {
        Some(_) => format!("{name}\n"),
        None => format!("lease.coordination.k8s.io/{name}\n"),
    }
}

/// Writes what JSON lets through but a terminal obeys as JSON escapes, which mean the same.
fn escape_in_string(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && lease_core::is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_harmless_and_means_the_same(text in any::<String>()) {
            let value = json!({"a": text, "b": [format!("\u{1b}{text}\u{202e}\u{e0041}")]});
            let (json, yaml) = (json(&value), yaml(value.clone()).unwrap());
            for printed in [&json, &yaml] {
                prop_assert!(!printed.chars().any(|c| c != '\n' && lease_core::is_unprintable(c)));
            }
            prop_assert_eq!(&serde_json::from_str::<Value>(&json).unwrap(), &value);
            prop_assert_eq!(&serde_saphyr::from_str::<Value>(&yaml).unwrap(), &value);
        }

        #[test]
        fn a_list_that_is_written_piece_by_piece_looks_as_one_that_is_not(
            texts in prop::collection::vec("[a-z{}\\n\\u{1b}: -]{0,8}", 0..4)
        ) {
            let objects: Vec<Value> = texts
                .iter()
                .map(|text| json!({"a": {"b": [text, {}]}, "c": text}))
                .collect();
            let whole = json!({
                "apiVersion": "v1", "items": objects, "kind": "List",
                "metadata": {"resourceVersion": ""},
            });
            let mut written = Vec::new();
            json_list(&mut written, objects.clone()).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), json(&whole));
            let mut written = Vec::new();
            yaml_list(&mut written, objects).unwrap();
            let words = regex::Regex::new("x[0-9a-f]{32}").unwrap();
            prop_assert!(!words.is_match(&String::from_utf8_lossy(&written)));
            prop_assert_eq!(String::from_utf8(written).unwrap(), yaml(whole).unwrap());
        }
    }
}
