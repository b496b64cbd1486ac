//! What a cluster answers, rule by rule.

// Helpers beside the tests unwrap too: a failed one fails its test.
#![allow(clippy::unwrap_used)]

mod deleting;
mod fixture;
mod http_face;
mod listing;
mod population;
mod restoring;
mod stamps;
mod watching;
mod writing;
