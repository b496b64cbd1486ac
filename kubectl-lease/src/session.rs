//! One command's view of its cluster.

use lease_client::{LeaseStore, connect};

use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_name;

/// A cluster, and the namespace that is meant when none is named.
pub(crate) struct Session {
    /// What the cluster is called, if a kubeconfig says so.
    pub(crate) context: Option<String>,
    pub(crate) store: LeaseStore,
    pub(crate) namespace: String,
}

impl Session {
    /// Finds the cluster that the flags and the environment name. Nothing is sent yet.
    pub(crate) async fn open(global: &GlobalArgs) -> Result<Self, Failure> {
        let cluster = connect(&global.connect_options()).await?;
        // As in kubectl, an empty namespace is none.
        let namespace = match global.namespace.as_deref() {
            None | Some("") => cluster.namespace,
            Some(namespace) => lock_name::parse_namespace(namespace)?,
        };
        Ok(Self {
            context: cluster.context,
            store: LeaseStore::new(cluster.requests),
            namespace,
        })
    }
}
