//! Python environments of our own, in the versions and with the digests that a file pins.

use std::path::Path;

use crate::pinned::once;
use crate::program;

/// Makes an environment in a folder, unless it is there as these requirements have it.
pub(crate) fn bring(folder: &Path, requirements: &Path) -> anyhow::Result<()> {
    once(folder, requirements, || {
        program::run(
            program::python()
                .args(["-m", "venv", "--clear"])
                .arg(folder),
        )?;
        program::run(
            program::at(&folder.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .args(["--only-binary=:all:", "--require-hashes", "--requirement"])
                .arg(requirements),
        )
    })
}
