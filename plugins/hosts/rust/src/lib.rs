//! The lock's component in a Rust program, on wasmtime.
//!
//! A Rust program has the same logic as a crate; this is how any program that embeds wasmtime has it,
//! and how the component is measured and tested.

mod bindings;

use std::path::Path;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Result, Store};

pub use bindings::Logic;
pub use bindings::exports::lease::lock::{rules, types};

/// The component, compiled once for all instances.
pub struct Lock {
    engine: Engine,
    component: Component,
}

impl Lock {
    /// Compiles the component that is in this file.
    ///
    /// # Errors
    /// A file that cannot be read or is no component.
    pub fn compile(file: &Path) -> Result<Self> {
        let engine = Self::engine()?;
        let component = Component::from_file(&engine, file)?;
        Ok(Self { engine, component })
    }

    fn engine() -> Result<Engine> {
        Engine::new(Config::new().wasm_component_model(true))
    }

    /// What was compiled, to be kept in a file. Only what was written here may be loaded again: it is
    /// machine code.
    ///
    /// # Errors
    /// Those of wasmtime.
    pub fn compiled(&self) -> Result<Vec<u8>> {
        self.component.serialize()
    }

    /// The engine that compiled it.
    pub const fn compiled_by(&self) -> &Engine {
        &self.engine
    }

    /// The component itself, for who calls it without bindings.
    pub const fn component(&self) -> &Component {
        &self.component
    }

    /// An instance with a memory of its own. It asks for nothing, so the linker stays empty.
    ///
    /// # Errors
    /// Those of wasmtime.
    pub fn instantiate(&self) -> Result<(Store<()>, Logic)> {
        let mut store = Store::new(&self.engine, ());
        let linker = Linker::new(&self.engine);
        let logic = Logic::instantiate(&mut store, &self.component, &linker)?;
        Ok((store, logic))
    }
}
