//! A program that gives credentials, as the kubeconfig names it (`users[].user.exec`).
//!
//! The protocol is client-go's (`plugin/pkg/client/auth/exec`): the program finds an
//! `ExecCredential` in `KUBERNETES_EXEC_INFO` and prints one with a status. kube's own support runs
//! the program three times for each connection and quotes its output, credentials and all, when
//! that cannot be read.

use std::io::{self, IsTerminal};
use std::process::{Command, ExitStatus, Stdio};

use jiff::Timestamp;
use kube::config::{ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::credentials::Identity;
use super::files;

/// The versions of the protocol.
const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

/// What is wrong with a plugin. Never quotes what it printed.
#[derive(Debug, thiserror::Error)]
pub enum PluginProblem {
    /// The kubeconfig does not say what to run.
    #[error("the kubeconfig names no command (users[].user.exec.command)")]
    Nothing,
    /// The kubeconfig asks for a protocol that there is not.
    #[error("its apiVersion is {0}: client.authentication.k8s.io/v1 and v1beta1 are known")]
    UnknownVersion(String),
    /// The kubeconfig says that it has to ask somebody.
    #[error("it has to prompt (interactiveMode: Always), and standard input is no terminal")]
    NoTerminal,
    /// There is no such program, or it cannot be run.
    #[error("it cannot be run")]
    Start(#[source] io::Error),
    /// It said why on standard error, which is the user's.
    #[error("it ended with {0}")]
    Failed(ExitStatus),
    /// What it printed is no `ExecCredential`.
    #[error("its output is not an ExecCredential: {0}")]
    Unreadable(String),
    /// It answered in another version of the protocol than it was asked in.
    #[error("its output is not of the apiVersion {0} that the kubeconfig asks for")]
    OtherVersion(String),
    /// It gave neither a token nor a certificate with its key.
    #[error("its output holds neither a token nor a client certificate with its key")]
    Empty,
}

/// The program.
pub(super) struct ExecPlugin {
    config: ExecConfig,
}

/// What the program gave.
pub(super) struct Granted {
    pub(super) token: Option<SecretString>,
    pub(super) identity: Option<Identity>,
    /// Until when, on our wall clock; `None` for as long as the server accepts it.
    pub(super) until: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    kind: &'static str,
    api_version: &'a str,
    spec: QuestionSpec<'a>,
}

#[derive(Serialize)]
struct QuestionSpec<'a> {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a ExecAuthCluster>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<SecretString>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<Timestamp>,
}

impl ExecPlugin {
    pub(super) fn new(config: ExecConfig) -> Self {
        Self { config }
    }

    /// What is run, without its arguments: they may hold secrets.
    pub(super) fn command(&self) -> &str {
        self.config.command.as_deref().unwrap_or_default()
    }

    pub(super) fn install_hint(&self) -> Option<&str> {
        self.config.install_hint.as_deref()
    }

    /// Runs it once. Its standard error, and its standard input where it may prompt, are ours.
    pub(super) fn run(&self) -> Result<Granted, PluginProblem> {
        let version = self.config.api_version.as_deref().unwrap_or_default();
        if !VERSIONS.contains(&version) {
            return Err(PluginProblem::UnknownVersion(version.to_owned()));
        }
        if self.command().is_empty() {
            return Err(PluginProblem::Nothing);
        }
        let interactive = self.is_interactive()?;
        let question = Question {
            kind: "ExecCredential",
            api_version: version,
            spec: QuestionSpec {
                interactive,
                cluster: self.config.cluster.as_ref(),
            },
        };
        // Such a structure always has a form in JSON.
        let question = serde_json::to_string(&question).unwrap_or_default();
        let mut command = Command::new(self.command());
        command
            .args(self.config.args.iter().flatten())
            .env("KUBERNETES_EXEC_INFO", question)
            .stdin(if interactive {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .stderr(Stdio::inherit());
        for variable in self.config.env.iter().flatten() {
            if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
                command.env(name, value);
            }
        }
        tracing::debug!(target: "lease_client::config", command = self.command(), "running the credential plugin");
        let output = command.output().map_err(PluginProblem::Start)?;
        if !output.status.success() {
            return Err(PluginProblem::Failed(output.status));
        }
        read(&output.stdout, version)
    }

    /// Whether it may prompt: `IfAvailable` is the default.
    fn is_interactive(&self) -> Result<bool, PluginProblem> {
        let is_terminal = io::stdin().is_terminal();
        match self.config.interactive_mode {
            Some(ExecInteractiveMode::Never) => Ok(false),
            Some(ExecInteractiveMode::Always) if !is_terminal => Err(PluginProblem::NoTerminal),
            _ => Ok(is_terminal),
        }
    }
}

fn read(output: &[u8], version: &str) -> Result<Granted, PluginProblem> {
    let text = std::str::from_utf8(output)
        .map_err(|_| PluginProblem::Unreadable("it is not UTF-8".into()))?;
    // JSON is YAML, and the parser says where it stopped without saying what it read there.
    let answer: Answer = serde_saphyr::from_str(text)
        .map_err(|error| PluginProblem::Unreadable(files::place(&error)))?;
    if answer.api_version != version {
        return Err(PluginProblem::OtherVersion(version.to_owned()));
    }
    let status = answer.status.ok_or(PluginProblem::Empty)?;
    let identity = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        (None, None) => None,
        _ => return Err(PluginProblem::Empty),
    };
    if status.token.is_none() && identity.is_none() {
        return Err(PluginProblem::Empty);
    }
    Ok(Granted {
        token: status.token,
        identity,
        until: status.expiration_timestamp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn answer(status: &str) -> Result<Granted, PluginProblem> {
        let text = format!(
            r#"{{"apiVersion":"{}","kind":"ExecCredential",{status}}}"#,
            VERSIONS[0]
        );
        read(text.as_bytes(), VERSIONS[0])
    }

    #[test]
    fn a_token_or_a_certificate_is_read() {
        let granted =
            answer(r#""status":{"token":"t","expirationTimestamp":"2026-01-02T03:04:05Z"}"#);
        let granted = granted.unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(granted.token.unwrap().expose_secret(), "t");
        assert_eq!(granted.until.unwrap().to_string(), "2026-01-02T03:04:05Z");
        let granted = answer(r#""status":{"clientCertificateData":"c","clientKeyData":"k"}"#);
        assert!(
            granted
                .unwrap_or_else(|problem| panic!("{problem}"))
                .identity
                .is_some()
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_printed() {
        for status in [
            r#""status":{"token":{"secret":1}}"#,
            r#""status":{"token":"secret"#,
            r#""status":"secret""#,
            r#""status":{"expirationTimestamp":"secret"}"#,
            r#""status":{"clientKeyData":"secret"}"#,
            r#""spec":"secret""#,
            "secret",
        ] {
            let problem = answer(status).err().unwrap();
            let text = format!("{problem} {problem:?}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
