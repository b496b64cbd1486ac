//! What a policy says.

use serde::{Deserialize, Serialize};

use crate::running::LogLine;

/// A reason, for a program and for a person. It is what the policy said: hostile, if that is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// What it is, in kebab-case.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// What a policy says of a request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// It has nothing to say of this one.
    Abstain,
    /// It has nothing against it.
    Allow,
    /// It must not be done.
    Deny(Finding),
    /// It has nothing against it, but something is to be told.
    Warn(Finding),
}

/// A verdict, and what the policy told of how it came to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Review {
    /// The verdict.
    pub verdict: Verdict,
    /// Its log.
    pub log: Vec<LogLine>,
}
