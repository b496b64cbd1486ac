//! The cross compiler: zig, which brings a C compiler, a linker and musl for every platform.
//!
//! Rust needs a linker for a foreign platform, and ring a C compiler.

use std::process::Command;

use crate::{program, python, workspace};

const REQUIREMENTS: &str = "xtask/requirements.txt";

/// A cargo that builds for foreign platforms: `cargo zigbuild`, to be given its arguments.
///
/// It lives in target/zig and is brought there in the versions, and with the digests, that
/// xtask/requirements.txt names.
pub(crate) fn cargo() -> anyhow::Result<Command> {
    let folder = workspace::target()?.join("zig");
    python::bring(&folder, &workspace::root().join(REQUIREMENTS))?;
    let mut command = program::at(&folder.join("bin/cargo-zigbuild"));
    command
        .arg("zigbuild")
        // This zig, whichever else the machine has.
        .env("CARGO_ZIGBUILD_PYTHON_PATH", folder.join("bin/python"))
        .env("CARGO_ZIGBUILD_CACHE_DIR", folder.join("cache"));
    Ok(command)
}
