//! Settings: JSON, with errors that a person can mend it by.

use serde::de::DeserializeOwned;

use crate::Finding;

/// The code of what [`parse`] finds wrong.
pub const INVALID: &str = "invalid-settings";

/// Makes a value of settings.
///
/// A type that derives `Deserialize` should have `deny_unknown_fields`, so that a field with a typing
/// error is found rather than overlooked. A rule of its own is best a type of its own, with
/// `#[serde(try_from = "String")]` and an error that tells the rule.
///
/// # Errors
/// The field and what is wrong with it, with the code [`INVALID`].
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Finding> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        let told = error.to_string();
        // The text is not what somebody typed, but what was made of it: the path tells where.
        let position = format!(" at line {} column {}", error.line(), error.column());
        let rule = told.strip_suffix(&position).filter(|_| error.is_data());
        invalid(&path, rule.unwrap_or(&told))
    })?;
    match json.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(invalid("", &error.to_string())),
    }
}

/// What is wrong with a field: `field` is its path, or empty for all of the settings.
pub fn invalid(field: &str, rule: &str) -> Finding {
    let message = match field {
        "" | "." => rule.to_owned(),
        field => format!("{field}: {rule}"),
    };
    Finding::new(INVALID, message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Patterns;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    #[allow(dead_code, reason = "it is read by its Debug")]
    struct Settings {
        rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "it is read by its Debug")]
    struct Rule {
        #[serde(default)]
        names: Patterns,
        count: u32,
    }

    #[test]
    fn an_error_names_the_field_and_the_rule() {
        let cases = [
            (
                r#"{"rules": [{"count": "1"}]}"#,
                "rules[0].count: invalid type: string \"1\", expected u32",
            ),
            (
                r#"{"rules": [{"count": 1, "names": []}]}"#,
                "rules[0].names: an empty list fits nothing: leave it out for all names, or write [\"*\"]",
            ),
            (
                r#"{"rules": [{"cuont": 1}]}"#,
                "rules[0].cuont: unknown field `cuont`, expected `names` or `count`",
            ),
            (r#"{"rules": [{}]}"#, "rules[0]: missing field `count`"),
            ("{}", "missing field `rules`"),
            ("", "EOF while parsing a value at line 1 column 0"),
            (
                r#"{"rules": []} more"#,
                "trailing characters at line 1 column 15",
            ),
        ];
        for (text, message) in cases {
            let error = parse::<Settings>(text).unwrap_err();
            assert_eq!(error, Finding::new(INVALID, message), "{text}");
        }
    }
}
