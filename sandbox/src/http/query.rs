//! The parameters of a request's query.

use std::collections::HashMap;

use crate::selection::Selection;
use crate::status::Status;

/// The parameters of a request, unescaped; of a repeated one the first.
#[derive(Debug, Default)]
pub(super) struct Query {
    parameters: HashMap<String, String>,
}

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            parameters
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Self { parameters }
    }

    /// A text; "" when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A truth: not `false`, `0` or empty, as apimachinery's conversion reads it.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.parameters
            .get(name)
            .is_some_and(|value| !matches!(value.to_lowercase().as_str(), "false" | "0"))
    }

    /// A count; None when it is not there or empty. Less than nothing is nothing.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Status> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        let number: i64 = text.parse().map_err(|_| {
            Status::bad_request(format!(
                "strconv.ParseInt: parsing {text:?}: invalid syntax"
            ))
        })?;
        Ok(Some(usize::try_from(number).unwrap_or_default()))
    }

    /// The `resourceVersion`; None when it is not there or empty. A watch fails on a malformed
    /// one later than a list, and so with another code.
    pub(super) fn version(&self, watch: bool) -> Result<Option<u64>, Status> {
        let text = self.text("resourceVersion");
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let why = format!(
                "resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: \
                 invalid syntax"
            );
            if watch {
                Status::unknown(why)
            } else {
                Status::bad_request(format!("invalid resource version: {why}"))
            }
        })
    }

    /// Whether the write is only to be tried: `dryRun=All`.
    pub(super) fn dry_run(&self) -> Result<bool, Status> {
        match self.text("dryRun") {
            "" => Ok(false),
            "All" => Ok(true),
            other => Err(Status::bad_request(format!(
                "dryRun: Unsupported value: {other:?}: supported values: \"All\""
            ))),
        }
    }

    /// The Leases that a list or watch is about.
    pub(super) fn selection(&self, namespace: Option<&str>) -> Result<Selection, Status> {
        namespace
            .map_or_else(Selection::all, Selection::in_namespace)
            .with_labels(self.text("labelSelector"))?
            .with_fields(self.text("fieldSelector"))
    }
}
