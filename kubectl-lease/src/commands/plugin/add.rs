use std::mem;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;
use lease_policy_host::{Description, Digest};

use super::given::{Given, configured, library, settings};
use crate::durations;
use crate::escape;
use crate::failure::Failure;
use crate::invocation;
use crate::policy::{Entry, Mode, Verb, lock};
use crate::ui::Ui;

/// Add a policy from a file
///
/// Compiles it, asks it what it is and whether it takes its settings, and keeps the component, its
/// SHA-256 and the settings. Of what it does not name among its verbs, it is not asked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Add a policy; it is asked from now on
  kubectl lease plugin add require-reason.wasm

  # Only if it is the very file that somebody has looked at, and without blocking anything yet
  digest=$(sha256sum require-reason.wasm | cut -d' ' -f1)
  kubectl lease plugin add require-reason.wasm --sha256 \"$digest\" --mode monitor --replace

  # Twice, with other settings
  kubectl lease plugin add require-reason.wasm --name tickets --settings '{\"pattern\": \"#[0-9]+\"}'")]
pub(crate) struct Args {
    /// The component, a .wasm file
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The SHA-256 that it has to have
    #[arg(long, value_name = "DIGEST")]
    sha256: Option<Digest>,
    /// What to call it; by default as it calls itself
    #[arg(long, id = "called", value_name = "NAME", value_parser = parse_name)]
    name: Option<String>,
    /// Its settings, as JSON; or @FILE, with JSON or YAML
    #[arg(
        long,
        value_name = "JSON|@FILE",
        default_value = "{}",
        hide_default_value = true
    )]
    settings: String,
    /// What comes of what it denies
    #[arg(long, default_value = "enforce")]
    mode: Mode,
    /// Replace the policy of that name, if there is one
    #[arg(long)]
    replace: bool,
    /// How long it may take to compile
    #[arg(long, default_value = "2m", value_parser = durations::parse)]
    timeout: Duration,
}

fn parse_name(text: &str) -> Result<String, String> {
    if Description::is_name(text) {
        Ok(text.to_owned())
    } else {
        Err(
            "a name is lower-case letters, digits and \"-\", 63 at most, and begins with a letter"
                .to_owned(),
        )
    }
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args {
        file,
        sha256,
        name,
        settings: typed,
        mode,
        replace,
        timeout,
    } = args;
    let settings = settings(&typed)?;
    let library = library()?;
    let given = Given::from_file(ui, &library, &file, sha256, timeout)?;
    let described = given
        .policy
        .describe()
        .map_err(|error| given.wrong(error))?;
    given
        .policy
        .configure(&settings.to_string())
        .map_err(|error| {
            let example = escape::cut(&described.example_settings.to_string(), 500);
            given
                .wrong(error)
                .hint(format!("settings look like this: {example}"))
        })?;
    let wanted = described.verbs.iter().cloned();
    let (verbs, unknown): (Vec<_>, Vec<_>) = wanted.partition(|verb| Verb::is_one(verb));
    let entry = Entry {
        name: name.unwrap_or_else(|| described.name.clone()),
        sha256: given.digest.to_string(),
        mode,
        verbs,
        wants_holder: described.wants_holder,
        settings,
    };
    let cannot =
        |why: String| Failure::error(format!("policy {} cannot be added", entry.name)).cause(why);
    let _locked = lock(library.places()).map_err(|trouble| cannot(trouble.to_string()))?;
    let mut configured = configured()?;
    match configured.of_name(&entry.name) {
        Some(known) if is_as_added(known, &entry) => {
            let done = match library.component(given.digest) {
                Ok(_) => "unchanged",
                Err(_) => "restored",
            };
            library
                .keep(given.digest, &given.component)
                .map_err(|trouble| cannot(trouble.to_string()))?;
            return Ok(ui.data(&format!("plugin/{} {done}\n", entry.name))?);
        }
        Some(_) if !replace => return Err(is_there(&entry.name)),
        _ => {}
    }
    library
        .keep(given.digest, &given.component)
        .map_err(|trouble| cannot(trouble.to_string()))?;
    let known = configured
        .plugins
        .iter_mut()
        .find(|known| known.name == entry.name);
    let replaced = known.map(|known| mem::replace(known, entry.clone()));
    if replaced.is_none() {
        configured.plugins.push(entry.clone());
    }
    configured.write(library.places()).map_err(cannot)?;
    if let Some(Err(trouble)) = replaced
        .as_ref()
        .map(|replaced| library.forget(replaced, &configured))
    {
        // It is not asked any more, which is what was wanted.
        ui.note(&trouble.to_string());
    }
    let done = match replaced {
        Some(_) => "replaced",
        None => "added",
    };
    ui.data(&text(&entry, &described, done))?;
    note_of_verbs(ui, &unknown);
    Ok(())
}

/// Whether it is what was added, and perhaps edited since to be asked about less.
fn is_as_added(known: &Entry, entry: &Entry) -> bool {
    let is_asked = |verb| entry.verbs.contains(verb);
    let as_edited = Entry {
        verbs: known.verbs.clone(),
        ..entry.clone()
    };
    *known == as_edited && known.verbs.iter().all(is_asked)
}

fn text(entry: &Entry, described: &Description, done: &str) -> String {
    let asked = match entry.verbs.as_slice() {
        [] => "nothing".to_owned(),
        verbs => verbs.join(", "),
    };
    format!(
        "plugin/{} {done}\n  summary:  {}\n  verbs:    {asked}\n  mode:     {}\n  sha256:   {}\n",
        entry.name,
        escape::cut(&described.summary, 500),
        entry.mode.name(),
        entry.sha256
    )
}

/// Says what will never be asked.
fn note_of_verbs(ui: &Ui, unknown: &[String]) {
    if !unknown.is_empty() {
        ui.note(&format!(
            "it wants to be asked about {}, which this program does not ask about",
            unknown.join(", ")
        ));
    }
}

fn is_there(name: &str) -> Failure {
    let plugin = |verb: &str| format!("`{} plugin {verb} {name}`", *invocation::NAME);
    Failure::error(format!(
        "there is a policy \"{name}\" already, and it is another"
    ))
    .hint(format!("see it by {}", plugin("inspect")))
    .hint("replace it with --replace, or add this one by another --name")
}
