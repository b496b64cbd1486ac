//! What a request says of who sends it, fresh whenever it has to be.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use kube::config::Config;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::ConnectError;
use super::exec_plugin::{ExecPlugin, Granted, PluginProblem};

/// How long a token file is not read again; client-go's figure.
const FILE_LASTS: SignedDuration = SignedDuration::from_mins(1);

/// Why there are no credentials. Says nothing of what a file or a plugin holds.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file with the token cannot be read.
    #[error("cannot read the token file {}", .path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file or the plugin gave a token that no header can carry.
    #[error("the token of {0} holds characters that cannot be sent")]
    Token(String),
    /// The credential plugin of the kubeconfig gave none.
    #[error("the credential plugin \"{command}\" gave no credentials")]
    Plugin {
        /// What was run.
        command: String,
        /// How to install it, in the words of whoever wrote the kubeconfig.
        install_hint: Option<String>,
        /// What went wrong.
        #[source]
        problem: PluginProblem,
    },
}

/// Where credentials come from.
pub(super) enum Source {
    /// There are none, or only a client certificate.
    None,
    /// Always the same.
    Fixed(HeaderValue),
    /// A file whose content changes as tokens are rotated.
    TokenFile(PathBuf),
    /// A program.
    Exec(Box<ExecPlugin>),
}

impl Source {
    /// Takes the credentials that are sent with requests out of the configuration. A client
    /// certificate stays there.
    pub(super) fn taken_from(config: &mut Config) -> Result<Self, ConnectError> {
        let is_plain = config.cluster_url.scheme_str() == Some("http");
        let user = &mut config.auth_info;
        let (username, password) = (user.username.take(), user.password.take());
        let (token, token_file) = (user.token.take(), user.token_file.take());
        let (exec, provider) = (user.exec.take(), user.auth_provider.take());
        // As in client-go, nobody's credentials are sent where everybody on the way can read them.
        if is_plain {
            (user.client_certificate, user.client_certificate_data) = (None, None);
            (user.client_key, user.client_key_data) = (None, None);
            return Ok(Self::None);
        }
        let unsendable =
            || ConnectError::Contradiction("the user's credentials cannot be sent in a request");
        if let Some(token) = token.filter(|token| !token.expose_secret().is_empty()) {
            let header = bearer(token.expose_secret()).ok_or_else(unsendable)?;
            return Ok(Self::Fixed(header));
        }
        if let Some(path) = token_file {
            return Ok(Self::TokenFile(path.into()));
        }
        if let Some(username) = username.filter(|name| !name.is_empty()) {
            let password = password.as_ref().map_or("", |word| word.expose_secret());
            let login = BASE64_STANDARD.encode(format!("{username}:{password}"));
            let header = header(&format!("Basic {login}")).ok_or_else(unsendable)?;
            return Ok(Self::Fixed(header));
        }
        if let Some(provider) = provider {
            // OpenID Connect's token can be used as it is. The others were replaced by plugins.
            let token = provider.config.get("id-token").ok_or({
                ConnectError::Contradiction(
                    "the user's auth-provider is no longer supported by Kubernetes: use a \
                     credential plugin (users[].user.exec)",
                )
            })?;
            return Ok(Self::Fixed(bearer(token).ok_or_else(unsendable)?));
        }
        // Whoever names a certificate has chosen it over the plugin.
        let has_certificate =
            user.client_certificate.is_some() || user.client_certificate_data.is_some();
        Ok(match exec {
            Some(exec) if !has_certificate => Self::Exec(Box::new(ExecPlugin::new(exec))),
            _ => Self::None,
        })
    }

    fn is_fixed(&self) -> bool {
        matches!(self, Self::None | Self::Fixed(_))
    }
}

/// A client certificate and its key, in PEM.
#[derive(Eq, PartialEq)]
pub(super) struct Identity {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// Credentials that were given out.
#[derive(Clone)]
pub(crate) struct Issued {
    /// Which ones these are: counts up with each that the source gave.
    pub(crate) number: u64,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) identity: Option<Arc<Identity>>,
    /// Until when they are good, on our wall clock.
    until: Option<Timestamp>,
}

/// Gives out credentials, and asks their source for new ones when they run out or are refused.
pub(crate) struct Credentials {
    source: Arc<Source>,
    /// Held while the source is asked, so that a plugin which prompts is asked once.
    issued: Mutex<Option<Issued>>,
}

impl Credentials {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source: Arc::new(source),
            issued: Mutex::new(None),
        }
    }

    /// None but those that whoever sends the requests adds.
    pub(crate) fn none() -> Self {
        Self::new(Source::None)
    }

    /// Credentials that are good now, as far as their source said. May run a plugin that prompts,
    /// so nothing should limit its time.
    pub(crate) async fn current(&self) -> Result<Issued, CredentialsError> {
        let mut issued = self.issued.lock().await;
        let now = Timestamp::now();
        if let Some(issued) = issued.as_ref()
            && issued.until.is_none_or(|until| now < until)
        {
            return Ok(issued.clone());
        }
        let next = match (self.ask(issued.as_ref(), now).await, issued.as_ref()) {
            (Ok(next), _) => next,
            // A token that was read may outlive its file (kubernetes/kubernetes#68164).
            (Err(CredentialsError::TokenFile { .. }), Some(last)) => Issued {
                until: Some(now + FILE_LASTS),
                ..last.clone()
            },
            (Err(error), _) => return Err(error),
        };
        *issued = Some(next.clone());
        Ok(next)
    }

    /// The server did not accept these: the next ones are asked for anew.
    pub(crate) async fn refused(&self, number: u64) {
        if self.source.is_fixed() {
            return;
        }
        if let Some(issued) = self.issued.lock().await.as_mut()
            && issued.number == number
        {
            issued.until = Some(Timestamp::MIN);
        }
    }

    async fn ask(&self, last: Option<&Issued>, now: Timestamp) -> Result<Issued, CredentialsError> {
        let mut next = Issued {
            number: last.map_or(0, |last| last.number + 1),
            authorization: None,
            identity: None,
            until: None,
        };
        match &*self.source {
            Source::None => {}
            Source::Fixed(header) => next.authorization = Some(header.clone()),
            Source::TokenFile(path) => {
                let token = std::fs::read_to_string(path).map_err(|source| {
                    CredentialsError::TokenFile {
                        path: path.clone(),
                        source,
                    }
                })?;
                let header = bearer(token.trim())
                    .ok_or_else(|| CredentialsError::Token(path.display().to_string()))?;
                if last.is_some_and(|last| last.authorization.as_ref() == Some(&header)) {
                    // Nobody gave out anything new.
                    next.number -= 1;
                }
                next.authorization = Some(header);
                next.until = Some(now + FILE_LASTS);
            }
            Source::Exec(plugin) => {
                let Granted {
                    token,
                    identity,
                    until,
                } = ask_plugin(&self.source, plugin).await?;
                next.authorization = match token {
                    Some(token) => Some(
                        bearer(token.expose_secret())
                            .ok_or_else(|| CredentialsError::Token(plugin.command().to_owned()))?,
                    ),
                    None => None,
                };
                next.identity = identity.map(Arc::new);
                next.until = until;
            }
        }
        Ok(next)
    }
}

/// Runs the plugin where it does not hold up what else there is to do.
async fn ask_plugin(
    source: &Arc<Source>,
    plugin: &ExecPlugin,
) -> Result<Granted, CredentialsError> {
    let shared = Arc::clone(source);
    let granted = tokio::task::spawn_blocking(move || match &*shared {
        Source::Exec(plugin) => plugin.run(),
        _ => Err(PluginProblem::Nothing),
    });
    granted
        .await
        .unwrap_or(Err(PluginProblem::Nothing))
        .map_err(|problem| CredentialsError::Plugin {
            command: plugin.command().to_owned(),
            install_hint: plugin.install_hint().map(str::to_owned),
            problem,
        })
}

fn bearer(token: &str) -> Option<HeaderValue> {
    header(&format!("Bearer {token}"))
}

fn header(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
