//! The formats that are not tables.

use std::collections::HashMap;

use clap::ValueEnum;
use lease_client::Lease;
use lease_core::{FencingToken, Standing};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::escape;
use crate::failure::Failure;
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
    for_people: impl FnOnce() -> String,
) -> Result<String, Failure> {
    let object = || Value::Object(status::object(lease, standing, token));
    match output {
        Output::Json => Ok(json(&object())),
        Output::Name => Ok(name(&lease.snapshot().name)),
        Output::Table | Output::Wide => Ok(for_people()),
        Output::Yaml => yaml(object()),
    }
}

/// A list as kubectl prints it.
pub(crate) fn list(items: Vec<Map<String, Value>>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {"resourceVersion": ""},
        "items": items,
    })
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

/// YAML, with strings that a terminal would obey in double quotes and escaped.
///
/// The serializer does not escape what is merely invisible, and whether it quotes is its own
/// choice. So such strings are stood in for by words that need no quotes.
pub(crate) fn yaml(mut value: Value) -> Result<String, Failure> {
    let mut stood_in = HashMap::new();
    stand_in(&mut value, &mut stood_in);
    let mut text = serde_saphyr::to_string(&value)
        .map_err(|error| Failure::error("cannot write YAML").cause(error.to_string()))?;
    for (word, string) in stood_in {
        // YAML's double-quoted strings take JSON's escapes.
        text = text.replace(&word, &escape_in_string(&Value::String(string).to_string()));
    }
    Ok(text)
}

fn stand_in(value: &mut Value, stood_in: &mut HashMap<String, String>) {
    match value {
        Value::String(string) if escape::shown(string) != string.as_str() => {
            let word = format!("x{}", Uuid::new_v4().simple());
            stood_in.insert(word.clone(), std::mem::replace(string, word));
        }
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| stand_in(value, stood_in)),
        Value::Object(values) => values
            .values_mut()
            .for_each(|value| stand_in(value, stood_in)),
        _ => {}
    }
}

/// The name by which kubectl takes a lease back.
pub(crate) fn name(name: &str) -> String {
    format!("lease.coordination.k8s.io/{name}\n")
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
    }
}
