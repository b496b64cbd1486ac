//! The program itself, started in a clean environment against a sandbox.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod acquiring;
mod checking;
mod cluster;
mod completing;
mod completing_safely;
mod completion_scripts;
mod demo;
mod describing;
mod diagnosing;
mod documentation;
mod dry_runs;
mod ending_a_command;
mod examples;
mod following;
mod force_releasing;
mod formats;
mod gate;
#[cfg(target_os = "linux")]
mod guarding;
mod hanging;
mod happenings;
mod holding;
mod hostile;
mod lean;
mod leaving;
mod listing;
mod on_a_terminal;
#[cfg(target_os = "linux")]
mod orders;
#[cfg(feature = "plugins")]
mod policies;
mod reaching;
mod recording;
mod releasing;
mod remembering;
mod running;
#[cfg(target_os = "linux")]
mod running_as_without;
#[cfg(target_os = "linux")]
mod running_on_a_terminal;
mod shell;
mod stealing;
mod taking;
mod timing;
mod transcript;
mod usage;
mod waiters;
mod waiting;
mod watched;
