//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The root of the source tree.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is a folder of the workspace")
}

/// Cargo's target folder, wherever it keeps it: this program is in it.
pub(crate) fn target() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find the xtask executable")?;
    own.parent()
        .and_then(Path::parent)
        .map(Path::to_owned)
        .context("the xtask executable is not in a target folder")
}

/// Where the Go parts go: `target/parts`. The tests look for it from their own executable
/// upwards, as this does.
pub(crate) fn parts() -> anyhow::Result<PathBuf> {
    Ok(target()?.join("parts"))
}

/// Where cargo keeps the source of dependencies.
pub(crate) fn cargo_home() -> anyhow::Result<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .context("neither CARGO_HOME nor HOME is set")
}
