use crate::failure::Failure;
use crate::ui::Ui;

/// Print the version
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args {} = args;
    Ok(ui.data(&format!("kubectl-lease {}\n", env!("CARGO_PKG_VERSION")))?)
}
