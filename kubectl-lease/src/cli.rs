//! What can be typed.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::Command;
use crate::completion;
use crate::failure::{Failure, RUN_FAILED};
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::signals;
use crate::ui::Ui;
use crate::usage;
use crate::verbosity;

/// See, take and release the locks of a Kubernetes cluster.
///
/// A lock is a Lease object, written by client-go's leader election, leaselocker and many
/// others. Whether it is held or expired is told by the API server's own stamps, whatever the
/// holder's clock says.
#[derive(Parser)]
#[command(
    name = "kubectl-lease",
    version,
    arg_required_else_help = true,
    // As in kubectl, the last one counts: what an alias sets can be set anew.
    args_override_self = true,
    after_help = "\
Examples:
  # What needs a person, in the whole cluster
  kubectl lease ls -A --stuck

  # Why, and how is that known?
  kubectl lease describe billing-batch -n payments

  # Take it, and see the proof that its holder is gone
  kubectl lease steal billing-batch -n payments

Exit codes:
  0  done
  1  an error, wrong usage included
  2  a finding, of `check` or `doctor`
  3  refused: not the holder, not expired, or not allowed
  4  not acquired, or not in time
`run` passes on that of its command, and has others of its own: see its help"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// All that can be typed.
pub(crate) fn command() -> clap::Command {
    Cli::command().bin_name(*invocation::NAME)
}

/// Runs the program and tells its exit code.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    if completion::is_asked_for() {
        return match completion::answer(args.into_iter().collect()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => usage::tell(&Ui::new(), error, 1),
        };
    }
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match command()
        .try_get_matches_from(&args)
        .and_then(|matches| Cli::from_arg_matches(&matches))
    {
        Ok(cli) => cli,
        Err(error) => {
            let wrong_usage = if is_run(&args) { RUN_FAILED } else { 1 };
            return usage::tell(&Ui::new(), error, wrong_usage);
        }
    };
    let ui = Ui::new();
    let code = match execute(&ui, cli) {
        Ok(code) => code,
        Err(failure) => {
            ui.failure(&failure);
            failure.exit_code()
        }
    };
    ExitCode::from(signals::left_by().map_or(code, signals::end_by))
}

/// Whether the verb is `run`, whatever is wrong with the rest.
fn is_run(args: &[OsString]) -> bool {
    let matches = command().ignore_errors(true).try_get_matches_from(args);
    matches.is_ok_and(|matches| matches.subcommand_name() == Some("run"))
}

/// Runs one more command line, given without the program's name, within this one.
pub(crate) async fn run_line(ui: &Ui, args: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let args = std::iter::once(OsString::from(*invocation::NAME)).chain(args);
    let Cli { global, command } = Cli::try_parse_from(args)
        .map_err(|error| Failure::error("this command line is wrong").cause(error.to_string()))?;
    command.run(ui, &global).await.map(drop)
}

fn execute(ui: &Ui, cli: Cli) -> Result<u8, Failure> {
    let Cli { global, command } = cli;
    verbosity::show(global.verbosity);
    invocation::remember_cluster_flags(global.to_type_again(), global.to_type_as_oneself());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error("the program cannot start").cause(error.to_string()))?;
    let result = runtime.block_on(command.run(ui, &global));
    // What still computes is nobody's any more: a policy that is compiled, say.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
