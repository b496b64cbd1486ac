use super::given::{configured, library, not_there};
use crate::failure::Failure;
use crate::policy::lock;
use crate::ui::Ui;

/// Remove a policy; it is not asked any more
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Do without it
  kubectl lease plugin add require-reason.wasm
  kubectl lease plugin rm require-reason")]
pub(crate) struct Args {
    /// The policy
    #[arg(value_name = "NAME")]
    plugin: String,
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { plugin: name } = args;
    let library = library()?;
    let cannot =
        |why: String| Failure::error(format!("policy {name} cannot be removed")).cause(why);
    let _locked = lock(library.places()).map_err(|trouble| cannot(trouble.to_string()))?;
    let mut configured = configured()?;
    let Some(entry) = configured.of_name(&name).cloned() else {
        return Err(not_there(&name));
    };
    configured.plugins.retain(|other| other.name != name);
    configured.write(library.places()).map_err(cannot)?;
    if let Err(trouble) = library.forget(&entry, &configured) {
        // It is not asked any more, which is what was wanted.
        ui.note(&trouble.to_string());
    }
    Ok(ui.data(&format!("plugin/{name} removed\n"))?)
}
