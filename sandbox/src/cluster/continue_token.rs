//! The token with which a list goes on (apiserver `pkg/storage/continue.go`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::state::Key;
use crate::status::Status;

/// Where the next page starts, and of which moment it is.
pub(super) struct ContinueToken {
    pub(super) start: Key,
    /// -1 means: whatever is there now.
    pub(super) version: i64,
}

impl ContinueToken {
    /// Goes on right behind `key`.
    pub(super) fn after(key: &str, version: u64) -> Self {
        Self {
            start: format!("{key}\0"),
            version: i64::try_from(version).unwrap_or(i64::MAX),
        }
    }

    pub(super) fn encode(&self) -> String {
        let token = json!({
            "rv": self.version,
            "start": self.start,
            "v": "meta.k8s.io/v1",
        });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    pub(super) fn decode(token: &str) -> Result<Self, Status> {
        let invalid = |why: &str| {
            Status::bad_request(format!(
                "invalid continue token: continue key is not valid{why}"
            ))
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|error| invalid(&format!(": {error}")))?;
        let token: Value =
            serde_json::from_slice(&bytes).map_err(|error| invalid(&format!(": {error}")))?;
        if token["v"] != "meta.k8s.io/v1" {
            let version = token["v"].as_str().unwrap_or_default();
            let why = format!(": server does not recognize this encoded version {version}");
            return Err(invalid(&why));
        }
        let version = token["rv"].as_i64().filter(|&version| version != 0);
        let start = token["start"].as_str().filter(|start| !start.is_empty());
        Ok(Self {
            start: start
                .ok_or_else(|| invalid(": encoded start key empty (version meta.k8s.io/v1)"))?
                .to_owned(),
            version: version.ok_or_else(|| {
                invalid(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
            })?,
        })
    }

    /// 410 for a page whose moment has been compacted, with a token that goes on with what is
    /// there now.
    pub(super) fn expired(start: Key) -> Status {
        let mut status = Status::expired(
            "The provided continue parameter is too old to display a consistent list result. You \
             can start a new list without the continue parameter, or use the continue token in \
             this response to retrieve the remainder of the results. Continuing with the provided \
             token results in an inconsistent list - objects that were created, modified, or \
             deleted between the time the first chunk was returned and now may show up in the \
             list.",
        );
        let resume = Self { start, version: -1 };
        status.resume = Some(resume.encode());
        status
    }
}
