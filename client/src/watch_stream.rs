//! The lines of one open watch.

use std::cmp::Ordering;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::Response;
use http_body_util::BodyExt;
use kube::client::Body;
use lease_core::ResourceVersion;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lease::MalformedLease;
use crate::lease_store::Listed;
use crate::lease_summary::LeaseSummary;
use crate::request::RequestError;
use crate::status::ApiStatus;
use crate::store::ReadError;
use crate::watch::Change;

/// What one line says.
pub(crate) enum Event<T> {
    /// A lease changed.
    Change(Box<Change<T>>),
    /// Only the version up to which all is known moved, or what we know already came again.
    Progress,
}

/// One open watch.
pub(crate) struct WatchStream {
    body: Pin<Box<dyn Stream<Item = Result<Bytes, RequestError>> + Send>>,
    buffer: Vec<u8>,
    /// The last version that was seen.
    seen: Option<ResourceVersion>,
    /// Changes up to here are known already.
    known: Option<ResourceVersion>,
    /// Reads one object's JSON.
    read: Read,
}

type Read = fn(&str) -> Result<LeaseSummary, MalformedLease>;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// A bookmark is an object with nothing but a version.
#[derive(Deserialize)]
struct Bookmark {
    metadata: BookmarkMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BookmarkMetadata {
    resource_version: String,
}

impl WatchStream {
    /// The watch whose answer has begun, opened after this version, of objects that `read` reads.
    pub(crate) fn new(
        response: Response<Body>,
        after: Option<ResourceVersion>,
        read: Read,
    ) -> Self {
        let body = response
            .into_body()
            .into_data_stream()
            .map_err(|error| RequestError::Broken(error.into()));
        Self {
            body: Box::pin(body),
            buffer: Vec::new(),
            seen: after,
            known: None,
            read,
        }
    }

    /// Passes over changes up to a version that is known already.
    pub(crate) fn skip_to(&mut self, known: ResourceVersion) {
        self.known = Some(known);
    }

    /// The last version that was seen.
    pub(crate) fn seen(&self) -> Option<&ResourceVersion> {
        self.seen.as_ref()
    }

    /// The next event, with what `keep` makes of the lease; `None` if the server closed the watch.
    pub(crate) async fn next<T>(
        &mut self,
        keep: &mut impl FnMut(Listed<'_>) -> T,
    ) -> Result<Option<Event<T>>, ReadError> {
        match self.line().await? {
            Some(line) => self.event(&line, keep).map(Some),
            None => Ok(None),
        }
    }

    /// The next line; `None` if the server closed the watch. A line that breaks off is dropped:
    /// the next watch brings it again, since its version was not seen.
    async fn line(&mut self) -> Result<Option<Vec<u8>>, RequestError> {
        let mut searched = 0;
        loop {
            let end = self.buffer[searched..]
                .iter()
                .position(|&byte| byte == b'\n');
            if let Some(end) = end {
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

    fn event<T>(
        &mut self,
        line: &[u8],
        keep: &mut impl FnMut(Listed<'_>) -> T,
    ) -> Result<Event<T>, ReadError> {
        let line: Line<'_> = read(line)?;
        match line.kind.as_str() {
            "ERROR" => Err(RequestError::Status(status(line.object)).into()),
            "BOOKMARK" => {
                let bookmark: Bookmark = read(line.object.get().as_bytes())?;
                self.seen = Some(ResourceVersion::new(bookmark.metadata.resource_version));
                Ok(Event::Progress)
            }
            kind => {
                let text = line.object.get();
                let summary = (self.read)(text).map_err(ReadError::Malformed)?;
                let version = summary.snapshot.version.resource_version.clone();
                let is_known = self.known.as_ref().is_some_and(|known| {
                    matches!(
                        version.partial_cmp(known),
                        Some(Ordering::Less | Ordering::Equal)
                    )
                });
                self.seen = Some(version);
                let change = match kind {
                    _ if is_known => return Ok(Event::Progress),
                    "ADDED" | "MODIFIED" => Change::Applied,
                    "DELETED" => Change::Deleted,
                    // What else there may be one day.
                    _ => return Ok(Event::Progress),
                };
                let lease = keep(Listed {
                    text,
                    summary,
                    date: None,
                });
                Ok(Event::Change(Box::new(change(lease))))
            }
        }
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, RequestError> {
    serde_json::from_slice(text).map_err(|error| RequestError::Unreadable(error.into()))
}

fn status(object: &RawValue) -> ApiStatus {
    #[derive(Deserialize)]
    struct Code {
        #[serde(default)]
        code: u16,
    }
    let code = serde_json::from_str(object.get()).map_or(500, |code: Code| code.code);
    ApiStatus::new(code, object.get().as_bytes(), None)
}
