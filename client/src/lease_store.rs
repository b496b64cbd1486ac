//! Locks kept in Lease objects.

use bytes::Bytes;
use futures::Stream;
use http::Method;
use lease_core::{ResourceVersion, Timestamp, Write};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::lease::{Lease, MalformedLease};
use crate::request::{Answer, RequestError, Requests};
use crate::selection::{Selection, collection, object, push_query};
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError, Store, WriteError};
use crate::watch::{Change, follow};

/// The name under which the API server books what we write (`metadata.managedFields`).
const FIELD_MANAGER: &str = "kubectl-lease";

/// Locks kept in `coordination.k8s.io/v1` Leases.
#[derive(Clone)]
pub struct LeaseStore {
    requests: Requests,
}

/// A list of leases, and the point in the cluster's history that it shows.
#[derive(Debug)]
pub struct List {
    /// The leases, sorted by namespace and name.
    pub leases: Vec<Lease>,
    /// Where a watch has to begin to miss nothing.
    pub resource_version: ResourceVersion,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(borrow, default)]
    items: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PageMetadata {
    resource_version: String,
    #[serde(rename = "continue")]
    continuation: Option<String>,
}

impl LeaseStore {
    /// Leases behind these requests.
    pub const fn new(requests: Requests) -> Self {
        Self { requests }
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
        match self.pages(selection, limit).await {
            // The list took so long that its version is gone. One answer has no such limit.
            Err(ReadError::Unavailable(RequestError::Status(ApiStatus { code: 410, .. }))) => {
                self.pages(selection, None).await
            }
            result => result,
        }
    }

    /// The version of the newest state that the server knows of a selection.
    pub(crate) async fn newest(&self, selection: &Selection) -> Result<ResourceVersion, ReadError> {
        let mut path = selection.list_path();
        push_query(&mut path, "limit", "1");
        let answer = self.requests.send(Method::GET, &path, None).await?;
        let page: Page<'_> = serde_json::from_slice(&answer.body)
            .map_err(|error| RequestError::Unreadable(error.into()))?;
        Ok(ResourceVersion::new(page.metadata.resource_version))
    }

    async fn pages(
        &self,
        selection: &Selection,
        limit: Option<u32>,
    ) -> Result<Dated<List>, ReadError> {
        let mut first_page = selection.list_path();
        if let Some(limit) = limit {
            push_query(&mut first_page, "limit", &limit.to_string());
        }
        let mut path = first_page.clone();
        let mut leases = Vec::new();
        let mut date = None;
        loop {
            let answer = self.requests.send(Method::GET, &path, None).await?;
            date = date.or(answer.date);
            let page: Page<'_> = serde_json::from_slice(&answer.body)
                .map_err(|error| RequestError::Unreadable(error.into()))?;
            leases.reserve(page.items.len());
            for item in page.items {
                leases.push(Lease::new(item.to_owned()).map_err(ReadError::Malformed)?);
            }
            let metadata = page.metadata;
            let Some(token) = metadata.continuation.filter(|token| !token.is_empty()) else {
                return Ok(Dated {
                    value: List {
                        leases,
                        resource_version: ResourceVersion::new(metadata.resource_version),
                    },
                    date,
                });
            };
            path.clone_from(&first_page);
            push_query(&mut path, "continue", &token);
        }
    }

    async fn write(
        &self,
        method: Method,
        mut path: String,
        object: Map<String, Value>,
    ) -> Result<Dated<Lease>, WriteError> {
        push_query(&mut path, "fieldManager", FIELD_MANAGER);
        let body = Value::Object(object).to_string().into_bytes();
        let answer = self.requests.send(method, &path, Some(body)).await?;
        // A success that cannot be read was a success for all we know.
        lease(&answer).map_err(WriteError::Unknown)
    }
}

fn lease(answer: &Answer) -> Result<Dated<Lease>, RequestError> {
    let Answer { date, body } = answer;
    Ok(Dated {
        value: read(body).map_err(|error| RequestError::Unreadable(error.into()))?,
        date: *date,
    })
}

fn read(body: &Bytes) -> Result<Lease, MalformedLease> {
    let raw: &RawValue = serde_json::from_slice(body).map_err(MalformedLease)?;
    Lease::new(raw.to_owned())
}

impl Store for LeaseStore {
    async fn get(&self, namespace: &str, name: &str) -> Result<Dated<Option<Lease>>, ReadError> {
        let path = object(namespace, name);
        match self.requests.send(Method::GET, &path, None).await {
            Ok(answer) => {
                let Dated { value, date } = lease(&answer)?;
                Ok(Dated {
                    value: Some(value),
                    date,
                })
            }
            Err(RequestError::Status(ApiStatus {
                code: 404, reason, ..
            })) if reason == "NotFound" => Ok(Dated {
                value: None,
                date: None::<Timestamp>,
            }),
            Err(error) => Err(error.into()),
        }
    }

    async fn create(
        &self,
        namespace: &str,
        name: &str,
        write: &Write,
    ) -> Result<Dated<Lease>, WriteError> {
        let object = Lease::created_by(namespace, name, write);
        let path = collection(namespace) + "?";
        match self.write(Method::POST, path, object).await {
            // It is the namespace that is not there.
            Err(WriteError::Gone(status)) => Err(WriteError::Rejected(status)),
            result => result,
        }
    }

    async fn replace(&self, current: &Lease, write: &Write) -> Result<Dated<Lease>, WriteError> {
        let lock = current.snapshot();
        let path = object(&lock.namespace, &lock.name) + "?";
        self.write(Method::PUT, path, current.written(write)).await
    }

    fn watch(
        &self,
        selection: Selection,
    ) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
        follow(self.clone(), self.requests.clone(), selection)
    }
}
