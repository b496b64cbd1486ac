use clap::ValueHint;
use lease_policy_host::Description;
use serde_json::{Value, json};

use super::format::Format;
use super::given::{Given, library};
use crate::escape;
use crate::failure::Failure;
use crate::output;
use crate::policy::Trouble;
use crate::ui::Ui;

/// Show what a policy is: what it says of itself, and how it is kept
///
/// Of a file that was not added, what it would be. It is compiled and asked what it is, and nothing
/// else.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # What is it for, what does it want to be asked about, how are its settings made?
  kubectl lease plugin inspect require-reason.wasm")]
pub(crate) struct Args {
    /// The policy: the name of one that was added, or a file
    #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    plugin: String,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Format,
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { plugin, output } = args;
    let library = library()?;
    let given = Given::find(ui, &library, &plugin)?;
    let described = given
        .policy
        .describe()
        .map_err(|error| given.wrong(error))?;
    let text = match output {
        Format::Name => format!("{}\n", name(&given, &described)),
        Format::Json => output::json(&object(&given, &described)),
        Format::Yaml => output::yaml(object(&given, &described))?,
        Format::Table => text(&given, &described),
    };
    ui.data(&text)?;
    if let Some(entry) = &given.entry
        && let Err(error) = given.policy.configure(&entry.settings())
    {
        let trouble = Trouble::from(error);
        ui.note(&format!("it cannot be asked: it {trouble}"));
        if let Some(mend) = trouble.mend(entry) {
            ui.note(&mend);
        }
    }
    Ok(())
}

fn name<'a>(given: &'a Given, described: &'a Description) -> &'a str {
    let entry = given.entry.as_ref();
    entry.map_or(&described.name, |entry| &entry.name)
}

fn object(given: &Given, described: &Description) -> Value {
    let mut object = json!({
        "name": name(given, described),
        "description": described,
        "contract": format!("lease:policy@{}", given.world.version),
        "imports": given.world.imports,
        "sha256": given.digest,
        "bytes": given.component.len(),
        "file": given.file.display().to_string(),
    });
    if let Some(entry) = &given.entry {
        object["mode"] = json!(entry.mode);
        object["verbs"] = json!(entry.verbs);
        object["settings"] = entry.settings.clone();
    }
    object
}

fn text(given: &Given, described: &Description) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let value = escape::cut(value, 2000);
        let line = format!("{:<18}{value}", format!("{key}:"));
        text += line.trim_end();
        text.push('\n');
    };
    line("Name", name(given, described));
    line(
        "Calls itself",
        &format!("{} {}", described.name, described.version),
    );
    line("Summary", &described.summary);
    line("Wants to judge", &described.verbs.join(", "));
    let holder = "the pod or node behind a holder: to list pods and nodes";
    line(
        "Wants to know",
        if described.wants_holder {
            holder
        } else {
            "nothing else"
        },
    );
    line("Example settings", &described.example_settings.to_string());
    match &given.entry {
        Some(entry) => {
            line("Asked about", &entry.verbs.join(", "));
            line("Mode", entry.mode.name());
            line("Settings", &entry.settings.to_string());
        }
        None => line("Asked about", "nothing: it was not added"),
    }
    line("Contract", &format!("lease:policy {}", given.world.version));
    line("Imports", &given.world.imports.join(", "));
    line("SHA-256", &given.digest.to_string());
    line("Size", &format!("{} bytes", given.component.len()));
    line("File", &given.file.display().to_string());
    text
}
