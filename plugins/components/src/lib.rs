//! Makes WebAssembly components of plugins, and checks them and their contracts.

mod component;
mod contract;
mod links;

pub use component::{MOST_BYTES, Metadata, make};
pub use contract::Contract;
