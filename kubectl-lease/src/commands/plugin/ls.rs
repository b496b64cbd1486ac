use lease_policy_host::Policy;
use serde_json::{Value, json};

use super::format::Format;
use super::given::{configured, library};
use crate::escape;
use crate::failure::Failure;
use crate::output;
use crate::policy::{Entry, Library};
use crate::table::{Cell, push_line, width};
use crate::ui::Ui;

/// List the policies that there are
///
/// Of each what it is asked about, what comes of what it denies, and whether it can be asked: it is
/// still what was added, and takes its settings.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Which policies are asked?
  kubectl lease plugin ls

  # Do without any
  kubectl lease plugin ls -o name | xargs -n1 -r kubectl lease plugin rm")]
pub(crate) struct Args {
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Format,
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { output } = args;
    let configured = configured()?;
    if configured.plugins.is_empty() && output == Format::Table {
        ui.note("No policies found.");
        return Ok(());
    }
    let library = library()?;
    let text = match output {
        Format::Name => names(&configured.plugins),
        Format::Json => output::json(&list(ui, &library, &configured.plugins)),
        Format::Yaml => output::yaml(list(ui, &library, &configured.plugins))?,
        Format::Table => table(ui, &library, &configured.plugins),
    };
    Ok(ui.data(&text)?)
}

/// The names, a line each.
fn names(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        text += &escape::shown(&entry.name);
        text.push('\n');
    }
    text
}

/// `ok`, or what is wrong.
fn status(ui: &Ui, library: &Library, entry: &Entry) -> String {
    let takes_settings = |policy: Policy| Ok(policy.configure(&entry.settings())?);
    let result = library.policy(Some(ui), entry).and_then(takes_settings);
    match result {
        Ok(()) => "ok".to_owned(),
        Err(trouble) => trouble.to_string(),
    }
}

/// A list as kubectl has it, of what is no object of a cluster.
fn list(ui: &Ui, library: &Library, entries: &[Entry]) -> Value {
    let item = |entry: &Entry| {
        let mut item = json!(entry);
        item["status"] = status(ui, library, entry).into();
        item
    };
    json!({ "items": entries.iter().map(item).collect::<Vec<_>>() })
}

fn table(ui: &Ui, library: &Library, entries: &[Entry]) -> String {
    let cell = |text: &str| Cell::plain(escape::cut(text, 100));
    let mut rows = vec![["NAME", "MODE", "VERBS", "SHA256", "STATUS"].map(Cell::plain)];
    for entry in entries {
        rows.push([
            cell(&entry.name),
            cell(entry.mode.name()),
            cell(&entry.verbs.join(",")),
            // Enough to know it again.
            cell(entry.sha256.get(..12).unwrap_or(&entry.sha256)),
            cell(&status(ui, library, entry)),
        ]);
    }
    let mut widths = [0; 5];
    for row in &rows {
        for (column, cell) in widths.iter_mut().zip(row) {
            *column = width(&cell.text).max(*column);
        }
    }
    let mut text = String::new();
    for row in &rows {
        push_line(&mut text, row, &widths, ui.colour());
    }
    text
}
