//! Locks kept in Lease objects.

use bytes::Bytes;
use futures::Stream;
use http::Method;
use lease_core::{ResourceVersion, Ticket, Timestamp, Uid, Write};
use serde_json::{Map, Value, json};

use crate::lease::{self, Lease, MalformedLease};
use crate::lease_summary::LeaseSummary;
use crate::request::{Answer, Call, JSON, RequestError, Requests};
use crate::right::Right;
use crate::selection::{Kind, LEASES, Scope, Selection, collection, object, push_query};
use crate::store::{Dated, ReadError, Store, WriteError};
use crate::ticket::{NewTicket, WAITS_FOR};
use crate::watch::{Change, Objects, follow, follow_from};

/// The name under which the API server books what we write (`metadata.managedFields`).
const FIELD_MANAGER: &str = "kubectl-lease";

/// Locks kept in `coordination.k8s.io/v1` Leases.
#[derive(Clone)]
pub struct LeaseStore {
    pub(crate) requests: Requests,
    dry_run: bool,
}

/// A list of leases, and the point in the cluster's history that it shows.
#[derive(Clone, Debug)]
pub struct List<T = Lease> {
    /// The leases, or what was kept of each, sorted by namespace and name.
    pub leases: Vec<T>,
    /// Where a watch has to begin to miss nothing.
    pub resource_version: ResourceVersion,
}

/// One lease of a list, while the list arrives.
#[derive(Debug)]
pub struct Listed<'a> {
    pub(crate) text: &'a str,
    /// What was read of it.
    pub summary: LeaseSummary,
    /// The server's clock when it answered, as [`Dated`] has it.
    pub date: Option<Timestamp>,
}

impl Listed<'_> {
    /// The object's JSON as the server sent it; an item of a list has no `apiVersion` and `kind`.
    pub fn text(&self) -> &str {
        self.text
    }

    /// The whole object, with `apiVersion` and `kind`.
    pub fn object(&self) -> Map<String, Value> {
        lease::object(self.text)
    }

    /// The lease with its text.
    pub fn into_lease(self) -> Lease {
        Lease::of(self.text.into(), self.summary)
    }
}

impl LeaseStore {
    /// Leases behind these requests.
    pub const fn new(requests: Requests) -> Self {
        Self {
            requests,
            dry_run: false,
        }
    }

    /// Whether the server is to check what is written, and tell what would come of it, without
    /// keeping it (`dryRun=All`).
    #[must_use]
    pub const fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Lists leases; in pages of `limit` if one is given, else in one answer, which costs the
    /// server least since it answers from its cache.
    ///
    /// The date is that of the *first* page: what it shows cannot be younger.
    pub async fn list(
        &self,
        selection: &Selection,
        limit: Option<u32>,
    ) -> Result<Dated<List>, ReadError> {
        self.list_keeping(selection, limit, |listed| Some(listed.into_lease()))
            .await
    }

    /// Lists leases as [`LeaseStore::list`] does, and keeps of each what `keep` makes of it while
    /// the list arrives, so that its text is never held as a whole.
    ///
    /// `keep` can be given the same lease twice, if the list has to be begun anew; what was kept
    /// before is then forgotten.
    pub async fn list_keeping<T>(
        &self,
        selection: &Selection,
        limit: Option<u32>,
        mut keep: impl FnMut(Listed<'_>) -> Option<T>,
    ) -> Result<Dated<List<T>>, ReadError> {
        let path = selection.list_path();
        let right = selection.right("list");
        let keep = |text: &str, date| Ok(keep(listed(text, date)?));
        let Dated { value, date } = self.requests.list(&path, &right, limit, keep).await?;
        Ok(Dated {
            value: List {
                leases: value.items,
                resource_version: value.resource_version,
            },
            date,
        })
    }

    /// Follows leases as [`Store::watch`] does, and keeps of each what `keep` makes of it.
    ///
    /// Only a list is dated; what comes after it is not.
    pub fn watch_keeping<T: Send + 'static>(
        &self,
        selection: Selection,
        keep: impl FnMut(Listed<'_>) -> T + Send + 'static,
    ) -> impl Stream<Item = Result<Change<T>, ReadError>> + Send + 'static {
        follow(self.clone(), self.requests.clone(), selection, keep)
    }

    /// Looks for one lock in a list.
    async fn find(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        let one = Selection::all_of(Scope::One {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
        let Dated { value, date } = self.list(&one, None).await?;
        Ok(Dated {
            value: value.leases.into_iter().next(),
            date,
        })
    }

    async fn write(
        &self,
        method: Method,
        mut path: String,
        right: Right,
        object: &Map<String, Value>,
    ) -> Result<Dated<Lease>, WriteError> {
        push_query(&mut path, "fieldManager", FIELD_MANAGER);
        if self.dry_run {
            push_query(&mut path, "dryRun", "All");
        }
        // A structure of texts and numbers always has a form in JSON.
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
        lease(&answer).map_err(WriteError::Unknown)
    }
}

fn tickets_for(namespace: &str, lock: &Uid) -> Selection {
    Selection {
        labels: Some(format!("{WAITS_FOR}={lock}")),
        ..Selection::all_of(Scope::Namespace(namespace.to_owned()))
    }
}

fn whole(listed: Listed<'_>) -> Lease {
    listed.into_lease()
}

/// What is sent with a DELETE: that of the uid, and of the version if one is given.
pub(crate) fn delete_options(uid: &Uid, version: Option<&ResourceVersion>, dry_run: bool) -> Bytes {
    let mut preconditions = json!({ "uid": uid.as_str() });
    if let Some(version) = version {
        preconditions["resourceVersion"] = version.as_str().into();
    }
    let mut options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": preconditions,
    });
    if dry_run {
        options["dryRun"] = json!(["All"]);
    }
    options.to_string().into()
}

/// A lease that was only created in a dry run has no resourceVersion: it is given an empty one.
pub(crate) fn versioned(body: Bytes) -> Bytes {
    let Ok(mut object) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata
            .entry("resourceVersion")
            .or_insert_with(|| "".into());
    }
    object.to_string().into()
}

fn listed(text: &str, date: Option<Timestamp>) -> Result<Listed<'_>, ReadError> {
    let summary = LeaseSummary::read(text).map_err(ReadError::Malformed)?;
    Ok(Listed {
        text,
        summary,
        date,
    })
}

fn lease(answer: &Answer) -> Result<Dated<Lease>, RequestError> {
    let Answer { date, body } = answer;
    let text = str::from_utf8(body).map_err(|error| RequestError::Unreadable(error.into()))?;
    Ok(Dated {
        value: Lease::new(text).map_err(|error| RequestError::Unreadable(error.into()))?,
        date: *date,
    })
}

impl Store for LeaseStore {
    /// Where reading the lock is not allowed, but listing is, it is looked for in a list.
    async fn get(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        let path = object(namespace, name);
        let right = Right::to("get", Some(namespace), Some(name));
        match self.requests.send(Call::get(&path, right)).await {
            Ok(answer) => {
                let Dated { value, date } = lease(&answer)?;
                Ok(Dated {
                    value: Some(value),
                    date,
                })
            }
            Err(RequestError::Status(status)) if status.is_absence() => Ok(Dated {
                value: None,
                date: None::<Timestamp>,
            }),
            Err(error) => match ReadError::from(error) {
                ReadError::Denied(status) if status.code == 403 => self
                    .find(namespace, name)
                    .await
                    .map_err(|error| match error {
                        ReadError::Denied(_) => ReadError::Denied(status),
                        error => error,
                    }),
                error => Err(error),
            },
        }
    }

    /// Where creating is only allowed under this name, the lock is created by a PUT: the name of
    /// what a POST creates is not known when its right is checked.
    async fn create(
        &self,
        namespace: &str,
        name: &str,
        write: &Write,
    ) -> Result<Dated<Lease>, WriteError> {
        let lease = Lease::created_by(namespace, name, write);
        let path = collection(namespace) + "?";
        let right = Right::to("create", Some(namespace), None);
        match self.write(Method::POST, path, right, &lease).await {
            // It is the namespace that is not there.
            Err(WriteError::Gone(status)) => Err(WriteError::Rejected(status)),
            Err(WriteError::Denied(status)) if status.code == 403 => {
                let path = object(namespace, name) + "?";
                let right = Right::to("create", Some(namespace), Some(name));
                match self.write(Method::PUT, path, right, &lease).await {
                    // Without a version, a PUT only creates.
                    Err(WriteError::Rejected(status))
                        if status.code == 422 && status.message.contains("resourceVersion") =>
                    {
                        Err(WriteError::Conflict(status))
                    }
                    Err(WriteError::Denied(_)) => Err(WriteError::Denied(status)),
                    result => result,
                }
            }
            result => result,
        }
    }

    async fn replace(&self, current: &Lease, write: &Write) -> Result<Dated<Lease>, WriteError> {
        let lock = current.snapshot();
        let path = object(&lock.namespace, &lock.name) + "?";
        let right = Right::to("update", Some(&lock.namespace), Some(&lock.name));
        self.write(Method::PUT, path, right, &current.written(write))
            .await
    }

    async fn enqueue(&self, ticket: &NewTicket) -> Result<Ticket, WriteError> {
        let NewTicket {
            namespace, name, ..
        } = ticket;
        let path = collection(namespace) + "?";
        let right = Right::to("create", Some(namespace), None);
        let created = self
            .write(Method::POST, path, right, &ticket.object())
            .await;
        let lease = match created {
            Ok(Dated { value, .. }) => value,
            Err(WriteError::Conflict(status)) => match self.get(namespace, name).await {
                Ok(Dated {
                    value: Some(found), ..
                }) if found.snapshot().record.holder() == Some(&ticket.holder) => {
                    if !found
                        .summary()
                        .ticket()
                        .is_some_and(|found| found.lock == ticket.lock && !found.window.is_zero())
                    {
                        // Somebody edited it so that it is none any more: another one is needed.
                        let uid = &found.snapshot().version.uid;
                        self.delete(namespace, name, uid, None).await?;
                        return Err(WriteError::Conflict(status));
                    }
                    found
                }
                Ok(_) | Err(ReadError::Malformed(_)) => return Err(WriteError::Conflict(status)),
                Err(ReadError::Denied(status)) => return Err(WriteError::Denied(status)),
                Err(ReadError::Unavailable(error)) => return Err(WriteError::Unknown(error)),
            },
            Err(error) => return Err(error),
        };
        let found = lease.summary().ticket();
        found.ok_or_else(|| WriteError::Unknown(RequestError::Unreadable("no ticket".into())))
    }

    /// Not as of a version that was read already, which would be quicker: a server that was restored
    /// from a backup does not have that version, and does not answer.
    async fn tickets(&self, namespace: &str, lock: &Uid) -> Result<List<Ticket>, ReadError> {
        let tickets = tickets_for(namespace, lock);
        let list = self.list_keeping(&tickets, None, |listed| listed.summary.ticket());
        Ok(list.await?.value)
    }

    fn watch_tickets(
        &self,
        namespace: &str,
        lock: &Uid,
        after: ResourceVersion,
    ) -> impl Stream<Item = Result<Change<Option<Ticket>>, ReadError>> + Send + 'static {
        let keep = |listed: Listed<'_>| listed.summary.ticket();
        let tickets = tickets_for(namespace, lock);
        follow_from(self.clone(), self.requests.clone(), tickets, keep, after)
    }

    async fn delete(
        &self,
        namespace: &str,
        name: &str,
        uid: &Uid,
        version: Option<&ResourceVersion>,
    ) -> Result<(), WriteError> {
        let path = object(namespace, name);
        let call = Call {
            method: Method::DELETE,
            path: &path,
            body: Some(delete_options(uid, version, false)),
            right: Right::to("delete", Some(namespace), Some(name)),
            accept: JSON,
        };
        match self.requests.send(call).await.map_err(WriteError::from) {
            Ok(_) | Err(WriteError::Gone(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn watch(
        &self,
        selection: Selection,
    ) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
        self.watch_keeping(selection, whole)
    }
}

impl Objects for LeaseStore {
    const KIND: &'static Kind = &LEASES;

    fn read(text: &str) -> Result<LeaseSummary, MalformedLease> {
        LeaseSummary::read(text)
    }
}
