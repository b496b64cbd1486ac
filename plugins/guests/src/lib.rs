//! Small policies for tests: components of the contract `lease:policy`, made of a few lines of
//! WebAssembly text each, so that each does exactly one thing, good or bad.
//!
//! ```
//! use lease_policy_guests::Guest;
//!
//! let component = Guest::new("deny-all").review(&Guest::deny("no", "never")).component();
//! assert!(component.starts_with(b"\0asm"));
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails where it panics"
)]

mod guest;
mod hostile;
mod module;

pub use guest::Guest;
pub use hostile::{compile_bomb, component_of_text, needs_memory_to_compile, without_world};
