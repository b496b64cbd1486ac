//! What a user is told when a verb does not do what was asked.

use std::error::Error as StdError;
use std::fmt;

use lease_client::{
    ApiStatus, ConnectError, CredentialsError, PluginProblem, ReadError, RequestError, WriteError,
};

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
            403 => Self::forbidden(status),
            401 => Self::error("the API server does not accept the credentials (401)")
                .hint("log in again, or check the user of the context: `kubectl config view`"),
            404 if status.message.starts_with("namespaces ") => {
                Self::error(status.message.clone())
                    .hint("see those that there are with `kubectl get namespaces`")
            }
            300..400 => Self::error(format!(
                "what answers at this address sends elsewhere ({})",
                status.code
            ))
            .cause(status.message.clone())
            .hint("is this the address of an API server, or of a page to log in? see `kubectl cluster-info`"),
            400 if status.message.contains("HTTP request to an HTTPS server") => {
                Self::error("the API server wants TLS: its address begins with https://")
                    .cause(status.message.clone())
                    .hint("say so with --server or `kubectl config set-cluster`")
            }
            422 if status.message.contains("ValidatingAdmissionPolicy") => Self::denied(status),
            404 => Self::error("the API server does not know what was asked for (404)")
                .cause(status.message.clone())
                .hint("is this the address of an API server? see `kubectl cluster-info`"),
            429 => Self::error("the API server asks for fewer requests (429)")
                .cause(status.message.clone())
                .hint(match status.retry_after {
                    Some(wait) => format!("try again in {}s", wait.as_secs()),
                    None => "try again later".to_owned(),
                }),
            500.. => Self::error(format!("the API server failed ({})", status.code))
                .cause(status.message.clone())
                .hint("try again; if it stays, look at the API server: `kubectl get --raw /readyz?verbose`"),
            _ => Self::error(status.message.clone()),
        };
        match status.retry_after {
            Some(wait) if status.code != 429 => {
                failure.hint(format!("the server says to wait {}s", wait.as_secs()))
            }
            _ => failure,
        }
    }

    /// A right that is missing, in the words of `kubectl auth can-i`; or whatever else says no.
    fn forbidden(status: &ApiStatus) -> Self {
        let right = status.attempted.as_ref().filter(|right| {
            // RBAC's words. Admission and quotas answer 403 too, and no right helps against them.
            status
                .message
                .contains(&format!("cannot {} resource", right.verb))
        });
        let Some(right) = right else {
            return Self::denied(status);
        };
        let what = match &right.name {
            Some(name) => format!("lease \"{name}\""),
            None => "leases".to_owned(),
        };
        let place = match &right.namespace {
            Some(namespace) => format!("in namespace {namespace}"),
            None => "in all namespaces".to_owned(),
        };
        Self::refused(format!("you may not {} {what} {place}", right.verb))
            .cause(status.message.clone())
            .hint(format!(
                "ask who administers the cluster for the right; you have it when \
                 `kubectl auth can-i {right}{}` says yes",
                invocation::cluster_flags()
            ))
    }

    /// A 403 that is not about a right on leases.
    fn denied(status: &ApiStatus) -> Self {
        let acting_as = status
            .attempted
            .as_ref()
            .and_then(|right| right.acting_as.as_ref());
        match acting_as {
            Some(user) if status.message.contains("cannot impersonate") => {
                Self::refused(format!("you may not act as \"{user}\" (--as)"))
                    .cause(status.message.clone())
                    .hint(format!(
                        "ask who administers the cluster for the right; you have it when \
                         `kubectl auth can-i impersonate {}` says yes",
                        invocation::quoted(&format!("users/{user}"))
                    ))
            }
            _ => Self::refused(status.message.clone()).hint(
                "this is not about a right on leases: an admission policy, a webhook, a quota or a \
                 gateway in between says no",
            ),
        }
    }

    fn request(error: &RequestError) -> Self {
        let failure = Self::error(error.to_string());
        match error {
            RequestError::Status(status) => Self::status(status),
            RequestError::ConnectTimeout { .. } => failure
                .hint("a longer limit is given with --request-timeout")
                .hint("is this the right cluster? see `kubectl config current-context`"),
            RequestError::Timeout(_) => failure
                .hint("a longer limit is given with --request-timeout")
                .hint("is the API server well? see `kubectl get --raw /readyz`"),
            RequestError::Connect { .. } => {
                let failure = failure.sources(error);
                if failure.says("InvalidContentType") {
                    failure.hint("what answers there does not speak TLS; is the address http://?")
                } else if failure.says("certificate") {
                    failure.hint(
                        "the certificate authority of the kubeconfig or --certificate-authority \
                         has to be the server's own, and --tls-server-name its name",
                    )
                } else {
                    failure.hint("is this the right cluster? see `kubectl config current-context`")
                }
            }
            RequestError::Broken(_) => failure
                .sources(error)
                .hint("try again; `-v 6` tells which request it was"),
            RequestError::Unreadable(_) => failure
                .sources(error)
                .hint("is this the address of an API server? see `kubectl cluster-info`"),
            RequestError::Credentials(credentials) => {
                failure.sources(error).credentials(credentials)
            }
        }
    }

    fn credentials(self, error: &CredentialsError) -> Self {
        match error {
            CredentialsError::Plugin {
                install_hint: Some(hint),
                problem: PluginProblem::Start(_),
                ..
            } => self.hint(hint.trim()),
            CredentialsError::Plugin {
                problem: PluginProblem::Start(_),
                command,
                ..
            } => self.hint(format!("is \"{command}\" installed, and on the PATH?")),
            CredentialsError::Plugin {
                problem: PluginProblem::Failed(_),
                ..
            } => self.hint("what it says of that is above; log in again as it asks"),
            CredentialsError::Plugin { .. } => {
                self.hint("see the user's `exec` in `kubectl config view`")
            }
            CredentialsError::TokenFile { .. } | CredentialsError::Token(_) => {
                self.hint("see the user's `tokenFile` in `kubectl config view`")
            }
        }
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
                .hint("name a file with --kubeconfig or KUBECONFIG, or a server with --server")
                .hint(format!(
                    "no cluster at hand? `{} demo` brings its own",
                    *invocation::NAME
                )),
            ConnectError::NoCurrentContext { known } => failure
                .hint(there_are(&known))
                .hint("choose one with --context or `kubectl config use-context`"),
            ConnectError::NotThere { known, .. } => failure.hint(there_are(&known)),
            ConnectError::NoServer => {
                failure.hint("say where it is with --server or `kubectl config set-cluster`")
            }
            ConnectError::Address { .. } => {
                failure.hint("an address looks like https://10.0.0.1:6443, without a login")
            }
            ConnectError::Contradiction(_) => {
                failure.hint("see what is set with `kubectl config view --minify`")
            }
            ConnectError::Syntax { .. }
            | ConnectError::Unreadable { .. }
            | ConnectError::Kubeconfig(_) => {
                failure.hint("check the file that --kubeconfig or KUBECONFIG names")
            }
            ConnectError::Client(_) => {
                failure.hint("check the certificates and keys that the kubeconfig names")
            }
            ConnectError::InCluster(_) => {
                failure.hint("check the pod's service account, or give a kubeconfig")
            }
        }
    }
}

fn there_are(names: &[String]) -> String {
    if names.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::error("cannot write the output").cause(error.to_string())
    }
}
