//! What the Rust toolchain has to have.

use std::path::Path;

use crate::program;

/// What components are compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Adds a target's standard library unless it is there, however it came.
pub(crate) fn ensure_target(triple: &str) -> anyhow::Result<()> {
    let library =
        program::read(program::rustc().args(["--print", "target-libdir", "--target", triple]))?;
    if Path::new(&library).is_dir() {
        return Ok(());
    }
    program::run(program::rustup().args(["target", "add", triple]))
}
