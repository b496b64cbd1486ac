//! Locks that are a `ConfigMap`, which kvdi's contenders and ours share.

mod contention;
mod kvdis_faults;
mod lost_replies;
mod taking;
mod verbs;
mod world;
