//! What a policy says of itself.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a policy is. Its name is one, and its example settings are JSON; the other texts are what it
/// said.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// What it is called, in kebab-case.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// The verbs that it wants to be asked about.
    pub verbs: Vec<String>,
    /// Whether it needs to know the object behind a holder.
    pub wants_holder: bool,
    /// An example of its settings.
    pub example_settings: serde_json::Value,
}

/// The longest name, in bytes: a label of DNS.
const LONGEST_NAME: usize = 63;
/// The most verbs: more than there are.
const MOST_VERBS: usize = 32;

impl Description {
    /// Whether this can be the name of a policy: lower-case letters, digits and `-`, beginning with a
    /// letter and ending with none of `-`, at most 63.
    pub fn is_name(name: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        name.len() <= LONGEST_NAME
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && !name.ends_with('-')
            && name.bytes().all(plain)
    }

    /// Takes what a policy said of itself, if it can be that.
    pub(crate) fn checked(said: Said) -> Result<Self, Error> {
        let Said {
            name,
            version,
            summary,
            verbs,
            wants_holder,
            example_settings,
        } = said;
        let wrong = |why: String| Err(Error::Description(why));
        if !Self::is_name(&name) {
            return wrong(format!(
                "its name is \"{}\", and has to be lower-case letters, digits and \"-\", 63 at most",
                cut(&name)
            ));
        }
        if verbs.len() > MOST_VERBS {
            return wrong(format!("it names {} verbs", verbs.len()));
        }
        if let Some(verb) = verbs.iter().find(|verb| !Self::is_name(verb)) {
            return wrong(format!("\"{}\" is no verb", cut(verb)));
        }
        if version.len() > LONGEST_NAME {
            return wrong(format!("its version is \"{}\"", cut(&version)));
        }
        let example_settings = match serde_json::from_str(&example_settings) {
            Ok(settings) => settings,
            Err(error) => return wrong(format!("its example settings are no JSON: {error}")),
        };
        Ok(Self {
            name,
            version,
            summary,
            verbs,
            wants_holder,
            example_settings,
        })
    }
}

/// A description as it was said.
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) summary: String,
    pub(crate) verbs: Vec<String>,
    pub(crate) wants_holder: bool,
    pub(crate) example_settings: String,
}

/// Enough of a text to know it again.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["a", "change-window", "x2", &"a".repeat(63)] {
            assert!(Description::is_name(name), "{name}");
        }
        for name in [
            "",
            "2x",
            "-a",
            "a-",
            "A",
            "a_b",
            "a/b",
            "..",
            "a\u{1b}",
            "ä",
            &"a".repeat(64),
        ] {
            assert!(!Description::is_name(name), "{name:?}");
        }
    }
}
