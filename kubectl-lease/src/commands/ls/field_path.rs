//! A field of an object, in the syntax of kubectl's `--sort-by`.

use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

/// A path as kubectl takes it: `.metadata.name`, `{.metadata.name}` or `metadata.name`, with `\.`
/// for a point within a key.
#[derive(Clone, Debug)]
pub(super) struct FieldPath {
    typed: String,
    query: JpQuery,
}

impl FieldPath {
    /// Reads a path; `None` if it is none.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let path = match typed.strip_prefix('{') {
            Some(inner) => inner.strip_suffix('}')?,
            None => typed,
        };
        if path.is_empty() || path.contains(['{', '}']) {
            return None;
        }
        let path = format!(".{}", path.strip_prefix('.').unwrap_or(path));
        let query = parse_json_path(&standard(&path)?).ok()?;
        Some(Self {
            typed: typed.to_owned(),
            query,
        })
    }

    /// The first value that it leads to.
    pub(super) fn find<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        let found = js_path_process(&self.query, object).ok()?;
        found
            .into_iter()
            .next()
            .map(jsonpath_rust::query::QueryRef::val)
    }

    /// The path as it was typed.
    pub(super) fn typed(&self) -> &str {
        &self.typed
    }
}

/// The path as RFC 9535 has it. It differs in its names: kubectl's may contain anything but a few
/// signs, and those too behind a backslash (client-go's `util/jsonpath`).
fn standard(path: &str) -> Option<String> {
    let mut standard = String::from("$");
    let mut rest = path;
    while !rest.is_empty() {
        if rest.starts_with('[') {
            let end = end_of_brackets(rest)?;
            standard.push_str(&rest[..end].replace("\\.", "."));
            rest = &rest[end..];
            continue;
        }
        if let Some(after) = rest.strip_prefix("..") {
            standard.push_str("..");
            rest = after;
        } else {
            rest = rest.strip_prefix('.')?;
        }
        if rest.starts_with('[') {
            continue;
        }
        let (name, after) = name(rest);
        match name.as_str() {
            "" => return None,
            "*" => standard.push_str("[*]"),
            name => standard.push_str(&format!("[{}]", Value::from(name))),
        }
        rest = after;
    }
    Some(standard)
}

/// A name up to the sign that ends it.
fn name(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            ' ' | '\t' | '.' | ',' | '[' | ']' | '$' | '@' => return (name, &text[at..]),
            c => name.push(c),
        }
    }
    (name, "")
}

/// Where the brackets end that a text begins with.
fn end_of_brackets(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (_, '\\') => is_escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_where_kubectl_s_lead() {
        let lease = json!({
            "metadata": {
                "name": "a", "labels": {"app.kubernetes.io/name": "x", "with-hyphen": "y"},
                "ownerReferences": [{"kind": "Pod", "name": "p"}, {"kind": "Job", "name": "j"}],
            },
            "spec": {"leaseTransitions": 3, "holderIdentity": null},
        });
        let found = |path: &str| FieldPath::parse(path).unwrap().find(&lease).cloned();
        for (path, expected) in [
            (".metadata.name", json!("a")),
            ("metadata.name", json!("a")),
            ("{.metadata.name}", json!("a")),
            ("{metadata.name}", json!("a")),
            (".spec.leaseTransitions", json!(3)),
            (".spec.holderIdentity", json!(null)),
            (r".metadata.labels.app\.kubernetes\.io/name", json!("x")),
            (r".metadata.labels['app\.kubernetes\.io/name']", json!("x")),
            (".metadata.labels['app.kubernetes.io/name']", json!("x")),
            (".metadata.labels.with-hyphen", json!("y")),
            (".metadata.ownerReferences[0].name", json!("p")),
            (".metadata.ownerReferences[-1].name", json!("j")),
            (".metadata.ownerReferences[*].name", json!("p")),
            (
                r#".metadata.ownerReferences[?(@.kind=="Job")].name"#,
                json!("j"),
            ),
            ("..leaseTransitions", json!(3)),
            ("{..leaseTransitions}", json!(3)),
            (".metadata..kind", json!("Pod")),
            (".spec.*", json!(null)),
        ] {
            assert_eq!(found(path), Some(expected), "{path}");
        }
        for missing in [
            ".metadata.nothing",
            ".metadata.name.x",
            "[0]",
            ".a[3]",
            "name",
        ] {
            assert_eq!(found(missing), None, "{missing}");
        }
        for wrong in [
            "", ".", "{}", "{.a", "{.a}{.b}", ".a b", ".a[", ".a.", "a,b", "...a",
        ] {
            assert!(FieldPath::parse(wrong).is_none(), "{wrong}");
        }
    }
}
