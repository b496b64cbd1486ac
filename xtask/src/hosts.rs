//! What the hosts of the component need that are not ours, a Python with wasmtime and Node's jco.

use std::path::Path;

use crate::pinned::once;
use crate::{program, python, workspace};

const PYTHON: &str = "plugins/hosts/python/requirements.txt";
const NODE: &str = "plugins/hosts/node";

/// Brings both, in the versions and with the digests that are pinned, and the component in the form
/// that Node runs.
pub(crate) fn bring() -> anyhow::Result<()> {
    bring_python()?;
    bring_node()
}

fn bring_python() -> anyhow::Result<()> {
    let folder = workspace::target()?.join("hosts/python");
    python::bring(&folder, &workspace::root().join(PYTHON))
}

fn bring_node() -> anyhow::Result<()> {
    let folder = workspace::root().join(NODE);
    bring_packages(&folder)?;
    let component = workspace::target()?.join("components/lease-lock.wasm");
    program::run(
        program::npm()
            .current_dir(&folder)
            .args(["run", "--silent", "component", "--"])
            .arg(component),
    )
}

/// Brings the packages that a folder's lock file pins.
pub(crate) fn bring_packages(folder: &Path) -> anyhow::Result<()> {
    let lock = folder.join("package-lock.json");
    once(&folder.join("node_modules"), &lock, || {
        let quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        program::run(program::npm().current_dir(folder).args(quiet))
    })
}
