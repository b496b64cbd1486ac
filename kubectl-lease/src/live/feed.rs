//! What the cluster tells.

use std::time::Duration;

use futures::stream::{BoxStream, unfold};
use futures::{Stream, StreamExt};
use lease_client::{Change, LeaseStore, ReadError, Scope, Selection};
use tokio::time::sleep;

use super::locks::Seen;
use super::message::Message;
use crate::failure::Failure;

/// How long to wait before the cluster is asked again that refused to tell: rights and credentials
/// come back.
const AGAIN: Duration = Duration::from_secs(5);

type Changes = BoxStream<'static, Result<Change<Seen>, ReadError>>;

struct Feed {
    store: LeaseStore,
    selection: Selection,
    with_objects: bool,
    changes: Option<Changes>,
    /// Whether it was refused just now.
    waits: bool,
}

/// Follows the leases of a namespace, or of all, without end. `with_objects` keeps each object.
pub(crate) fn follow(
    store: LeaseStore,
    namespace: Option<String>,
    with_objects: bool,
) -> impl Stream<Item = Message> + Send + Unpin {
    let scope = namespace.map_or(Scope::All, Scope::Namespace);
    let feed = Feed {
        store,
        selection: Selection::all_of(scope),
        with_objects,
        changes: None,
        waits: false,
    };
    unfold(feed, |mut feed| async move {
        let message = feed.next().await;
        Some((message, feed))
    })
    .boxed()
}

/// The first that is heard. If nothing can be, there is no use in waiting longer.
pub(super) async fn first(
    feed: &mut (impl Stream<Item = Message> + Unpin),
) -> Result<Message, Failure> {
    match feed.next().await {
        Some(Message::Refused(failure)) => Err(failure),
        Some(Message::Changed(Change::Interrupted(error))) => Err(error.into()),
        Some(message) => Ok(message),
        None => Err(Failure::error("the cluster tells nothing")),
    }
}

impl Feed {
    async fn next(&mut self) -> Message {
        loop {
            if std::mem::take(&mut self.waits) {
                sleep(AGAIN).await;
            }
            let with_object = self.with_objects;
            let changes = self.changes.get_or_insert_with(|| {
                let keep = move |listed: lease_client::Listed<'_>| Seen::new(listed, with_object);
                self.store
                    .watch_keeping(self.selection.clone(), keep)
                    .boxed()
            });
            match changes.next().await {
                Some(Ok(change)) => return Message::Changed(change),
                Some(Err(error)) => {
                    self.changes = None;
                    self.waits = true;
                    return Message::Refused(error.into());
                }
                None => self.changes = None,
            }
        }
    }
}
