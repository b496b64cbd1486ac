//! What a policy may use, and how much it may say.

use std::time::Duration;

/// How large a component may be, in bytes: a policy in JavaScript brings its interpreter, some 12 MB.
pub const COMPONENT_BYTES: u64 = 32 * 1024 * 1024;

/// How long an instance may compute from its start to its verdict, as its thread's clock counts: on
/// a machine that is busy with other things, a policy does not fail for that.
pub const TIME: Duration = Duration::from_millis(100);

/// How long that may take by any clock.
pub const WALL_TIME: Duration = Duration::from_secs(5);

/// How many bytes of memory an instance may have, of all its memories.
pub const MEMORY_BYTES: usize = 64 * 1024 * 1024;

/// How many elements its tables may have, of all its tables.
pub const TABLE_ELEMENTS: usize = 200_000;

/// How many core instances, memories and tables a component may consist of, of each.
pub const PARTS: usize = 64;

/// How many bytes of stack it may use.
pub const STACK_BYTES: usize = 512 * 1024;

/// How many bytes settings may have, and a text that a policy tells.
pub const TEXT_BYTES: usize = 64 * 1024;

/// How many bytes a policy may hand over in one call: wasmtime copies them out of its memory.
pub const CALL_BYTES: usize = 1024 * 1024;

/// How many bytes a finding's code may have.
pub const CODE_BYTES: usize = 100;

/// How many lines of a policy's log are kept.
pub const LOG_LINES: usize = 200;

/// How many bytes of a line in a policy's log are kept.
pub const LOG_LINE_BYTES: usize = 2 * 1024;
