//! A policy of `kubectl lease` in Rust: it is asked before a lock is changed, and may say no.
//!
//! A policy is a type that is made of its settings and judges requests. [`export!`] makes of it what
//! the contract in `wit/policy` wants, so that the crate, compiled as a `cdylib` for
//! `wasm32-unknown-unknown`, is the core of a component. Compiled natively it is a type like any
//! other, and is tested as one.
//!
//! ```
//! use lease_policy::{Description, Finding, Policy, Request, Verdict, settings};
//! use serde::Deserialize;
//!
//! /// Nobody steals from somebody of these names.
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Untouchable {
//!     holders: Vec<String>,
//! }
//!
//! impl Policy for Untouchable {
//!     fn describe() -> Description {
//!         Description {
//!             name: "untouchable".to_owned(),
//!             version: "0.1.0".to_owned(),
//!             summary: "Nobody steals from some holders".to_owned(),
//!             verbs: vec!["steal".to_owned()],
//!             wants_holder: false,
//!             example_settings: r#"{"holders": ["the-boss"]}"#.to_owned(),
//!         }
//!     }
//!
//!     fn configure(text: &str) -> Result<Self, Finding> {
//!         settings::parse(text)
//!     }
//!
//!     fn review(&self, request: &Request) -> Verdict {
//!         match &request.lock.holder_identity {
//!             Some(holder) if self.holders.contains(holder) => {
//!                 Verdict::deny("untouchable", format!("ask {holder} first"))
//!             }
//!             _ => Verdict::Allow,
//!         }
//!     }
//! }
//!
//! lease_policy::export!(Untouchable);
//! ```

mod export;
pub mod log;
mod patterns;
#[cfg(feature = "recorded")]
mod recorded;
pub mod settings;
mod verbs;
mod verdict;

#[doc(hidden)]
pub mod bindings;

pub use bindings::lease::policy::types::{
    Description, Entry, Finding, Holder, Lock, Request, Standing, Timestamp, Verdict,
};
#[doc(hidden)]
pub use export::Configured;
pub use patterns::Patterns;
#[cfg(feature = "recorded")]
pub use recorded::{InvalidRequest, request};
pub use verbs::Verbs;

/// What judges requests, by settings that it was made of.
///
/// Nothing is remembered from one request to the next: for each there is a new one.
pub trait Policy: Sized + 'static {
    /// What it is called and for, of which verbs it wants to be asked, and how its settings look.
    fn describe() -> Description;

    /// Makes one of its settings, a JSON text; `{}` if there are none. [`settings::parse`] makes it
    /// of a type with serde.
    ///
    /// # Errors
    /// What is wrong with the settings: the field, the rule, and what to write instead.
    fn configure(settings: &str) -> Result<Self, Finding>;

    /// Judges what somebody is about to do. The same request has the same verdict, always.
    fn review(&self, request: &Request) -> Verdict;
}
