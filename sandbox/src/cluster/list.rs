//! LIST: many Leases at one moment.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Cluster;
use super::continue_token::ContinueToken;
use crate::lease::decode::API_VERSION;
use crate::selection::Selection;
use crate::status::Status;

/// What a list is to give.
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    /// The token of the page before.
    pub continue_token: Option<String>,
    /// With a `resource_version`: that very moment, not a later one.
    pub exact: bool,
    /// How many Leases a page has; 0 for all.
    pub limit: usize,
    /// Not older than this version. None and 0 give the newest, which is what the server's
    /// cache gives in practice.
    pub resource_version: Option<u64>,
    /// Which Leases.
    pub selection: Selection,
}

/// A page of Leases, in the order of namespace and name.
#[derive(Clone, Debug)]
pub struct LeaseList {
    /// The Leases.
    pub leases: Vec<Arc<Value>>,
    /// The token for the next page; None on the last.
    pub next: Option<String>,
    /// How many Leases come after this page, when no selector was given.
    pub remaining: Option<usize>,
    /// The moment of the list: a watch from here misses nothing.
    pub version: u64,
}

impl LeaseList {
    /// The metadata of the list.
    pub(crate) fn metadata(&self) -> Value {
        let mut metadata = json!({ "resourceVersion": self.version.to_string() });
        if let Some(next) = &self.next {
            metadata["continue"] = json!(next);
        }
        if let Some(remaining) = self.remaining {
            metadata["remainingItemCount"] = json!(remaining);
        }
        metadata
    }

    /// The `LeaseList` object. Its items have no kind, as on the server.
    pub fn to_value(&self) -> Value {
        let items: Vec<Value> = self
            .leases
            .iter()
            .map(|lease| {
                let fields = ["metadata", "spec"].into_iter();
                let item: Map<_, _> = fields.map(|f| (f.to_owned(), lease[f].clone())).collect();
                Value::Object(item)
            })
            .collect();
        json!({
            "apiVersion": API_VERSION,
            "items": items,
            "kind": "LeaseList",
            "metadata": self.metadata(),
        })
    }
}

impl Cluster {
    /// Lists Leases. A namespace that is not there has none.
    ///
    /// # Errors
    /// 400 for a token that cannot be read, 410 for a version or token from before the
    /// compaction, 504 for a version that is yet to come.
    pub fn list(&self, options: &ListOptions) -> Result<LeaseList, Status> {
        let state = self.state();
        let (version, start) = match &options.continue_token {
            Some(_) if options.resource_version.is_some_and(|version| version > 0) => {
                return Err(Status::bad_request(
                    "specifying resource version is not allowed when using continue",
                ));
            }
            Some(token) => {
                let token = ContinueToken::decode(token)?;
                // A negative version goes on with what is there now.
                let version = u64::try_from(token.version).unwrap_or(state.version());
                (version, token.start)
            }
            None => match options.resource_version {
                Some(asked) if asked > state.version() => {
                    return Err(Status::too_large_version(asked, state.version()));
                }
                Some(asked) if options.exact => (asked, String::new()),
                _ => (state.version(), String::new()),
            },
        };
        let Some(leases) = state.leases_at(version) else {
            let paging = options.continue_token.is_some();
            return Err(if paging {
                ContinueToken::expired(start)
            } else {
                too_old()
            });
        };
        let mut matching = leases
            .range(start..)
            .filter(|(_, lease)| options.selection.matches(lease));
        // The version 0 asks the cache for anything, and the cache gives all of it.
        let limit = match (options.limit, options.resource_version) {
            (0, _) | (_, Some(0)) => usize::MAX,
            (limit, _) => limit,
        };
        let page: Vec<_> = matching.by_ref().take(limit).collect();
        let remaining = matching.count();
        let last = page.last().filter(|_| remaining > 0);
        Ok(LeaseList {
            next: last.map(|(key, _)| ContinueToken::after(key, version).encode()),
            remaining: (remaining > 0 && !options.selection.is_narrowed()).then_some(remaining),
            version,
            leases: page
                .into_iter()
                .map(|(_, lease)| Arc::clone(lease))
                .collect(),
        })
    }
}

fn too_old() -> Status {
    Status::expired("The resourceVersion for the provided list is too old.")
}
