//! Locks that are a `ConfigMap`, which kvdi's contenders and ours share.

mod verbs;
mod world;
