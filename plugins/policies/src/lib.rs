//! What the ready-made policies say of recorded requests: one table, for whoever runs them.
//!
//! Natively, in a host and through `kubectl lease plugin test` they must say the same.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// A request, and what a policy has to say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The policy's name.
    pub policy: String,
    /// Its settings.
    pub settings: Value,
    /// The name of the request, which [`request`] finds.
    pub request: String,
    /// `abstain`, `allow`, `warn` or `deny`.
    pub verdict: String,
    /// Of what is denied or warned of: the finding's code.
    pub code: Option<String>,
    /// The finding's message, where the table tells it.
    pub message: Option<String>,
}

/// Settings that a policy has to refuse.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The policy's name.
    pub policy: String,
    /// The settings.
    pub settings: Value,
    /// How the message begins.
    pub message: String,
}

impl Case {
    /// Fails unless this is the case's verdict: its name, and code and message of its finding.
    ///
    /// # Panics
    /// With what is different.
    pub fn check(&self, verdict: &str, finding: Option<(&str, &str)>) {
        let Self {
            policy,
            settings,
            request,
            ..
        } = self;
        let what = format!("{policy} with {settings} of {request}");
        assert_eq!(verdict, self.verdict, "{what}: {finding:?}");
        assert_eq!(
            finding.map(|(code, _)| code),
            self.code.as_deref(),
            "{what}"
        );
        if let Some(message) = &self.message {
            assert_eq!(
                finding.map(|(_, message)| message),
                Some(&**message),
                "{what}"
            );
        }
    }
}

/// The table.
///
/// # Panics
/// It cannot be read.
pub fn cases() -> Vec<Case> {
    read("verdicts.json")
}

/// The settings that are refused.
///
/// # Panics
/// They cannot be read.
pub fn refused() -> Vec<Refused> {
    read("refused-settings.json")
}

/// The file of a request.
pub fn request(name: &str) -> PathBuf {
    folder().join("requests").join(name).with_extension("json")
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
