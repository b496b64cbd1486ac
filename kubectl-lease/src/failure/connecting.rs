//! What a user is told where no way leads to a cluster.

use lease_client::{ConnectError, CredentialsError, PluginProblem};

use super::Failure;
use crate::invocation;

impl Failure {
    /// What to do about credentials that there are none of.
    pub(super) fn credentials(self, error: &CredentialsError) -> Self {
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
