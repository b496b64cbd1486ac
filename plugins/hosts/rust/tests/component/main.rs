//! The component says what the native crate says, and never traps. `cargo xtask components` makes it.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod agreement;
mod dynamic;
mod hostile;
mod values;

use std::path::PathBuf;

/// The component, which is in cargo's target folder as this test is.
fn component() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors()
        .map(|folder| folder.join("components/lease-lock.wasm"))
        .find(|file| file.is_file())
        .expect("the component is not made; make it with: cargo xtask components")
}
