//! Following leases without missing a state.
//!
//! A watch begins where a list ends. Where its connection drops it goes on after the last
//! version that it saw; where the server no longer knows that version (410), where the server
//! went back to an older state, or where an answer makes no sense, it lists again. Whoever
//! follows takes each [`Change::Listed`] as the whole truth from then on.

use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use http::Response;
use http_body_util::BodyExt;
use kube::client::Body;
use lease_core::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{sleep, timeout};

use crate::lease::Lease;
use crate::lease_store::{LeaseStore, List};
use crate::request::{RequestError, Requests};
use crate::selection::{Scope, Selection, push_query};
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError, Store};

/// How long the server is asked to keep one watch open, in seconds.
const WATCH_SECONDS: u64 = 240;
/// The first wait after a failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What a watch tells.
#[derive(Debug)]
pub enum Change {
    /// A lease was created or changed; this is its latest state.
    Applied(Lease),
    /// A lease was deleted; this was its last state.
    Deleted(Lease),
    /// The connection broke. What is known is as old as this, until the next change.
    Interrupted(ReadError),
    /// All leases there are: what is not among them does not exist.
    Listed {
        /// The leases.
        leases: Vec<Lease>,
        /// The server's clock when it answered; see [`lease_core::Look::Stamped`].
        date: Option<Timestamp>,
    },
}

/// Where a watch stands.
enum Phase {
    /// Nothing is known: list, then open a watch.
    List,
    /// All is known up to this version; open a watch after it.
    Open(String),
    /// A watch is open.
    Read(Box<Reading>),
    /// Going on is of no use.
    Ended,
}

struct Reading {
    body: std::pin::Pin<Box<dyn Stream<Item = Result<bytes::Bytes, RequestError>> + Send>>,
    buffer: Vec<u8>,
    /// The last version that was seen.
    version: String,
}

struct Follower {
    store: LeaseStore,
    requests: Requests,
    selection: Selection,
    phase: Phase,
    wait: Duration,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

pub(crate) fn follow(
    store: LeaseStore,
    requests: Requests,
    selection: Selection,
) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
    let follower = Follower {
        store,
        requests,
        selection,
        phase: Phase::List,
        wait: Duration::ZERO,
    };
    stream::unfold(follower, |mut follower| async move {
        let change = follower.next().await?;
        Some((change, follower))
    })
    .boxed()
}

impl Follower {
    /// The next change; `None` after an error from which there is no going on.
    async fn next(&mut self) -> Option<Result<Change, ReadError>> {
        loop {
            match self.step().await {
                Ok(None) => {}
                Ok(Some(change)) => {
                    self.wait = Duration::ZERO;
                    return Some(Ok(change));
                }
                Err(_) if matches!(self.phase, Phase::Ended) => return None,
                Err(error) if is_final(&error) => {
                    self.phase = Phase::Ended;
                    return Some(Err(error));
                }
                Err(error) => {
                    self.resume_after(&error);
                    let first = self.wait.is_zero();
                    self.wait = (self.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
                    if first {
                        return Some(Ok(Change::Interrupted(error)));
                    }
                    sleep(self.wait).await;
                }
            }
        }
    }

    /// One request, or one line of the open watch.
    async fn step(&mut self) -> Result<Option<Change>, ReadError> {
        match &mut self.phase {
            Phase::List => {
                if !self.wait.is_zero() {
                    sleep(self.wait).await;
                }
                let Dated { value, date } = self.list().await?;
                self.phase = Phase::Open(value.resource_version);
                Ok(Some(Change::Listed {
                    leases: value.leases,
                    date,
                }))
            }
            Phase::Open(version) => {
                let version = version.clone();
                let response = self.requests.stream(&self.watch_path(&version)).await?;
                self.phase = Phase::Read(Box::new(Reading::new(response, version)));
                Ok(None)
            }
            Phase::Read(reading) => {
                // The server closes the watch in time; if it does not, the connection is dead.
                let limit = Duration::from_secs(WATCH_SECONDS) + self.requests.timeout();
                let line = timeout(limit, reading.line())
                    .await
                    .unwrap_or(Err(RequestError::Timeout(limit)))?;
                let Some(line) = line else {
                    // Closed as agreed.
                    self.phase = Phase::Open(std::mem::take(&mut reading.version));
                    return Ok(None);
                };
                let change = reading.change(&line)?;
                self.wait = Duration::ZERO;
                Ok(change)
            }
            Phase::Ended => Err(ReadError::Unavailable(RequestError::Timeout(
                Duration::ZERO,
            ))),
        }
    }

    /// One lock is read by name, which needs no right to list.
    async fn list(&mut self) -> Result<Dated<List>, ReadError> {
        let Scope::One { namespace, name } = &self.selection.scope else {
            return self.store.list(&self.selection, None).await;
        };
        let Dated { value, date } = self.store.get(namespace, name).await?;
        Ok(Dated {
            value: List {
                // Without a version the server begins with all that there is at that moment.
                resource_version: value.as_ref().map_or_else(String::new, |lease| {
                    lease
                        .snapshot()
                        .version
                        .resource_version
                        .as_str()
                        .to_owned()
                }),
                leases: value.into_iter().collect(),
            },
            date,
        })
    }

    fn watch_path(&self, version: &str) -> String {
        let mut path = self.selection.list_path();
        push_query(&mut path, "watch", "true");
        push_query(&mut path, "allowWatchBookmarks", "true");
        push_query(&mut path, "timeoutSeconds", &WATCH_SECONDS.to_string());
        if !version.is_empty() {
            push_query(&mut path, "resourceVersion", version);
        }
        path
    }

    /// Where to go on after a failure.
    fn resume_after(&mut self, error: &ReadError) {
        let version = match &mut self.phase {
            Phase::List | Phase::Ended => return,
            Phase::Open(version) => version,
            Phase::Read(reading) => &mut reading.version,
        };
        self.phase = if connection_failed(error) && !version.is_empty() {
            Phase::Open(std::mem::take(version))
        } else {
            // The version is too old, or the server went back, or talks nonsense.
            Phase::List
        };
    }
}

/// Whether waiting cannot help: the credentials do not suffice, or the request is wrong.
fn is_final(error: &ReadError) -> bool {
    match error {
        ReadError::Denied(_) => true,
        ReadError::Unavailable(RequestError::Status(status)) => {
            matches!(status.code, 400 | 404 | 405 | 422)
        }
        _ => false,
    }
}

/// Whether the version up to which all is known is still good.
fn connection_failed(error: &ReadError) -> bool {
    matches!(
        error,
        ReadError::Unavailable(
            RequestError::Broken(_) | RequestError::Connect(_) | RequestError::Timeout(_)
        )
    )
}

impl Reading {
    fn new(response: Response<Body>, version: String) -> Self {
        let body = response
            .into_body()
            .into_data_stream()
            .map_err(|error| RequestError::Broken(error.into()));
        Self {
            body: Box::pin(body),
            buffer: Vec::new(),
            version,
        }
    }

    /// The next line; `None` if the server closed the watch. A line that breaks off is dropped:
    /// the next watch brings it again, since its version was not seen.
    async fn line(&mut self) -> Result<Option<Vec<u8>>, RequestError> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.buffer[searched..]
                .iter()
                .position(|&byte| byte == b'\n')
            {
                let rest = self.buffer.split_off(searched + end + 1);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            searched = self.buffer.len();
            match self.body.next().await {
                Some(chunk) => self.buffer.extend_from_slice(&chunk?),
                None => return Ok(None),
            }
        }
    }

    fn change(&mut self, line: &[u8]) -> Result<Option<Change>, ReadError> {
        let line: Line<'_> =
            serde_json::from_slice(line).map_err(|error| RequestError::Unreadable(error.into()))?;
        if line.kind == "ERROR" {
            #[derive(Deserialize)]
            struct Code {
                #[serde(default)]
                code: u16,
            }
            let code = serde_json::from_str(line.object.get()).map_or(500, |code: Code| code.code);
            let status = ApiStatus::new(code, line.object.get().as_bytes(), None);
            return Err(RequestError::Status(status).into());
        }
        let lease = Lease::new(line.object.to_owned()).map_err(ReadError::Malformed)?;
        lease
            .snapshot()
            .version
            .resource_version
            .as_str()
            .clone_into(&mut self.version);
        Ok(match line.kind.as_str() {
            "ADDED" | "MODIFIED" => Some(Change::Applied(lease)),
            "DELETED" => Some(Change::Deleted(lease)),
            // A bookmark tells only how far we are; what else there may be one day, too.
            _ => None,
        })
    }
}
