//! What the hosts of the component need that are not ours: a Python with wasmtime, and Node's jco.

use std::path::Path;

use anyhow::Context;

use crate::{program, workspace};

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
    let requirements = workspace::root().join(PYTHON);
    once(&folder, &requirements, || {
        program::run(
            program::python()
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
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
                .arg(&requirements),
        )
    })
}

fn bring_node() -> anyhow::Result<()> {
    let folder = workspace::root().join(NODE);
    let lock = folder.join("package-lock.json");
    once(&folder.join("node_modules"), &lock, || {
        let quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        program::run(program::npm().current_dir(&folder).args(quiet))
    })?;
    let component = workspace::target()?.join("components/lease-lock.wasm");
    program::run(
        program::npm()
            .current_dir(&folder)
            .args(["run", "--silent", "component", "--"])
            .arg(component),
    )
}

/// Installs what is wanted into a folder, unless just that is there: the file that says so is copied
/// into it when all is done.
fn once(
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
