//! What is no policy at all, or not meant to be one.

use std::fmt::Write as _;

use crate::Guest;
use crate::guest::of_another_world;

/// A component that exports something else.
pub fn without_world() -> Vec<u8> {
    of_another_world()
}

/// A policy with so many functions of so many calls each that compiling takes minutes, though it is
/// small enough to be taken.
pub fn compile_bomb(functions: usize, calls: usize) -> Vec<u8> {
    let mut fields = String::new();
    for function in 0..functions {
        let _ = write!(fields, "(func $f{function} (param $x i64) (result i64)");
        for call in 0..calls {
            let _ = write!(
                fields,
                "(local.set $x (i64.mul (i64.add (local.get $x) (i64.const {call})) \
                 (i64.xor (local.get $x) (i64.load offset={call} (i32.wrap_i64 (local.get $x))))))"
            );
        }
        let _ = write!(fields, "(local.get $x))");
    }
    Guest::new("compile-bomb").also(&fields).component()
}

/// A policy with one function that is so large that compiling it takes gigabytes.
pub fn needs_memory_to_compile(steps: usize) -> Vec<u8> {
    let mut fields = String::from("(func $large (param $x i64) (result i64)");
    for step in 0..steps {
        let _ = write!(
            fields,
            "(if (i64.eqz (i64.add (local.get $x) (i64.const {step}))) \
             (then (local.set $x (call $large (local.get $x)))))"
        );
    }
    fields.push_str("(local.get $x))");
    Guest::new("memory-bomb").also(&fields).component()
}

/// A component as its text says.
pub fn component_of_text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}
