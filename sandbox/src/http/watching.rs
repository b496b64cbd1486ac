//! A watch as a stream of JSON lines.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::accept::Form;
use super::answer::{self, Answer};
use super::router::Call;
use super::table;
use crate::cluster::{Cluster, EventKind, Watch, WatchEvent};
use crate::lease::decode::API_VERSION;
use crate::selection::Selection;
use crate::status::Status;

/// How long a watch lasts when the client does not say; the server takes 30 to 60 minutes.
const TIMEOUT: Duration = Duration::from_secs(45 * 60);

/// How often a watch tells where it stands (apiserver `defaultBookmarkFrequency`).
const BOOKMARK: Duration = Duration::from_secs(60);

/// How long before its end a watch tells where it stands.
const LAST_BOOKMARK: Duration = Duration::from_secs(2);

/// What a watch needs to go on.
struct Stream {
    /// When the next bookmark is due; None for a client that did not ask for them.
    bookmark: Option<Instant>,
    cluster: Cluster,
    end: Instant,
    form: Form,
    /// Whether a table has told its columns: it does so once.
    headed: bool,
    include: table::Include,
    watch: Watch,
}

/// Answers with the events of the watch from `since` on.
pub(super) fn answer(
    call: &Call<'_>,
    selection: Selection,
    since: Option<u64>,
) -> Result<Answer, Status> {
    let timeout = call
        .query
        .number("timeoutSeconds")?
        .filter(|&seconds| seconds > 0);
    let now = Instant::now();
    let end = now + timeout.map_or(TIMEOUT, |seconds| Duration::from_secs(seconds as u64));
    let bookmarks = call.query.flag("allowWatchBookmarks");
    let state = Stream {
        bookmark: bookmarks.then(|| next_bookmark(now, end)),
        cluster: call.cluster.clone(),
        end,
        form: call.form,
        headed: false,
        include: table::Include::of(call)?,
        watch: call.cluster.watch(selection, since),
    };
    let lines = stream::unfold(state, |mut state| async {
        let line = state.line().await?;
        Some((Ok::<_, Infallible>(Frame::data(line)), state))
    });
    let body = StreamBody::new(lines).boxed_unsync();
    Ok(answer::streamed(200, "application/json", body))
}

impl Stream {
    async fn line(&mut self) -> Option<Bytes> {
        let event = tokio::select! {
            biased;
            event = self.watch.next() => event?,
            () = sleep_until(self.bookmark.unwrap_or(self.end)), if self.bookmark.is_some() => {
                return Some(self.told_bookmark());
            }
            () = sleep_until(self.end) => return None,
        };
        Some(self.told(&event))
    }

    fn told(&mut self, event: &WatchEvent) -> Bytes {
        let object = match event.kind {
            EventKind::Error => Value::clone(&event.object),
            _ => self.formed(&event.object),
        };
        told(event.kind.as_str(), &object)
    }

    fn told_bookmark(&mut self) -> Bytes {
        self.bookmark = Some(next_bookmark(Instant::now(), self.end));
        let version = self.watch.version().to_string();
        let lease = json!({
            "apiVersion": API_VERSION,
            "kind": "Lease",
            "metadata": { "resourceVersion": version },
            "spec": {},
        });
        let object = self.formed(&Arc::new(lease));
        told("BOOKMARK", &object)
    }

    fn formed(&mut self, lease: &Arc<Value>) -> Value {
        match self.form {
            Form::Discovery | Form::Object => Value::clone(lease),
            Form::Metadata => table::partial(lease),
            Form::Table => {
                let metadata = json!({ "resourceVersion": lease["metadata"]["resourceVersion"] });
                let heading = !std::mem::replace(&mut self.headed, true);
                let now: Timestamp = self.cluster.now();
                table::lease_rows(&[Arc::clone(lease)], &metadata, heading, self.include, now)
            }
        }
    }
}

/// Every minute, and once shortly before the end (apiserver `nextBookmarkTime`).
fn next_bookmark(now: Instant, end: Instant) -> Instant {
    let regular = now + BOOKMARK;
    end.checked_sub(LAST_BOOKMARK)
        .filter(|&last| now < last && last < regular)
        .unwrap_or(regular)
}

fn told(kind: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n"))
}
