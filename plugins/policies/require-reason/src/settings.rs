//! What a reason has to look like, and for what.

use lease_policy::{Finding, Patterns, Verbs, settings};
use regex_lite::Regex;
use serde::Deserialize;

/// All of its settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What has to be in a reason; none if any reason will do.
    pub pattern: Option<Pattern>,
    /// A reason that fits, for people.
    pub example: Option<String>,
    /// Which verbs need one.
    #[serde(default)]
    pub verbs: Verbs,
    /// In which namespaces.
    #[serde(default)]
    pub namespaces: Patterns,
    /// For which locks.
    #[serde(default)]
    pub locks: Patterns,
}

/// A regular expression, which may be anywhere in a text unless it has `^` and `$`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether it is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Err(
                "an empty pattern is in every reason: leave it out if any will do".to_owned(),
            );
        }
        let rule = |error| {
            format!("{text:?} is no regular expression: {error}; write one as [A-Z]+-[0-9]+")
        };
        Regex::new(&text).map(Self).map_err(rule)
    }
}

impl Settings {
    /// Reads them, and looks whether they make sense together.
    ///
    /// # Errors
    /// The field, and its rule.
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let found: Self = settings::parse(text)?;
        if let (Some(pattern), Some(example)) = (&found.pattern, &found.example)
            && !pattern.is_in(example.trim())
        {
            let rule = format!("{example:?} would be denied: there is no {pattern} in it");
            return Err(settings::invalid("example", &rule));
        }
        if found
            .example
            .as_ref()
            .is_some_and(|example| example.trim().is_empty())
        {
            let rule = "it would be denied, being empty: leave it out, or write a reason that fits";
            return Err(settings::invalid("example", rule));
        }
        let without = Verbs::ALL
            .into_iter()
            .find(|verb| found.verbs.include(verb) && !Verbs::TAKING.contains(verb));
        if let Some(verb) = without {
            let rule = format!("{verb} has no --reason, so it would be denied each time");
            return Err(settings::invalid("verbs", &rule));
        }
        Ok(found)
    }
}
