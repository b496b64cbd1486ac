use crate::failure::Failure;
use crate::ui::Ui;

/// Print the version
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # The version, to report with a problem
  kubectl lease version")]
pub(crate) struct Args {}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args {} = args;
    Ok(ui.data(&format!("kubectl-lease {}\n", env!("CARGO_PKG_VERSION")))?)
}
