use crate::failure::Failure;
use crate::flags;
use crate::global_args::GlobalArgs;
use crate::live::{self, Options};
use crate::ui::Ui;

/// Watch locks live, in a table
///
/// Each row has a bar that empties until its holder renews; a mark shows where the bar usually is
/// by then. Nothing can be changed unless --allow-changes is given. `?` tells the keys.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # All locks of the cluster
  kubectl lease watch -A

  # One namespace, where stuck locks can be freed from the table
  kubectl lease watch -n payments --allow-changes")]
pub(crate) struct Args {
    /// In all namespaces
    #[arg(short = 'A', long, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false",
          hide_default_value = true, value_name = "true|false", value_parser = flags::parse_bool)]
    all_namespaces: bool,
    /// Allow locks to be changed from the table
    #[arg(long)]
    allow_changes: bool,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        all_namespaces,
        allow_changes,
    } = args;
    let options = Options {
        all_namespaces,
        allow_changes,
        identity: lease_client::fresh_identity(),
    };
    live::run(ui, global, options).await
}
