//! What a kubeconfig has names for, to choose from.

use std::path::Path;

use crate::connect::{ConnectError, kubeconfig};

/// The names in a kubeconfig, in its order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KubeconfigNames {
    /// Of clusters.
    pub clusters: Vec<String>,
    /// Of contexts.
    pub contexts: Vec<String>,
    /// Of users.
    pub users: Vec<String>,
}

/// The names in the kubeconfig that [`connect`](crate::connect()) would read; none where there is
/// no kubeconfig.
pub fn kubeconfig_names(kubeconfig_file: Option<&Path>) -> Result<KubeconfigNames, ConnectError> {
    let kubeconfig = kubeconfig(kubeconfig_file)?.unwrap_or_default();
    Ok(KubeconfigNames {
        clusters: names(kubeconfig.clusters, |cluster| cluster.name),
        contexts: names(kubeconfig.contexts, |context| context.name),
        users: names(kubeconfig.auth_infos, |user| user.name),
    })
}

fn names<T>(entries: Vec<T>, name: impl Fn(T) -> String) -> Vec<String> {
    entries.into_iter().map(name).collect()
}
