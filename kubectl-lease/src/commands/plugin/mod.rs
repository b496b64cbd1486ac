mod add;
mod format;
mod given;
mod inspect;
mod ls;
mod rm;
mod test;

use clap::Subcommand;

use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::ui::Ui;

/// Keep policies: rules of your own for what you do to locks
///
/// A policy is a WebAssembly component of the contract lease:policy, in any language that makes one.
/// It is asked before `steal`, `force-release`, `release`, `acquire` and `run`, as far as it wants
/// to be, and allows, warns or denies (exit 3). It sees the lock and who asks, and reaches nothing:
/// no file, no network, no clock; 100 ms and 64 MiB are all that it gets.
///
/// Policies guard against mistakes at this keyboard, not against somebody with the same credentials
/// and another program: what must hold for all belongs in an admission policy of the API server.
///
/// Where a policy that should be asked cannot be, because it is missing, has changed, fails or takes
/// too long, `steal` and `force-release` are refused; the other verbs go on, with a note. All that is
/// kept lies in plugins.yaml among your configuration, which can be edited; others must not be able
/// to write there.
#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  # Add a policy, and see that it is asked
  kubectl lease plugin add require-reason.wasm
  kubectl lease steal billing-batch -n payments ||
  kubectl lease steal billing-batch -n payments --reason 'ticket 4711'

  # What would it say? Nothing is done
  kubectl lease plugin test require-reason.wasm --verb steal report-writer --reason 'ticket 4711'"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

/// What to do with policies.
#[derive(Subcommand)]
enum Verb {
    Add(add::Args),
    Inspect(inspect::Args),
    #[command(visible_alias = "list")]
    Ls(ls::Args),
    #[command(visible_alias = "remove")]
    Rm(rm::Args),
    Test(test::Args),
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args { verb } = args;
    match verb {
        Verb::Add(args) => add::run(ui, args),
        Verb::Inspect(args) => inspect::run(ui, args),
        Verb::Ls(args) => ls::run(ui, args),
        Verb::Rm(args) => rm::run(ui, args),
        Verb::Test(args) => return test::run(ui, global, args).await,
    }
    .map(|()| 0)
}
