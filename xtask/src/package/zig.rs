//! The cross compiler: zig, which brings a C compiler, a linker and musl for every platform.
//!
//! Rust needs a linker for a foreign platform, and ring a C compiler.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::{program, workspace};

const REQUIREMENTS: &str = "xtask/requirements.txt";

/// A cargo that builds for foreign platforms: `cargo zigbuild`, to be given its arguments.
///
/// It lives in target/zig and is brought there in the versions, and with the digests, that
/// xtask/requirements.txt names.
pub(crate) fn cargo() -> anyhow::Result<Command> {
    let folder = workspace::target()?.join("zig");
    let requirements = workspace::root().join(REQUIREMENTS);
    let wanted = std::fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    // Written when all is there, so that an interrupted installation is done again.
    let installed = folder.join("requirements.txt");
    if std::fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        install(&folder, &requirements)?;
        std::fs::write(&installed, wanted)
            .with_context(|| format!("cannot write {}", installed.display()))?;
    }

    let mut command = program::at(&folder.join("bin/cargo-zigbuild"));
    command
        .arg("zigbuild")
        // This zig, whichever else the machine has.
        .env("CARGO_ZIGBUILD_PYTHON_PATH", folder.join("bin/python"))
        .env("CARGO_ZIGBUILD_CACHE_DIR", folder.join("cache"));
    Ok(command)
}

fn install(folder: &Path, requirements: &Path) -> anyhow::Result<()> {
    println!("bringing zig into {}", folder.display());
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
}
