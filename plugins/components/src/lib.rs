//! Makes WebAssembly components of plugins, and checks them and their contracts.

mod component;
mod contract;
mod links;
mod policy;

pub use component::{MOST_BYTES, Metadata, make};
pub use contract::Contract;
pub use policy::{check_policy, make_policy};
