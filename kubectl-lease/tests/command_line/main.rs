//! The program itself, started in a clean environment against a sandbox.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod cluster;
mod completing;
mod completing_safely;
mod completion_scripts;
mod demo;
mod describing;
mod documentation;
mod examples;
mod formats;
mod hanging;
mod holding;
mod hostile;
mod listing;
mod reaching;
mod shell;
mod stealing;
mod taking;
mod timing;
mod transcript;
mod usage;
mod watched;
