//! Finding the cluster, as kubectl does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::request::Requests;

/// What a user can say of the cluster.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// A kubeconfig file instead of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// A context instead of the current one.
    pub context: Option<String>,
    /// How long a request may take.
    pub timeout: Duration,
}

/// A cluster that requests can be sent to.
pub struct Cluster {
    /// Sends the requests.
    pub requests: Requests,
    /// The namespace of the context, `default` if it has none.
    pub namespace: String,
}

/// Why no cluster was found.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig, and this is no pod.
    #[error("no kubeconfig found, and this is not a pod of a cluster")]
    NoCluster,
    /// The kubeconfig does not have the context that was asked for, or no current one.
    #[error("the kubeconfig has no such context")]
    Context(#[source] KubeconfigError),
    /// The kubeconfig cannot be read, or lacks what the context names.
    #[error("the kubeconfig does not lead to a cluster")]
    Kubeconfig(#[source] KubeconfigError),
    /// The pod's service account is incomplete.
    #[error("the pod's service account cannot be used")]
    InCluster(#[source] kube::config::InClusterError),
    /// The certificates or credentials that the kubeconfig names cannot be used.
    #[error("cannot set up the connection")]
    Client(#[source] kube::Error),
}

/// Finds the cluster: the kubeconfig file that was named, else the files in `KUBECONFIG`
/// (merged), else `~/.kube/config`, else the service account of the pod that we are in.
///
/// Nothing is sent yet.
pub async fn connect(options: &ConnectOptions) -> Result<Cluster, ConnectError> {
    let mut config = config(options).await?;
    if config.cluster_url.scheme_str() == Some("http") {
        // Nothing is signed there. Left open, it would mean to read all that the system trusts,
        // which takes longer than the requests of most commands.
        config.root_cert = Some(Vec::new());
    }
    // A write that is repeated on its own could land twice; who decides on writes has to know of
    // each attempt.
    config.default_retry = false;
    config.connect_timeout = Some(options.timeout);
    // Each request has its own limit instead, and a watch outlasts any.
    config.read_timeout = None;
    config.write_timeout = None;
    let server = config.cluster_url.to_string();
    let namespace = config.default_namespace.clone();
    let client = kube::Client::try_from(config).map_err(ConnectError::Client)?;
    Ok(Cluster {
        requests: Requests::new(client, server, options.timeout),
        namespace,
    })
}

async fn config(options: &ConnectOptions) -> Result<Config, ConnectError> {
    let choice = KubeConfigOptions {
        context: options.context.clone(),
        ..KubeConfigOptions::default()
    };
    let kubeconfig = match &options.kubeconfig {
        Some(path) => Kubeconfig::read_from(path).map_err(ConnectError::Kubeconfig)?,
        None => match listed_kubeconfigs().map_err(ConnectError::Kubeconfig)? {
            Some(kubeconfig) => kubeconfig,
            // A list of which no file is there leads nowhere, and not to whatever cluster the file
            // at home names.
            None => match home_kubeconfig().filter(|_| !is_listed()) {
                Some(path) => Kubeconfig::read_from(path).map_err(ConnectError::Kubeconfig)?,
                None if options.context.is_none() && is_pod() => {
                    return Config::incluster().map_err(ConnectError::InCluster);
                }
                None => return Err(ConnectError::NoCluster),
            },
        },
    };
    Config::from_custom_kubeconfig(kubeconfig, &choice)
        .await
        .map_err(|error| match error {
            KubeconfigError::LoadContext(_) | KubeconfigError::CurrentContextNotSet => {
                ConnectError::Context(error)
            }
            error => ConnectError::Kubeconfig(error),
        })
}

/// The files that `KUBECONFIG` lists, merged, the first one counting most. Files that are not
/// there are passed over, as kubectl does (clientcmd's `ClientConfigLoadingRules`).
fn listed_kubeconfigs() -> Result<Option<Kubeconfig>, KubeconfigError> {
    let list = std::env::var_os("KUBECONFIG").unwrap_or_default();
    let mut merged: Option<Kubeconfig> = None;
    for path in std::env::split_paths(&list) {
        if path.as_os_str().is_empty() || !path.exists() {
            continue;
        }
        let next = Kubeconfig::read_from(path)?;
        merged = Some(match merged {
            Some(merged) => merged.merge(next)?,
            None => next,
        });
    }
    Ok(merged)
}

fn is_listed() -> bool {
    std::env::var_os("KUBECONFIG").is_some_and(|list| !list.is_empty())
}

fn home_kubeconfig() -> Option<PathBuf> {
    let path = std::env::home_dir()?.join(".kube").join("config");
    path.exists().then_some(path)
}

/// Whether this is a pod with a service account.
pub(crate) fn is_pod() -> bool {
    std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
        && Path::new("/var/run/secrets/kubernetes.io/serviceaccount/token").exists()
}
