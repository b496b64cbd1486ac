use std::time::Duration;

use lease_policy_host::{CompileLimits, compile_as_child};

use crate::failure::Failure;

/// Compile a policy from stdin to stdout, for `plugin`, which starts this
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many bytes of memory that may take
    memory: u64,
    /// How many milliseconds
    time: u64,
}

pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    let Args { memory, time } = args;
    let time = Duration::from_millis(time);
    compile_as_child(CompileLimits { memory, time }).map_err(|error| {
        Failure::error("the policy could not be compiled").cause(error.to_string())
    })
}
