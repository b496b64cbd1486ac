//! Labels that a lock has to have.

use lease_policy::Entry;
use serde::Deserialize;

/// Labels with their values, all of which a lock has to have: `tier=gold,team=payments`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Whether a lock with these labels is meant.
    pub fn are_in(&self, labels: &[Entry]) -> bool {
        self.0.iter().all(|(key, value)| {
            let mut labels = labels.iter();
            labels.any(|label| label.key == *key && label.value == *value)
        })
    }
}

impl TryFrom<String> for Labels {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let label = |part: &str| {
            let (key, value) = part.split_once('=')?;
            // kubectl takes two of them for one.
            let (key, value) = (key.trim(), value.strip_prefix('=').unwrap_or(value).trim());
            let is_plain = |text: &str| !text.contains(['!', '=', '(', ')', ' ']);
            let is_label = !key.is_empty() && is_plain(key) && is_plain(value);
            is_label.then(|| (key.to_owned(), value.to_owned()))
        };
        let labels: Option<Vec<_>> = text.split(',').map(label).collect();
        let rule = || {
            format!(
                "{text:?} is no selector that this policy knows: write key=value, or more of them with commas between"
            )
        };
        labels.map(Self).ok_or_else(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Labels, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn all_labels_have_to_be_there() {
        let entry = |(key, value): (&str, &str)| Entry {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let has = [
            ("tier", "gold"),
            ("team", "payments"),
            ("example.com/x", ""),
        ]
        .map(entry);
        for (text, are_in) in [
            ("tier=gold", true),
            ("tier==gold, team=payments", true),
            ("example.com/x=", true),
            ("tier=silver", false),
            ("tier=gold,team=web", false),
            ("other=gold", false),
        ] {
            assert_eq!(labels(text).unwrap().are_in(&has), are_in, "{text}");
        }
    }

    #[test]
    fn other_selectors_are_refused() {
        for text in [
            "",
            "tier",
            "=gold",
            "tier!=gold",
            "tier in (gold)",
            "!tier",
            "tier=gold,",
            "a===b",
        ] {
            assert!(
                labels(text).unwrap_err().contains("write key=value"),
                "{text}"
            );
        }
    }
}
