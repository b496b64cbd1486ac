//! Following leases without missing a state.
//!
//! A watch begins where a list ends. Where its connection drops it goes on after the last
//! version that it saw; where the server no longer knows that version (410), went back to an
//! older state (a restored etcd, which a server does not tell a watch), or gives an answer that
//! makes no sense, it lists again. Whoever follows takes each [`Change::Listed`] as the whole
//! truth from then on.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use lease_core::{ResourceVersion, Timestamp};
use tokio::time::{Instant, sleep, timeout};

use crate::lease::{Lease, MalformedLease};
use crate::lease_store::Listed;
use crate::lease_summary::LeaseSummary;
use crate::request::{Call, RequestError, Requests};
use crate::selection::{Kind, Scope, Selection, push_query};
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError, Store};
use crate::watch_stream::{Event, WatchStream};

/// How long the server is asked to keep one watch open, in seconds.
const WATCH_SECONDS: u64 = 240;
/// How long a watch may stay open beyond that, where a request has no limit.
const GRACE: Duration = Duration::from_secs(30);
/// The first wait after a failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A watch that lived so long was no failure, whatever ended it.
const SOUND: Duration = Duration::from_secs(5);

/// What a watch tells, of leases or of what is kept of them.
#[derive(Debug)]
pub enum Change<T = Lease> {
    /// A lease was created or changed; this is its latest state.
    Applied(T),
    /// A lease was deleted; this was its last state.
    Deleted(T),
    /// The connection broke. What is known is as old as this, until the next change.
    Interrupted(ReadError),
    /// All leases there are: what is not among them does not exist.
    Listed {
        /// The leases.
        leases: Vec<T>,
        /// The server's clock when it answered; see [`lease_core::Look::Stamped`].
        date: Option<Timestamp>,
    },
    /// Nothing that was not known: what is known is as young as this.
    Progress,
    /// The connection is back after [`Change::Interrupted`], and nothing was missed: what changed
    /// meanwhile comes next.
    Resumed,
}

/// Where a follower stands.
enum Phase {
    /// Nothing is known: list, then open a watch.
    List,
    /// All is known up to this version; open a watch after it.
    Open(ResourceVersion),
    /// All was known up to this version before the last watch ended; see that the server has not
    /// gone back since, then open a watch after it.
    Reopen(ResourceVersion),
    /// A watch is open since then.
    Read(Box<WatchStream>, Instant),
}

/// Objects that can be followed.
pub(crate) trait Objects: Store + Sized {
    /// Where they are found.
    const KIND: &'static Kind;

    /// Reads one object's JSON.
    fn read(text: &str) -> Result<LeaseSummary, MalformedLease>;
}

struct Follower<S, K> {
    store: S,
    requests: Requests,
    selection: Selection,
    /// Makes of a lease what is kept of it.
    keep: K,
    phase: Phase,
    /// How long the last failure made us wait; grows with each failure in a row.
    wait: Duration,
    /// How long to wait before the next request.
    pause: Duration,
    /// Whether the last word was that the connection broke.
    interrupted: bool,
}

pub(crate) fn follow<S: Objects + 'static, T: Send + 'static>(
    store: S,
    requests: Requests,
    selection: Selection,
    keep: impl FnMut(Listed<'_>) -> T + Send + 'static,
) -> impl Stream<Item = Result<Change<T>, ReadError>> + Send + 'static {
    begin(store, requests, selection, keep, Phase::List)
}

/// Follows a selection of which all is known up to this version.
pub(crate) fn follow_from<S: Objects + 'static, T: Send + 'static>(
    store: S,
    requests: Requests,
    selection: Selection,
    keep: impl FnMut(Listed<'_>) -> T + Send + 'static,
    after: ResourceVersion,
) -> impl Stream<Item = Result<Change<T>, ReadError>> + Send + 'static {
    begin(store, requests, selection, keep, Phase::Open(after))
}

fn begin<S: Objects + 'static, T: Send + 'static>(
    store: S,
    requests: Requests,
    selection: Selection,
    keep: impl FnMut(Listed<'_>) -> T + Send + 'static,
    phase: Phase,
) -> impl Stream<Item = Result<Change<T>, ReadError>> + Send + 'static {
    let follower = Follower {
        store,
        requests,
        selection,
        keep,
        phase,
        wait: Duration::ZERO,
        pause: Duration::ZERO,
        interrupted: false,
    };
    stream::unfold(Some(follower), |follower| async move {
        let mut follower = follower?;
        let change = follower.next().await;
        // After an error there is no going on.
        let rest = change.is_ok().then_some(follower);
        Some((change, rest))
    })
    .boxed()
}

impl<S: Objects, T: Send + 'static, K: FnMut(Listed<'_>) -> T + Send> Follower<S, K> {
    /// The next change, or the error after which there is none.
    async fn next(&mut self) -> Result<Change<T>, ReadError> {
        loop {
            if !self.pause.is_zero() {
                sleep(self.pause).await;
                self.pause = Duration::ZERO;
            }
            match self.step().await {
                Ok(None) => {}
                Ok(Some(change)) => {
                    self.interrupted = false;
                    return Ok(change);
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    self.resume_after(&error);
                    if !self.interrupted {
                        self.interrupted = true;
                        return Ok(Change::Interrupted(error));
                    }
                }
            }
        }
    }

    /// One request, or one event of the open watch.
    async fn step(&mut self) -> Result<Option<Change<T>>, ReadError> {
        match &mut self.phase {
            Phase::List => {
                let listed = if let Scope::One { namespace, name } = self.selection.scope.clone() {
                    self.list_one(&namespace, &name).await?
                } else {
                    let keep = |text: &str, date| {
                        let summary = S::read(text).map_err(ReadError::Malformed)?;
                        let listed = Listed {
                            text,
                            summary,
                            date,
                        };
                        Ok(Some((self.keep)(listed)))
                    };
                    let path = self.selection.list_path_of(S::KIND);
                    let right = self.selection.right_to(S::KIND, "list");
                    let list = self.requests.list(&path, &right, None, keep);
                    let Dated { value, date } = list.await?;
                    self.phase = Phase::Open(value.resource_version);
                    let leases = value.items;
                    Change::Listed { leases, date }
                };
                Ok(Some(listed))
            }
            Phase::Reopen(version) => {
                let version = version.clone();
                let path = self.selection.list_path_of(S::KIND);
                let right = self.selection.right_to(S::KIND, "list");
                let newest = self.requests.newest(path, right).await?;
                self.phase = if newest < version {
                    Phase::List
                } else {
                    Phase::Open(version)
                };
                Ok(None)
            }
            Phase::Open(version) => {
                let version = version.clone();
                let watch = self.open(Some(version)).await?;
                self.phase = Phase::Read(Box::new(watch), Instant::now());
                Ok(self.interrupted.then_some(Change::Resumed))
            }
            Phase::Read(watch, opened) => {
                // The server closes the watch in time; if it does not, the connection is dead.
                let limit = Duration::from_secs(WATCH_SECONDS)
                    .saturating_add(self.requests.limit().unwrap_or(GRACE));
                let event = timeout(limit, watch.next(&mut self.keep))
                    .await
                    .unwrap_or(Err(RequestError::Timeout(limit).into()));
                if opened.elapsed() >= SOUND || matches!(event, Ok(Some(Event::Change(_)))) {
                    self.wait = Duration::ZERO;
                }
                match event? {
                    Some(Event::Change(change)) => Ok(Some(*change)),
                    Some(Event::Progress) => Ok(Some(Change::Progress)),
                    None => {
                        if opened.elapsed() < SOUND {
                            self.wait_longer();
                        }
                        self.leave_watch();
                        Ok(None)
                    }
                }
            }
        }
    }

    /// Opens the watch of one lease and then reads it, by name, which needs no right to list.
    ///
    /// A lease is usually older than what the server remembers of changes, so its own version is
    /// no place to begin. A watch without one begins with all there is; what it brings up to the
    /// version that was read is known already. (A lease that is deleted just between the two is
    /// told once more, and then its deletion.)
    async fn list_one(&mut self, namespace: &str, name: &str) -> Result<Change<T>, ReadError> {
        let mut watch = self.open(None).await?;
        let Dated { value, date } = self.store.get(namespace, name).await?;
        if let Some(lease) = &value {
            watch.skip_to(lease.snapshot().version.resource_version.clone());
        }
        self.phase = Phase::Read(Box::new(watch), Instant::now());
        Ok(Change::Listed {
            leases: value
                .iter()
                .map(|lease| (self.keep)(lease.listed(date)))
                .collect(),
            date,
        })
    }

    async fn open(&mut self, after: Option<ResourceVersion>) -> Result<WatchStream, ReadError> {
        let mut path = self.selection.list_path_of(S::KIND);
        push_query(&mut path, "watch", "true");
        push_query(&mut path, "allowWatchBookmarks", "true");
        push_query(&mut path, "timeoutSeconds", &WATCH_SECONDS.to_string());
        if let Some(version) = &after {
            push_query(&mut path, "resourceVersion", version.as_str());
        }
        let call = Call::get(&path, self.selection.right_to(S::KIND, "watch"));
        let response = self.requests.stream(call).await?;
        Ok(WatchStream::new(response, after, S::read))
    }

    /// Where to go on after a failure.
    fn resume_after(&mut self, error: &ReadError) {
        self.wait_longer();
        if matches!(self.phase, Phase::Read(..)) {
            self.leave_watch();
        }
        if !is_passing(error) {
            // The version is too old, or the server talks nonsense.
            self.phase = Phase::List;
        }
    }

    fn leave_watch(&mut self) {
        let seen = match &mut self.phase {
            Phase::Read(watch, _) => watch.seen().cloned(),
            _ => return,
        };
        self.phase = match (&self.selection.scope, seen) {
            (Scope::One { .. }, _) | (_, None) => Phase::List,
            (_, Some(version)) => Phase::Reopen(version),
        };
    }

    fn wait_longer(&mut self) {
        self.wait = (self.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
        self.pause = self.wait;
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
fn is_passing(error: &ReadError) -> bool {
    matches!(
        error,
        ReadError::Unavailable(
            RequestError::Broken(_)
                | RequestError::Connect { .. }
                | RequestError::ConnectTimeout { .. }
                | RequestError::Timeout(_)
                | RequestError::Status(ApiStatus {
                    code: 429 | 500..,
                    ..
                })
        )
    )
}
