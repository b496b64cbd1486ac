use crate::failure::Failure;
use crate::ui::Ui;

/// Play with a small living cluster of locks, no cluster needed
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keep the cluster up and print the KUBECONFIG to use from another shell
    #[arg(long)]
    serve: bool,
}

pub(crate) async fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { serve } = args;
    ui.note(&format!("{serve}"));
    Ok(())
}
