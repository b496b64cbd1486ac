//! What a user is told of an API server that does not do what was asked.

use lease_client::{ApiStatus, ReadError, RequestError, Right, Trouble, WriteError};

use super::Failure;
use crate::invocation;

impl Failure {
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
        let failure =
            Self::refused(format!("you may not {}", in_words(right))).cause(status.message.clone());
        let failure = if status.message.contains("User \"system:anonymous\"") {
            failure.hint("no credentials were sent: see the user of the context in `kubectl config view --minify`")
        } else {
            failure
        };
        failure.hint(format!(
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
}

impl From<&Trouble> for Failure {
    fn from(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Read(error) => Self::from(error),
            Trouble::Write(error) => Self::from(error),
            Trouble::Slow { .. } => Self::error(trouble.to_string())
                .hint("is the API server well? see `kubectl get --raw /readyz`"),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::from(&error)
    }
}

impl From<&ReadError> for Failure {
    fn from(error: &ReadError) -> Self {
        match error {
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
        Self::from(&error)
    }
}

impl From<&WriteError> for Failure {
    fn from(error: &WriteError) -> Self {
        match error {
            WriteError::Conflict(status)
            | WriteError::Denied(status)
            | WriteError::Gone(status)
            | WriteError::Rejected(status) => Self::status(status),
            WriteError::NotSent(request) => Self::request(request),
            WriteError::Unknown(request) => {
                Self::error(error.to_string()).cause(request.to_string())
            }
            WriteError::NotPossible(_) | WriteError::Overtaken => Self::error(error.to_string()),
        }
    }
}

/// What a right allows: `list leases in namespace work`.
fn in_words(right: &Right) -> String {
    let kind = right.resource.split('.').next().unwrap_or_default();
    let what = match &right.name {
        Some(name) => format!("{} \"{name}\"", kind.trim_end_matches('s')),
        None => kind.to_owned(),
    };
    let place = match &right.namespace {
        Some(namespace) => format!(" in namespace {namespace}"),
        // Those are in none.
        None if matches!(kind, "namespaces" | "nodes") => String::new(),
        None => " in all namespaces".to_owned(),
    };
    format!("{} {what}{place}", right.verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(resource: &'static str, namespace: Option<&str>, name: Option<&str>) -> Right {
        Right {
            verb: "list",
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            acting_as: None,
        }
    }

    #[test]
    fn a_right_is_told_for_what_it_is() {
        const LEASES: &str = "leases.coordination.k8s.io";
        for (right, words) in [
            (right(LEASES, None, None), "list leases in all namespaces"),
            (
                right(LEASES, Some("a"), Some("b")),
                "list lease \"b\" in namespace a",
            ),
            (
                right("events", Some("a"), None),
                "list events in namespace a",
            ),
            (right("namespaces", None, None), "list namespaces"),
            (right("namespaces", None, Some("a")), "list namespace \"a\""),
            (right("nodes", None, None), "list nodes"),
        ] {
            assert_eq!(in_words(&right), words);
        }
    }
}
