//! One command's view of its cluster.

use lease_client::{ConnectOptions, LeaseStore, connect};

use crate::cli::GlobalArgs;
use crate::failure::Failure;
use crate::lock_name;

/// A cluster, and the namespace that is meant when none is named.
pub(crate) struct Session {
    pub(crate) store: LeaseStore,
    pub(crate) namespace: String,
}

impl Session {
    /// Finds the cluster that the flags and the environment name. Nothing is sent yet.
    pub(crate) async fn open(global: &GlobalArgs) -> Result<Self, Failure> {
        let GlobalArgs {
            kubeconfig,
            context,
            namespace,
            request_timeout,
        } = global;
        let cluster = connect(&ConnectOptions {
            kubeconfig: kubeconfig.clone(),
            context: context.clone(),
            timeout: *request_timeout,
        })
        .await?;
        // As in kubectl, an empty namespace is none.
        let namespace = match namespace.as_deref() {
            None | Some("") => cluster.namespace,
            Some(namespace) => lock_name::parse_namespace(namespace)?,
        };
        Ok(Self {
            store: LeaseStore::new(cluster.requests),
            namespace,
        })
    }
}
