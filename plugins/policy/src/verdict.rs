//! Verdicts, and the reasons for them.

use crate::{Finding, Verdict};

impl Finding {
    /// A reason: a code in kebab-case for programs, and a sentence for people that says what to do
    /// instead.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl Verdict {
    /// It must not be done. For `code` and `message`, see [`Finding::new`].
    pub fn deny(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Deny(Finding::new(code, message))
    }

    /// It may be done, but who does it has to be told something.
    pub fn warn(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Warn(Finding::new(code, message))
    }
}
