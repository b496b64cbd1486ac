//! Which kubeconfig files count.

use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use super::ConnectError;

/// The kubeconfig: the file that was named, else the files that `KUBECONFIG` lists, merged, else
/// the one at home; `None` if there is none.
pub(crate) fn kubeconfig(named: Option<&Path>) -> Result<Option<Kubeconfig>, ConnectError> {
    if let Some(path) = named {
        return read(path).map(Some);
    }
    let list = std::env::var_os("KUBECONFIG").unwrap_or_default();
    if list.is_empty() {
        return home().map(|path| read(&path)).transpose();
    }
    // A list of which no file is there leads nowhere, and not to whatever cluster the file at home
    // names.
    merged(std::env::split_paths(&list))
}

/// The files that there are, the first one counting most. The others are passed over, as kubectl
/// does (clientcmd's `ClientConfigLoadingRules`).
fn merged(paths: impl IntoIterator<Item = PathBuf>) -> Result<Option<Kubeconfig>, ConnectError> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths {
        if path.as_os_str().is_empty() || !path.exists() {
            continue;
        }
        let next = read(&path)?;
        merged = Some(match merged {
            Some(merged) => merged.merge(next).map_err(ConnectError::Kubeconfig)?,
            None => next,
        });
    }
    Ok(merged)
}

fn read(path: &Path) -> Result<Kubeconfig, ConnectError> {
    let mut kubeconfig = Kubeconfig::read_from(path).map_err(|error| match error {
        // The parser's own text draws the lines around the place, and there may be a token.
        KubeconfigError::Parse(error) => ConnectError::Syntax {
            path: path.to_owned(),
            problem: place(&error),
        },
        KubeconfigError::ReadConfig(source, path) => ConnectError::Unreadable { path, source },
        error => ConnectError::Kubeconfig(error),
    })?;
    // An empty name is none, and must not hide that of the next file.
    kubeconfig.current_context = kubeconfig.current_context.filter(|name| !name.is_empty());
    tracing::debug!(target: "lease_client::config", path = %path.display(), "config loaded");
    Ok(kubeconfig)
}

/// Where a text stops being YAML of the right form.
pub(super) fn place(error: &serde_saphyr::Error) -> String {
    match error.location() {
        Some(location) => format!(
            "line {}, column {} is not what it should be",
            location.line(),
            location.column()
        ),
        None => "it is not YAML of the right form".to_owned(),
    }
}

fn home() -> Option<PathBuf> {
    let path = std::env::home_dir()?.join(".kube").join("config");
    path.exists().then_some(path)
}

/// Where a kubelet puts what a pod knows of its service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Whether this is a pod with a service account.
pub(crate) fn is_pod() -> bool {
    std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
        && Path::new(SERVICE_ACCOUNT).join("token").exists()
}

/// The namespace of the pod that this is, if it has a service account.
pub(crate) fn pod_namespace() -> Option<String> {
    let namespace = std::fs::read_to_string(Path::new(SERVICE_ACCOUNT).join("namespace")).ok()?;
    let namespace = namespace.trim();
    (is_pod() && !namespace.is_empty()).then(|| namespace.to_owned())
}
