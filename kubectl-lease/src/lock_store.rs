//! Where the locks are kept that a verb is told by their names: `NAME` is a Lease, `configmap/NAME` a
//! `ConfigMap`.

use futures::{Stream, StreamExt};
use lease_client::{
    Change, ConfigMapStore, Dated, Lease, LeaseStore, NewTicket, ReadError, RequestError, Scope,
    Selection, Store, WriteError,
};
use lease_core::{PodOwner, PodSeen, ResourceVersion, Ticket, Uid, Write};

use crate::dry_run::DryRun;
use crate::lock_name::{config_map, is_config_map};

/// Locks of both kinds, by the names that [`crate::lock_name::parse`] makes of what is typed.
#[derive(Clone)]
pub(crate) struct LockStore {
    leases: LeaseStore,
    config_maps: ConfigMapStore,
}

impl From<LeaseStore> for LockStore {
    fn from(leases: LeaseStore) -> Self {
        Self {
            config_maps: ConfigMapStore::beside(&leases),
            leases,
        }
    }
}

impl LockStore {
    /// The pod that `ConfigMap`s belong to from now on.
    pub(crate) fn set_owner(&mut self, owner: PodOwner) {
        self.config_maps = self.config_maps.clone().owned_by(owner);
    }

    /// What is written from now on is written, or checked by the server.
    pub(crate) fn dry_run(self, dry_run: DryRun) -> Self {
        let is_dry = dry_run == DryRun::Server;
        Self {
            leases: self.leases.dry_run(is_dry),
            config_maps: self.config_maps.dry_run(is_dry),
        }
    }

    /// Looks for a pod.
    pub(crate) async fn pod(&self, namespace: &str, name: &str) -> Result<PodSeen, ReadError> {
        self.config_maps.pod(namespace, name).await
    }

    /// The lock as a write would leave it, as far as that is known before it is sent.
    pub(crate) fn planned(
        &self,
        namespace: &str,
        name: &str,
        current: Option<&Lease>,
        write: &Write,
    ) -> Result<Lease, WriteError> {
        if let Some(name) = config_map(name) {
            return self.config_maps.planned(namespace, name, current, write);
        }
        Lease::planned(namespace, name, current, write)
            .map_err(|error| WriteError::Unknown(RequestError::Unreadable(error.into())))
    }
}

impl Store for LockStore {
    fn exists_while_held(&self, name: &str) -> bool {
        config_map(name).is_some()
    }

    async fn get(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        match config_map(name) {
            Some(name) => self.config_maps.get(namespace, name).await,
            None => self.leases.get(namespace, name).await,
        }
    }

    async fn create(
        &self,
        namespace: &str,
        name: &str,
        write: &Write,
    ) -> Result<Dated<Lease>, WriteError> {
        match config_map(name) {
            Some(name) => self.config_maps.create(namespace, name, write).await,
            None => self.leases.create(namespace, name, write).await,
        }
    }

    async fn replace(&self, current: &Lease, write: &Write) -> Result<Dated<Lease>, WriteError> {
        if is_config_map(current.snapshot()) {
            self.config_maps.replace(current, write).await
        } else {
            self.leases.replace(current, write).await
        }
    }

    async fn enqueue(&self, ticket: &NewTicket) -> Result<Ticket, WriteError> {
        self.leases.enqueue(ticket).await
    }

    async fn tickets(
        &self,
        namespace: &str,
        lock: &Uid,
    ) -> Result<lease_client::List<Ticket>, ReadError> {
        self.leases.tickets(namespace, lock).await
    }

    fn watch_tickets(
        &self,
        namespace: &str,
        lock: &Uid,
        after: ResourceVersion,
    ) -> impl Stream<Item = Result<Change<Option<Ticket>>, ReadError>> + Send + 'static {
        self.leases.watch_tickets(namespace, lock, after)
    }

    async fn delete(
        &self,
        namespace: &str,
        name: &str,
        uid: &Uid,
        version: Option<&ResourceVersion>,
    ) -> Result<(), WriteError> {
        match config_map(name) {
            Some(name) => self.config_maps.delete(namespace, name, uid, version).await,
            None => self.leases.delete(namespace, name, uid, version).await,
        }
    }

    fn watch(
        &self,
        selection: Selection,
    ) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
        if let Scope::One { namespace, name } = &selection.scope
            && let Some(name) = config_map(name)
        {
            let scope = Scope::One {
                namespace: namespace.clone(),
                name: name.to_owned(),
            };
            return self.config_maps.watch(Selection::all_of(scope)).boxed();
        }
        self.leases.watch(selection).boxed()
    }
}
