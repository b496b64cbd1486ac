//! The component, and the programs that host it. `cargo xtask test` brings what they need.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::parts;

/// The component.
pub fn component() -> PathBuf {
    parts::in_target("components/lease-lock.wasm", "cargo xtask components")
}

/// The component of a ready-made policy.
pub fn policy(name: &str) -> PathBuf {
    let path = format!("components/policies/{name}.wasm");
    parts::in_target(&path, "cargo xtask components --javascript")
}

/// A Python that has wasmtime.
pub fn interpreter() -> PathBuf {
    parts::in_target("hosts/python/bin/python", "cargo xtask test")
}

/// A Python that runs a program of `tests/hosts`.
pub fn python(program: &str) -> Command {
    let mut command = Command::new(interpreter());
    command.arg(source("tests/hosts").join(program));
    command
}

/// Node, which runs a program of `tests/hosts`.
pub fn node(program: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(source("tests/hosts").join(program));
    command
}

/// A file or folder of the source.
pub fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Where programs are found, the real kubectl first.
pub fn path_with_kubectl() -> OsString {
    let kubectl = parts::part("kubectl");
    let folder = kubectl.parent().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folder.into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).expect("no folder has a colon in its name")
}
