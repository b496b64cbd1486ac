//! What a user is told when a verb does not do what was asked.

mod connecting;
mod server;

use std::error::Error as StdError;
use std::fmt;

use crate::escape;

/// The exit code of `run` that failed itself, as timeout(1) and env(1) have it.
pub(crate) const RUN_FAILED: u8 = 125;
/// The exit code of `run` that did not get the lock; timeout(1)'s.
const RUN_NOT_ACQUIRED: u8 = 124;

/// What kind of failure, by exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Something does not work, or was typed wrong.
    Error = 1,
    /// A rule of the lock, or the API server, says no.
    Refused = 3,
    /// Somebody else has the lock.
    NotAcquired = 4,
}

/// A failure with its causes and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    /// The exit code, where it is not the kind's.
    code: Option<u8>,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
        }
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(Kind::Error, message)
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    pub(crate) fn not_acquired(message: impl Into<String>) -> Self {
        Self::new(Kind::NotAcquired, message)
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// The same, told as somebody else having the lock.
    pub(crate) fn into_not_acquired(mut self) -> Self {
        self.kind = Kind::NotAcquired;
        self
    }

    /// The same under `run`, whose other exit codes are those of the command, unless it has one of
    /// its own.
    pub(crate) fn under_run(mut self) -> Self {
        self.code.get_or_insert(match self.kind {
            Kind::NotAcquired => RUN_NOT_ACQUIRED,
            Kind::Error | Kind::Refused => RUN_FAILED,
        });
        self
    }

    /// The same with an exit code of its own.
    pub(crate) fn with_code(mut self, code: u8) -> Self {
        self.code = Some(code);
        self
    }

    /// What went wrong, without causes and hints.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.code.unwrap_or(self.kind as u8)
    }

    /// Adds what an error says of its own sources, each thing once.
    fn sources(mut self, error: &dyn StdError) -> Self {
        let mut source = error.source();
        while let Some(inner) = source {
            // Some parsers draw over several lines.
            let text = inner.to_string();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // rustls' own words point to its manual for programmers.
            let text = if text.starts_with("peer closed connection without sending") {
                "it was closed before the answer was complete".to_owned()
            } else {
                text
            };
            // Wrappers of the HTTP client, which say nothing that their own source does not.
            let is_wrapper = [
                "ServiceError: ",
                "HyperError: ",
                "client error (",
                "connection error",
            ]
            .iter()
            .any(|prefix| text.starts_with(prefix));
            if !is_wrapper
                && !self.message.contains(&text)
                && !self.causes.iter().any(|cause| cause.contains(&text))
            {
                self.causes.push(text);
            }
            source = inner.source();
        }
        self
    }

    /// Whether a cause speaks of something.
    fn says(&self, word: &str) -> bool {
        self.causes.iter().any(|cause| cause.contains(word))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", escape::cut(&self.message, 2000))?;
        for cause in &self.causes {
            write!(f, "\n  because: {}", escape::cut(cause, 2000))?;
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {}", escape::cut(hint, 2000))?;
        }
        Ok(())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error("cannot write the output").cause(error.to_string())
    }
}
