use std::path::PathBuf;

use crate::failure::Failure;
use crate::flags;
use crate::global_args::GlobalArgs;
use crate::live::{self, Format, Options};
use crate::ui::Ui;

/// Watch locks live, in a table
///
/// Each row has a bar that empties until its holder renews; a mark shows where the bar usually is
/// by then. Nothing can be changed unless --allow-changes is given. `?` tells the keys.
///
/// On a pipe, each thing that happens is a line: when, to which lock, and what; with -o json, an
/// object with the fields time, namespace, name, what, holder, from, `after_seconds`, waiters,
/// state and resourceVersion.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # All locks of the cluster
  kubectl lease watch -A

  # One namespace, where stuck locks can be freed from the table
  kubectl lease watch -n payments --allow-changes

  # Keep what happens during an incident, and play it back later
  kubectl lease watch -A --record incident.jsonl
  kubectl lease watch --replay incident.jsonl

  # What happens, for a program to read
  kubectl lease watch -A -o json")]
pub(crate) struct Args {
    /// In all namespaces
    #[arg(short = 'A', long, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false",
          hide_default_value = true, value_name = "true|false", value_parser = flags::parse_bool)]
    all_namespaces: bool,
    /// Allow locks to be changed from the table
    #[arg(long)]
    allow_changes: bool,
    /// `table`, or `json` for an object in a line for each thing that happens
    #[arg(short, long, value_name = "FORMAT", default_value = "table", hide_default_value = true,
          value_parser = parse_format)]
    output: Format,
    /// Keep all that the cluster tells in a new file, with the whole Leases: JSON, a line for each
    /// change, written as it comes
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Play a recording back instead of asking a cluster: space pauses, `.` plays the next change,
    /// + and - double and halve the speed. On a pipe, tell all of it at once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["allow_changes", "record"])]
    replay: Option<PathBuf>,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        all_namespaces,
        allow_changes,
        output,
        record,
        replay,
    } = args;
    let options = Options {
        all_namespaces,
        allow_changes,
        identity: lease_client::fresh_identity(),
        record,
        replay,
    };
    if output == Format::Words && ui.can_draw() {
        live::run(ui, global, options).await
    } else {
        live::tell(ui, global, options, output).await
    }
}

/// Happenings are no Leases, so not all formats of other verbs make sense.
fn parse_format(text: &str) -> Result<Format, String> {
    match text {
        "json" => Ok(Format::Json),
        "table" => Ok(Format::Words),
        "name" | "wide" | "yaml" => Err(format!(
            "what happens is told as a table or as json; `ls -w -o {text}` follows the locks \
             themselves"
        )),
        _ => Err("there are table and json".to_owned()),
    }
}
