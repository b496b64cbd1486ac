//! Which verbs a policy is about.

use serde::Deserialize;

/// Some of the verbs that a policy can be asked about.
///
/// The default means those that take a lock from somebody: `steal` and `force-release`. Settings that
/// leave the field out (`#[serde(default)]`) have that.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "Vec<String>")]
pub struct Verbs(Vec<String>);

impl Verbs {
    /// All that there are.
    pub const ALL: [&str; 5] = ["acquire", "force-release", "release", "run", "steal"];

    /// Those that take a lock from somebody.
    pub const TAKING: [&str; 2] = ["force-release", "steal"];

    /// All that there are, as a description has them.
    pub fn all() -> Vec<String> {
        Self::ALL.map(str::to_owned).to_vec()
    }

    /// Those that take a lock from somebody, as a description has them.
    pub fn taking() -> Vec<String> {
        Self::TAKING.map(str::to_owned).to_vec()
    }

    /// Whether a verb is one of them.
    pub fn include(&self, verb: &str) -> bool {
        self.0.iter().any(|included| included == verb)
    }
}

impl Default for Verbs {
    fn default() -> Self {
        Self(Self::taking())
    }
}

impl TryFrom<Vec<String>> for Verbs {
    type Error = String;

    fn try_from(verbs: Vec<String>) -> Result<Self, String> {
        if verbs.is_empty() {
            let rule = "an empty list means no verb: leave it out for steal and force-release";
            return Err(rule.to_owned());
        }
        let is_none = |verb: &&String| !Self::ALL.contains(&verb.as_str());
        match verbs.iter().find(is_none) {
            Some(verb) => Err(format!("{verb:?} is none of {}", Self::ALL.join(", "))),
            None => Ok(Self(verbs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_they_are_those_that_take_a_lock_from_somebody() {
        for (verb, is_included) in [("steal", true), ("force-release", true), ("run", false)] {
            assert_eq!(Verbs::default().include(verb), is_included, "{verb}");
        }
    }

    #[test]
    fn what_is_no_verb_is_refused() {
        let verbs = |text| serde_json::from_str::<Verbs>(text);
        assert!(verbs(r#"["run", "acquire"]"#).unwrap().include("run"));
        for (text, rule) in [
            ("[]", "an empty list means no verb"),
            (
                r#"["steal", "brake"]"#,
                "\"brake\" is none of acquire, force-release, release, run, steal",
            ),
        ] {
            let error = verbs(text).unwrap_err().to_string();
            assert!(error.starts_with(rule), "{error}");
        }
    }
}
