//! `kubectl lease`: see, take and release the locks of a Kubernetes cluster.

mod breaking;
mod cli;
mod commands;
mod completion;
mod diagnosis;
mod documentation;
mod dry_run;
mod durations;
mod ending;
mod escape;
mod evidence;
mod failure;
mod flags;
mod global_args;
mod guardian;
mod human;
mod identity_text;
mod invocation;
mod live;
mod lock_name;
mod lock_owner;
mod lock_row;
mod lock_store;
mod lock_table;
mod lock_watch;
mod one_shot;
mod output;
mod policy;
mod progress;
mod refused;
mod screen;
mod session;
mod sight;
mod signals;
mod status;
mod table;
mod tickets;
mod ui;
mod usage;
mod verbosity;
mod waiters;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
