//! Names with stars in them.

use serde::Deserialize;

/// Which names are meant: each pattern is a name in which a `*` stands for any characters, or none.
///
/// The default means all names. Settings that leave the field out (`#[serde(default)]`) have that;
/// a list without any pattern is an error, since it would mean nothing.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "Vec<String>")]
pub struct Patterns(Vec<String>);

impl Patterns {
    /// Whether a name fits one of them.
    pub fn fit(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern, name))
    }

    /// All of them, for a message: `dba-*, admin`.
    pub fn shown(&self) -> String {
        self.0.join(", ")
    }
}

impl Default for Patterns {
    fn default() -> Self {
        Self(vec!["*".to_owned()])
    }
}

impl TryFrom<Vec<String>> for Patterns {
    type Error = &'static str;

    fn try_from(patterns: Vec<String>) -> Result<Self, Self::Error> {
        if patterns.is_empty() {
            return Err("an empty list fits nothing: leave it out for all names, or write [\"*\"]");
        }
        if patterns.iter().any(String::is_empty) {
            return Err("an empty pattern fits nothing: write a name, or one with * in it");
        }
        Ok(Self(patterns))
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, mut pattern)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    // The first place for what is between two stars leaves the most for what comes after.
    while let Some((middle, rest)) = pattern.split_once('*') {
        let Some(at) = name.find(middle) else {
            return false;
        };
        name = &name[at + middle.len()..];
        pattern = rest;
    }
    name.ends_with(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, fitting, other) in [
            (
                "billing",
                &["billing"][..],
                &["billing-2", "", "a-billing"][..],
            ),
            ("*", &["", "a", "a.b/c"], &[]),
            (
                "billing-*",
                &["billing-", "billing-a-b"],
                &["billing", "a-billing-b"],
            ),
            (
                "*-batch",
                &["-batch", "a-batch-batch"],
                &["batch", "a-batch-b"],
            ),
            ("a*b*c", &["abc", "a-b-c", "abcbc"], &["ab", "acb", "a-c"]),
            ("a**b", &["ab", "a-b"], &["a"]),
            ("ab*ba", &["abba", "ab-ba"], &["aba"]),
            ("*é*", &["é", "caféx"], &["e"]),
        ] {
            for name in fitting {
                assert!(fits(pattern, name), "{pattern} {name}");
            }
            for name in other {
                assert!(!fits(pattern, name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn left_out_they_fit_everything_and_empty_they_are_refused() {
        assert!(Patterns::default().fit("anything"));
        for (text, rule) in [
            ("[]", "an empty list"),
            (r#"["a", ""]"#, "an empty pattern"),
        ] {
            let error = serde_json::from_str::<Patterns>(text).unwrap_err();
            assert!(error.to_string().starts_with(rule), "{error}");
        }
    }
}
