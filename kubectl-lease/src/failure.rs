//! What a user is told when a verb does not do what was asked.

use std::error::Error as StdError;
use std::fmt;

use lease_client::{ApiStatus, ConnectError, ReadError, RequestError, WriteError};

use crate::escape;
use crate::invocation;

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
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
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

    /// The same, told as somebody else having the lock.
    pub(crate) fn into_not_acquired(mut self) -> Self {
        self.kind = Kind::NotAcquired;
        self
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.kind as u8
    }

    /// Adds what an error says of its own sources, each thing once.
    fn sources(mut self, error: &dyn StdError) -> Self {
        let mut source = error.source();
        while let Some(inner) = source {
            // Some parsers draw over several lines.
            let text = inner.to_string();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // Wrappers of the HTTP client, which say nothing that their own source does not.
            let is_wrapper = ["ServiceError: ", "HyperError: ", "client error (Connect)"]
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

    fn status(status: &ApiStatus) -> Self {
        let failure = match status.code {
            403 => Self::refused(status.message.clone()).hint(
                "ask who administers the cluster for the right, or see yours with \
                 `kubectl auth can-i --list`",
            ),
            401 => Self::error("the API server does not accept the credentials (401)")
                .hint("log in again, or check the user of the context in the kubeconfig"),
            429 => Self::error("the API server asks for fewer requests (429)")
                .cause(status.message.clone()),
            500.. => Self::error(format!("the API server failed ({})", status.code))
                .cause(status.message.clone())
                .hint("try again; if it stays, look at the API server's own health"),
            _ => Self::error(status.message.clone()),
        };
        match status.retry_after {
            Some(wait) => failure.hint(format!("try again in {}s", wait.as_secs())),
            None => failure,
        }
    }

    fn request(error: &RequestError) -> Self {
        match error {
            RequestError::Status(status) => Self::status(status),
            RequestError::Timeout(_) => Self::error(error.to_string())
                .hint("a longer limit is given with --request-timeout"),
            RequestError::Connect { .. } => Self::error(error.to_string())
                .sources(error)
                .hint("is this the right cluster? see `kubectl config current-context`"),
            RequestError::Broken(_)
            | RequestError::Unreadable(_)
            | RequestError::Credentials(_) => Self::error(error.to_string()).sources(error),
        }
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

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match &error {
            ReadError::Denied(status) => Self::status(status),
            ReadError::Malformed(malformed) => {
                Self::error("the API server's answer cannot be read").sources(malformed)
            }
            ReadError::Unavailable(request) => Self::request(request),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match &error {
            WriteError::Conflict(status)
            | WriteError::Denied(status)
            | WriteError::Gone(status)
            | WriteError::Rejected(status) => Self::status(status),
            WriteError::NotSent(request) => Self::request(request),
            WriteError::Unknown(request) => {
                Self::error(error.to_string()).cause(request.to_string())
            }
            WriteError::Overtaken => Self::error(error.to_string()),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let failure = Self::error(error.to_string()).sources(&error);
        match error {
            ConnectError::NoCluster => failure
                .hint("name a file with --kubeconfig or KUBECONFIG")
                .hint(format!(
                    "no cluster at hand? `{} demo` brings its own",
                    *invocation::NAME
                )),
            ConnectError::Context(_) => {
                failure.hint("see the contexts that there are with `kubectl config get-contexts`")
            }
            ConnectError::Kubeconfig(_) => {
                failure.hint("check the file that --kubeconfig or KUBECONFIG names")
            }
            ConnectError::Client(_) | ConnectError::InCluster(_) => failure,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error("cannot write the output").cause(error.to_string())
    }
}
