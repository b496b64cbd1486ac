//! Lists of any kind of object, item by item while they arrive.

use lease_core::{ResourceVersion, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::list_stream::ListStream;
use crate::request::{Call, JSON, RequestError, Requests};
use crate::right::Right;
use crate::selection::push_query;
use crate::status::ApiStatus;
use crate::store::{Dated, ReadError};

/// A list of objects without what they hold.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// What was kept of a list, and the point in the cluster's history that it shows.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    pub(crate) items: Vec<T>,
    pub(crate) resource_version: ResourceVersion,
}

/// A list without its items. What has no such fields is none.
#[derive(Deserialize)]
struct Page {
    metadata: PageMetadata,
    // Go writes null for none; that it is there at all is what makes it a list.
    #[serde(rename = "items", deserialize_with = "Option::deserialize")]
    _items: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    resource_version: String,
    #[serde(rename = "continue")]
    continuation: Option<String>,
}

impl Requests {
    /// Lists what is at `path`, which ends in its query, in pages of `limit` if one is given, and
    /// keeps of each item what `keep` makes of its text and the date.
    ///
    /// The date is that of the *first* page: what it shows cannot be younger. `keep` can be given
    /// the same item twice, if the list has to be begun anew; what was kept before is then
    /// forgotten.
    pub(crate) async fn list<T>(
        &self,
        path: &str,
        right: &Right,
        limit: Option<u32>,
        mut keep: impl FnMut(&str, Option<Timestamp>) -> Result<Option<T>, ReadError>,
    ) -> Result<Dated<Kept<T>>, ReadError> {
        let mut first = path.to_owned();
        if let Some(limit) = limit {
            push_query(&mut first, "limit", &limit.to_string());
        }
        match self.pages(first, right, JSON, &mut keep).await {
            // The list took so long that its version is gone. One answer has no such limit.
            Err(ReadError::Unavailable(RequestError::Status(ApiStatus { code: 410, .. }))) => {
                self.pages(path.to_owned(), right, JSON, &mut keep).await
            }
            result => result,
        }
    }

    /// Lists as [`Requests::list`] does, in one answer, of which each item has nothing but its
    /// metadata.
    pub(crate) async fn list_metadata<T>(
        &self,
        path: &str,
        right: &Right,
        mut keep: impl FnMut(&str, Option<Timestamp>) -> Result<Option<T>, ReadError>,
    ) -> Result<Dated<Kept<T>>, ReadError> {
        self.pages(path.to_owned(), right, METADATA, &mut keep)
            .await
    }

    /// The version of the newest state that the server knows of what is at `path`, which ends in
    /// its query.
    pub(crate) async fn newest(
        &self,
        mut path: String,
        right: Right,
    ) -> Result<ResourceVersion, ReadError> {
        push_query(&mut path, "limit", "1");
        let answer = self.send(Call::get(&path, right)).await?;
        let page = page(&answer.body)?;
        Ok(ResourceVersion::new(page.metadata.resource_version))
    }

    async fn pages<T>(
        &self,
        first_page: String,
        right: &Right,
        form: &'static str,
        keep: &mut impl FnMut(&str, Option<Timestamp>) -> Result<Option<T>, ReadError>,
    ) -> Result<Dated<Kept<T>>, ReadError> {
        let mut path = first_page.clone();
        let mut items = Vec::new();
        let mut date = None;
        loop {
            let call = Call {
                accept: form,
                ..Call::get(&path, right.clone())
            };
            let mut incoming = self.receive(call).await?;
            date = date.or(incoming.date);
            let mut stream = ListStream::default();
            while let Some(piece) = incoming.next().await? {
                stream.push(&piece, |item| {
                    let text = str::from_utf8(item)
                        .map_err(|error| RequestError::Unreadable(error.into()))?;
                    items.extend(keep(text, date)?);
                    Ok::<_, ReadError>(())
                })?;
            }
            let PageMetadata {
                resource_version,
                continuation,
            } = page(&stream.end())?.metadata;
            let Some(token) = continuation.filter(|token| !token.is_empty()) else {
                return Ok(Dated {
                    value: Kept {
                        items,
                        resource_version: ResourceVersion::new(resource_version),
                    },
                    date,
                });
            };
            path.clone_from(&first_page);
            push_query(&mut path, "continue", &token);
        }
    }
}

fn page(text: &[u8]) -> Result<Page, RequestError> {
    serde_json::from_slice(text).map_err(|error| RequestError::Unreadable(error.into()))
}
