use std::ffi::OsString;

use crate::failure::Failure;
use crate::guardian;

/// Guard the command of `run`, which starts this
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    guardian::guard(&args.command).await.map_err(|error| {
        Failure::error("a command can only be guarded for `run`, which starts its guardian itself")
            .cause(error.to_string())
    })
}
