//! What runs policies.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use wasmtime::{Config, Engine, OptLevel};

use crate::{Error, World, limits};

/// What compiles policies, and runs them.
#[derive(Clone)]
pub struct Host {
    engine: Engine,
}

impl Host {
    /// One with the limits of [`limits`].
    ///
    /// # Errors
    /// [`Error::Unrunnable`] on a machine that wasmtime does not know.
    pub fn new() -> Result<Self, Error> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            // What is not bounded by it is bounded by nothing.
            .epoch_interruption(true)
            .max_wasm_stack(limits::STACK_BYTES)
            // The same request has the same verdict, on every machine.
            .cranelift_nan_canonicalization(true)
            .relaxed_simd_deterministic(true)
            .cranelift_opt_level(OptLevel::Speed)
            // Nobody is shown where in it a policy failed.
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false)
            .native_unwind_info(false);
        let engine = Engine::new(&config).map_err(|error| Error::Unrunnable(error.to_string()))?;
        Ok(Self { engine })
    }

    /// Compiles a policy to machine code of this machine, which takes as long and as much memory as
    /// it takes: see [`crate::compile_in_child`].
    ///
    /// # Errors
    /// What is no policy.
    pub fn compile(&self, component: &[u8]) -> Result<Vec<u8>, Error> {
        World::of(component)?;
        // What wasmtime says of where it found it is of use to nobody.
        let invalid = |error: wasmtime::Error| Error::Invalid(error.root_cause().to_string());
        self.engine.precompile_component(component).map_err(invalid)
    }

    /// Of which wasmtime, machine and limits it is: what one of another fingerprint compiled cannot
    /// be loaded.
    pub fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.engine
            .precompile_compatibility_hash()
            .hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
