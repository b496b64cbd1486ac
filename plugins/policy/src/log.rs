//! Lines for whoever looks for why a policy decides as it does. People see them with `-v` and in
//! `plugin test`; natively they go to stderr, so that a test that fails shows them.

#[cfg(target_arch = "wasm32")]
use crate::bindings::lease::policy::log::{Level, write};

/// A step: shown with `-v 4`.
pub fn debug(message: &str) {
    #[cfg(target_arch = "wasm32")]
    write(Level::Debug, message);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("debug: {message}");
}

/// What was found: shown with `-v 2`.
pub fn info(message: &str) {
    #[cfg(target_arch = "wasm32")]
    write(Level::Info, message);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("info: {message}");
}

/// What is wrong: shown with `-v 1`.
pub fn warning(message: &str) {
    #[cfg(target_arch = "wasm32")]
    write(Level::Warning, message);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("warning: {message}");
}
