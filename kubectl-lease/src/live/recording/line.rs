//! How a session is written down: JSON, one line for each thing that was heard.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What such a file calls itself.
pub(super) const FORMAT: &str = "kubectl-lease";
/// How lines are written today. Another one is not understood.
pub(super) const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Header<'a> {
    /// [`FORMAT`].
    pub(super) recording: Cow<'a, str>,
    pub(super) version: u32,
    /// The program's own version.
    pub(super) program: Cow<'a, str>,
    /// What the wall clock showed when the recording began.
    pub(super) time: Cow<'a, str>,
    pub(super) context: Cow<'a, str>,
    /// `null` for all namespaces.
    pub(super) namespace: Option<Cow<'a, str>>,
}

/// Any other line.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Line<'a> {
    /// When it came, on the local clock: milliseconds since the recording began.
    pub(super) ms: f64,
    /// What the wall clock showed then.
    #[serde(borrow)]
    pub(super) time: Cow<'a, str>,
    pub(super) what: What,
    /// The server's clock when it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<Cow<'a, str>>,
    /// One object as the server sent it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) lease: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) leases: Option<Vec<&'a RawValue>>,
    /// Why nothing was heard any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<Cow<'a, str>>,
}

/// What was heard.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Applied,
    Deleted,
    /// Nothing: the session was over.
    Ended,
    Interrupted,
    Listed,
    Progress,
    Refused,
    Resumed,
    /// Another cluster or namespace was looked into from then on.
    Switched,
}

impl Line<'_> {
    /// A line with nothing but what it says.
    pub(super) fn new(ms: f64, time: String, what: What) -> Self {
        Self {
            ms,
            time: time.into(),
            what,
            date: None,
            lease: None,
            leases: None,
            why: None,
            context: None,
            namespace: None,
        }
    }
}
