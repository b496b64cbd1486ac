//! Locks kept as `ConfigMap` objects, which exist while they are held.

use std::collections::BTreeMap;

use futures::Stream;
use futures::stream;
use http::Method;
use lease_core::{Means, PodOwner, PodSeen, ResourceVersion, Ticket, Uid, Write};
use serde_json::{Map, Value};

use crate::config_map;
use crate::lease::{Lease, MalformedLease};
use crate::lease_store::{LeaseStore, List, delete_options, versioned};
use crate::request::{Answer, Call, JSON, RequestError, Requests};
use crate::right::Right;
use crate::selection::{CONFIG_MAPS, Scope, Selection};
use crate::store::{Dated, ReadError, Store, WriteError};
use crate::ticket::NewTicket;
use crate::watch::{Change, Objects, follow};

/// The name under which the API server books what we write (`metadata.managedFields`).
const FIELD_MANAGER: &str = "kubectl-lease";

/// Locks that are `ConfigMap`s which belong to their holder's Pod, as kvdi's are: its contenders and
/// ours can share one.
///
/// A lock exists while it is held. It is given back by a DELETE, and taken from somebody whose lease
/// is over by a DELETE and a POST, each DELETE under the preconditions of the uid and the
/// resourceVersion that were judged. Nobody waits in line: whoever comes first after a release has
/// it, and a named successor cannot be given it.
///
/// Two things no contender can make up for. One of kvdi deletes a lock without preconditions once
/// `expiresAt` lies behind its own clock, be it renewed in the meantime: a holder of ours hears of
/// that by its watch, and stops. And what one of kvdi states as `expiresAt` it computed before it
/// waited; ours take such a lock only when the API server's clock and their own are both past that
/// and the margin.
#[derive(Clone)]
pub struct ConfigMapStore {
    requests: Requests,
    owner: Option<PodOwner>,
    labels: BTreeMap<String, String>,
    dry_run: bool,
}

impl ConfigMapStore {
    /// Locks behind these requests, which nothing here can create yet: see
    /// [`ConfigMapStore::owned_by`].
    pub const fn new(requests: Requests) -> Self {
        Self {
            requests,
            owner: None,
            labels: BTreeMap::new(),
            dry_run: false,
        }
    }

    /// Locks on the same cluster as these leases.
    pub fn beside(store: &LeaseStore) -> Self {
        Self::new(store.requests.clone())
    }

    /// The Pod that locks belong to from now on. It has to be in their namespace: the garbage
    /// collector removes them with it, and at once if it is not there.
    #[must_use]
    pub fn owned_by(mut self, owner: PodOwner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The labels of locks that are created.
    #[must_use]
    pub fn labels(mut self, labels: BTreeMap<String, String>) -> Self {
        self.labels = labels;
        self
    }

    /// Whether the server is to check what is written, and tell what would come of it, without
    /// keeping it (`dryRun=All`).
    #[must_use]
    pub const fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Looks for the Pod of this name, which may own locks or owned one.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to get it. Only a 404 for the Pod itself shows that
    /// it is not there.
    pub async fn pod(&self, namespace: &str, name: &str) -> Result<PodSeen, ReadError> {
        self.requests.pod_seen(namespace, name).await
    }

    /// The lock as a write to `current` would leave it, or to no lock of this name, as far as that is
    /// known before it is sent.
    ///
    /// # Errors
    /// [`WriteError::NotPossible`] if it would have to be created and nobody owns it.
    pub fn planned(
        &self,
        namespace: &str,
        name: &str,
        current: Option<&Lease>,
        write: &Write,
    ) -> Result<Lease, WriteError> {
        let nobody = PodOwner {
            name: String::new(),
            uid: Uid::new(""),
        };
        let owner = match current.map(|current| write.means(current.snapshot())) {
            Some(Means::Delete | Means::Update) => &nobody,
            _ => self.owner()?,
        };
        config_map::planned(namespace, name, owner, &self.labels, current, write)
            .map_err(|error| WriteError::Unknown(RequestError::Unreadable(error.into())))
    }

    fn owner(&self) -> Result<&PodOwner, WriteError> {
        let owner = self.owner.as_ref();
        owner.ok_or(WriteError::NotPossible(
            "a lock that is a ConfigMap belongs to a Pod, and none was named",
        ))
    }

    /// Looks for one lock in a list.
    async fn find(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        let one = Selection::all_of(Scope::One {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
        let path = one.list_path_of(&CONFIG_MAPS);
        let right = one.right_to(&CONFIG_MAPS, "list");
        let keep = |text: &str, _| {
            let summary = config_map::read(text).map_err(ReadError::Malformed)?;
            Ok(Some(Lease::of(text.into(), summary)))
        };
        let Dated { value, date } = self.requests.list(&path, &right, None, keep).await?;
        Ok(Dated {
            value: value.items.into_iter().next(),
            date,
        })
    }

    async fn write(
        &self,
        method: Method,
        path: &str,
        right: Right,
        object: &Map<String, Value>,
    ) -> Result<Dated<Lease>, WriteError> {
        let dry_run = if self.dry_run { "&dryRun=All" } else { "" };
        let path = format!("{path}?fieldManager={FIELD_MANAGER}{dry_run}");
        // A structure of texts has a form in JSON.
        let body = serde_json::to_vec(object).unwrap_or_default();
        let call = Call {
            method,
            path: &path,
            body: Some(body.into()),
            right,
            accept: JSON,
        };
        let mut answer = self.requests.send(call).await?;
        if self.dry_run {
            answer.body = versioned(answer.body);
        }
        // A success that cannot be read was a success for all we know.
        lock(&answer).map_err(WriteError::Unknown)
    }

    /// Deletes a lock, under both preconditions if a version is given.
    async fn remove(
        &self,
        namespace: &str,
        name: &str,
        uid: &Uid,
        version: Option<&ResourceVersion>,
    ) -> Result<(), WriteError> {
        let path = CONFIG_MAPS.object(namespace, name);
        let call = Call {
            method: Method::DELETE,
            path: &path,
            body: Some(delete_options(uid, version, self.dry_run)),
            right: Right::on(&CONFIG_MAPS, "delete", Some(namespace), Some(name)),
            accept: JSON,
        };
        self.requests.send(call).await?;
        Ok(())
    }

    /// Deletes a lock that was read, so that it is free, or can be created anew.
    async fn remove_current(&self, current: &Lease) -> Result<(), WriteError> {
        let lock = current.snapshot();
        let version = Some(&lock.version.resource_version);
        self.remove(&lock.namespace, &lock.name, &lock.version.uid, version)
            .await
    }
}

fn lock(answer: &Answer) -> Result<Dated<Lease>, RequestError> {
    let Answer { date, body } = answer;
    let text = str::from_utf8(body).map_err(|error| RequestError::Unreadable(error.into()))?;
    let summary = config_map::read(text).map_err(|error| RequestError::Unreadable(error.into()))?;
    Ok(Dated {
        value: Lease::of(text.into(), summary),
        date: *date,
    })
}

impl Store for ConfigMapStore {
    fn exists_while_held(&self, _: &str) -> bool {
        true
    }

    /// Where reading the lock is not allowed, but listing is, it is looked for in a list.
    async fn get(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        let path = CONFIG_MAPS.object(namespace, name);
        let right = Right::on(&CONFIG_MAPS, "get", Some(namespace), Some(name));
        match self.requests.send(Call::get(&path, right)).await {
            Ok(answer) => {
                let Dated { value, date } = lock(&answer)?;
                let value = Some(value);
                Ok(Dated { value, date })
            }
            Err(RequestError::Status(status)) if status.is_absence() => Ok(Dated {
                value: None,
                date: None,
            }),
            Err(error) => match ReadError::from(error) {
                ReadError::Denied(status) if status.code == 403 => {
                    let found = self.find(namespace, name).await;
                    found.map_err(|error| match error {
                        ReadError::Denied(_) => ReadError::Denied(status),
                        error => error,
                    })
                }
                error => Err(error),
            },
        }
    }

    /// By a POST, for which the right to create under one name does not count: a PUT creates no
    /// `ConfigMap`.
    async fn create(
        &self,
        namespace: &str,
        name: &str,
        write: &Write,
    ) -> Result<Dated<Lease>, WriteError> {
        let owner = self.owner()?;
        let object = config_map::created_by(namespace, name, owner, &self.labels, write);
        let path = CONFIG_MAPS.collection(namespace);
        let right = Right::on(&CONFIG_MAPS, "create", Some(namespace), None);
        match self.write(Method::POST, &path, right, &object).await {
            // It is the namespace that is not there.
            Err(WriteError::Gone(status)) => Err(WriteError::Rejected(status)),
            result => result,
        }
    }

    async fn replace(&self, current: &Lease, write: &Write) -> Result<Dated<Lease>, WriteError> {
        let lock = current.snapshot();
        let (namespace, name) = (&lock.namespace, &lock.name);
        let undated = |value| Ok(Dated { value, date: None });
        match write.means(lock) {
            Means::Create => self.create(namespace, name, write).await,
            Means::Update => {
                let path = CONFIG_MAPS.object(namespace, name);
                let right = Right::on(&CONFIG_MAPS, "update", Some(namespace), Some(name));
                let object = config_map::written(current, write);
                self.write(Method::PUT, &path, right, &object).await
            }
            Means::Delete => {
                self.remove_current(current).await?;
                undated(config_map::deleted(current))
            }
            Means::Recreate => {
                // Before anything is deleted.
                self.owner()?;
                match self.remove_current(current).await {
                    // Whoever had it gave it back; whether anybody else has it, creating it tells.
                    Ok(()) | Err(WriteError::Gone(_)) => {}
                    Err(error) => return Err(error),
                }
                if self.dry_run {
                    return undated(self.planned(namespace, name, Some(current), write)?);
                }
                self.create(namespace, name, write).await
            }
        }
    }

    /// Not possible: each holder's lock is another object, so that there is nothing to wait for in
    /// line.
    async fn enqueue(&self, _: &NewTicket) -> Result<Ticket, WriteError> {
        Err(WriteError::NotPossible(
            "nobody waits in line for a lock that is a ConfigMap",
        ))
    }

    /// None.
    async fn tickets(&self, _: &str, _: &Uid) -> Result<List<Ticket>, ReadError> {
        Ok(List {
            leases: Vec::new(),
            resource_version: ResourceVersion::new(""),
        })
    }

    /// Nothing.
    fn watch_tickets(
        &self,
        _: &str,
        _: &Uid,
        _: ResourceVersion,
    ) -> impl Stream<Item = Result<Change<Option<Ticket>>, ReadError>> + Send + 'static {
        stream::pending()
    }

    async fn delete(
        &self,
        namespace: &str,
        name: &str,
        uid: &Uid,
        version: Option<&ResourceVersion>,
    ) -> Result<(), WriteError> {
        match self.remove(namespace, name, uid, version).await {
            Err(WriteError::Gone(_)) => Ok(()),
            result => result,
        }
    }

    fn watch(
        &self,
        selection: Selection,
    ) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
        follow(self.clone(), self.requests.clone(), selection, |listed| {
            listed.into_lease()
        })
    }
}

impl Objects for ConfigMapStore {
    const KIND: &'static crate::selection::Kind = &CONFIG_MAPS;

    fn read(text: &str) -> Result<crate::LeaseSummary, MalformedLease> {
        config_map::read(text)
    }
}
