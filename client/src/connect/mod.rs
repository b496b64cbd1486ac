//! Finding the cluster, as kubectl does.

mod address;
mod choice;
mod credentials;
mod exec_plugin;
mod files;
mod proxy;
mod transport;
mod user;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::config::KubeconfigError;
use secrecy::SecretString;

pub use credentials::CredentialsError;
pub(crate) use credentials::{Credentials, Issued};
pub use exec_plugin::PluginProblem;
pub(crate) use files::{is_pod, kubeconfig, pod_namespace};

use crate::request::Requests;
use choice::Choice;
use proxy::Proxy;
use transport::Transport;

/// How long a request may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a user can say of the cluster, with the meaning of kubectl's flags.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// A file with the certificate authority of the server.
    pub certificate_authority: Option<PathBuf>,
    /// A file with a client certificate.
    pub client_certificate: Option<PathBuf>,
    /// A file with the key of the client certificate.
    pub client_key: Option<PathBuf>,
    /// A cluster of the kubeconfig instead of the context's.
    pub cluster: Option<String>,
    /// A context instead of the current one.
    pub context: Option<String>,
    /// Who to act as.
    pub impersonate: Impersonate,
    /// Whether the server's certificate is taken on trust.
    pub insecure_skip_tls_verify: bool,
    /// A kubeconfig file instead of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The server's address instead of the cluster's.
    pub server: Option<String>,
    /// How long a request may take until its answer is complete; `None` for as long as it likes.
    pub timeout: Option<Duration>,
    /// The name in the server's certificate, if it is not that of its address.
    pub tls_server_name: Option<String>,
    /// A bearer token instead of the user's credentials.
    pub token: Option<SecretString>,
    /// A user of the kubeconfig instead of the context's.
    pub user: Option<String>,
    /// How this program calls itself to the server.
    pub user_agent: String,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            certificate_authority: None,
            client_certificate: None,
            client_key: None,
            cluster: None,
            context: None,
            impersonate: Impersonate::default(),
            insecure_skip_tls_verify: false,
            kubeconfig: None,
            server: None,
            timeout: Some(TIMEOUT),
            tls_server_name: None,
            token: None,
            user: None,
            user_agent: concat!("lease-client/", env!("CARGO_PKG_VERSION")).into(),
        }
    }
}

/// Who to act as, by Kubernetes' impersonation headers. Without a user, nobody.
#[derive(Clone, Debug, Default)]
pub struct Impersonate {
    /// The user's name.
    pub user: Option<String>,
    /// The user's uid.
    pub uid: Option<String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Extra attributes, as key and value; a key may have several values.
    pub extra: Vec<(String, String)>,
}

/// A cluster that requests can be sent to.
pub struct Cluster {
    /// The context of the kubeconfig, if one says which cluster is meant.
    pub context: Option<String>,
    /// As whom requests are sent, as far as names tell: who is acted as, or the kubeconfig's name for
    /// the credentials. Nobody has checked it.
    pub user: Option<String>,
    /// Sends the requests.
    pub requests: Requests,
    /// The namespace of the context, `default` if it has none.
    pub namespace: String,
}

/// Why no cluster was found. No text of it quotes what a kubeconfig holds, but for names and
/// addresses.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig, and this is no pod.
    #[error("no kubeconfig found, and this is not a pod of a cluster")]
    NoCluster,
    /// The kubeconfig names no current context, and none was asked for.
    #[error("the kubeconfig has no current context")]
    NoCurrentContext {
        /// The contexts that there are.
        known: Vec<String>,
    },
    /// The kubeconfig does not have what was named.
    #[error("the kubeconfig has no {kind} \"{name}\"")]
    NotThere {
        /// `context`, `cluster` or `user`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The cluster has no address.
    #[error("the cluster of the kubeconfig has no server")]
    NoServer,
    /// An address is none.
    #[error("\"{address}\" is no address of a {of}")]
    Address {
        /// Of what.
        of: &'static str,
        /// As it was given, without a password.
        address: String,
    },
    /// Options that exclude each other, or one that needs another.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A kubeconfig file is no kubeconfig.
    #[error("{} is not a kubeconfig: {problem}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser found, and where.
        problem: String,
    },
    /// A kubeconfig file cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the kubeconfig names cannot be used.
    #[error("the kubeconfig does not lead to a cluster")]
    Kubeconfig(#[source] KubeconfigError),
    /// The pod's service account is incomplete.
    #[error("the pod's service account cannot be used")]
    InCluster(#[source] kube::config::InClusterError),
    /// The certificates or credentials cannot be used.
    #[error("cannot set up the connection")]
    Client(#[source] kube::Error),
}

/// Finds the cluster: the kubeconfig file that was named, else the files in `KUBECONFIG`
/// (merged), else `~/.kube/config`, else the service account of the pod that we are in; with what
/// the options say instead.
///
/// Nothing is sent yet, and no credential plugin runs.
pub async fn connect(options: &ConnectOptions) -> Result<Cluster, ConnectError> {
    let Choice {
        config,
        credentials,
        context,
        user,
        proxy_url,
    } = choice::choose(options).await?;
    let proxy = Proxy::choose(&config.cluster_url, proxy_url.as_deref())?;
    let server = config.cluster_url.to_string();
    let server = server.trim_end_matches('/').to_owned();
    let namespace = config.default_namespace.clone();
    let credentials = Arc::new(Credentials::new(credentials));
    let client = Transport::new(config, proxy, Arc::clone(&credentials))?.into_client()?;
    Ok(Cluster {
        context,
        user,
        requests: Requests::new(
            client,
            credentials,
            server,
            options.timeout,
            options.impersonate.user.clone(),
        ),
        namespace,
    })
}
