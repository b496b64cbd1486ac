//! What is brought once for each state of the file that pins it.

use std::path::Path;

use anyhow::Context;

/// Installs what is wanted into a folder, unless just that is there: the file that says so is copied
/// into it when all is done.
pub(crate) fn once(
    folder: &Path,
    wanted: &Path,
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(wanted)
        .with_context(|| format!("cannot read {}", wanted.display()))?;
    let installed = folder.join(".installed");
    if std::fs::read_to_string(&installed).ok().as_ref() == Some(&text) {
        return Ok(());
    }
    println!("bringing what {} names", wanted.display());
    install()?;
    std::fs::write(&installed, text)
        .with_context(|| format!("cannot write {}", installed.display()))
}
