//! Times in which nothing is to change.

use serde::Deserialize;

use crate::calendar;

/// One such time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// When it begins.
    pub from: Instant,
    /// When it is over.
    pub to: Instant,
    /// Why, for people.
    pub reason: Option<String>,
}

/// A time, in seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Instant(pub i64);

impl TryFrom<String> for Instant {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rule = || format!("{text:?} is no time: write one as 2026-12-18T00:00:00+01:00");
        calendar::rfc3339(&text).map(Self).ok_or_else(rule)
    }
}
