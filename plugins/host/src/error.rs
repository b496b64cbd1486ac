//! What can be wrong with a policy.

use crate::limits;

/// Why a policy cannot be had, or has no verdict. Each reads after the policy's name or file:
/// "NAME took longer than 100 ms". What a policy said may stand in it: it is hostile text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It imports what nobody gives it.
    #[error("asks for {0}, which no policy is given: there is nothing but `lease:policy/log`")]
    AsksForMore(String),
    /// It imports an interface of the system.
    #[error("asks for {0}; policies get no access to the system")]
    AsksForSystem(String),
    /// It is a component that exports something else.
    #[error("is a component of another world: it does not export lease:policy/policy")]
    AnotherWorld,
    /// It is a component of another version of the contract.
    #[error("was made for lease:policy {0}, this program speaks {speaks}", speaks = crate::SPOKEN)]
    AnotherVersion(String),
    /// It was compiled already, somewhere.
    #[error(
        "is compiled already, and no WebAssembly component: machine code of others is never run"
    )]
    Compiled,
    /// The process that compiles it went wrong.
    #[error("could not be compiled: {0}")]
    Compiling(String),
    /// Compiling it took too much memory.
    #[error("could not be compiled with {0} MiB of memory")]
    CompilingMemory(u64),
    /// Compiling it took too long.
    #[error("could not be compiled within {0} s")]
    CompilingTime(u64),
    /// It is a module, which knows no world.
    #[error(
        "is a core WebAssembly module, not a component: make one of it by `wasm-tools component new`"
    )]
    CoreModule,
    /// What it says of itself cannot be.
    #[error("describes itself in a way that cannot be: {0}")]
    Description(String),
    /// It stopped: a panic, a division by zero, a wild pointer.
    #[error("failed: {0}")]
    Failed(String),
    /// A component, but for some of its bytes.
    #[error("is no valid WebAssembly component: {0}")]
    Invalid(String),
    /// It used too much memory.
    #[error("used more than {} MiB", limits::MEMORY_BYTES / 1024 / 1024)]
    Memory,
    /// It is something else altogether.
    #[error("is no WebAssembly component")]
    NoComponent,
    /// A text that it told is too long.
    #[error("said too much: {0}")]
    SaidTooMuch(String),
    /// It does not take its settings.
    #[error("does not take its settings: {message} ({code})")]
    Settings {
        /// What is wrong with them, for programs.
        code: String,
        /// The same in a sentence.
        message: String,
    },
    /// Its settings are too long.
    #[error("is given settings of more than {} KiB", limits::TEXT_BYTES / 1024)]
    SettingsTooLong,
    /// It called itself too often.
    #[error("used more than {} KiB of stack: it calls itself without end", limits::STACK_BYTES / 1024)]
    Stack,
    /// It took too long.
    #[error("took longer than {} ms", limits::TIME.as_millis())]
    Time,
    /// It has too many bytes.
    #[error("has more than {} MiB", limits::COMPONENT_BYTES / 1024 / 1024)]
    TooLarge,
    /// This machine cannot run it.
    #[error("cannot be run here: {0}")]
    Unrunnable(String),
}
