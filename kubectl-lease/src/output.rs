//! The formats that are not tables.

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

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
    // `{:#}` indents by two; kubectl by four.
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, indent);
    // A Value that is written to memory cannot fail.
    let _ = serde::Serialize::serialize(value, &mut serializer);
    text.push(b'\n');
    // Control characters are escaped by JSON itself, but not the bidirectional ones.
    escape_formatting(&String::from_utf8_lossy(&text))
}

/// YAML.
pub(crate) fn yaml(value: &Value) -> Result<String, Failure> {
    let text = serde_saphyr::to_string(value)
        .map_err(|error| Failure::error("cannot write YAML").cause(error.to_string()))?;
    Ok(text)
}

/// The name by which kubectl takes a lease back.
pub(crate) fn name(name: &str) -> String {
    format!("lease.coordination.k8s.io/{name}\n")
}

/// Writes what JSON lets through but a terminal obeys as JSON escapes, which mean the same.
fn escape_formatting(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        let obeyed = c != '\n' && crate::escape::shown(c.encode_utf8(&mut [0; 4])) != c.to_string();
        if obeyed {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}
