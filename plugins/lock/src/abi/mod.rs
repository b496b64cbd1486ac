//! How values cross the boundary: the canonical ABI of the component model.
//!
//! It lays values out in memory as C lays out structs, so a type of the contract is a type here that
//! is `repr(C)`, and is read and written where it lies. Generated bindings copy each field into types
//! of their own and out of these again, in each function anew; that was half of the component.
//!
//! What is unsafe is here and in `exports`: that a pointer is what the contract says it is, which the
//! host's side of the same ABI makes sure of. Whether a type here is the one of the contract, no
//! compiler tells, but the conformance tests, which send and receive each.

#![allow(unsafe_code, reason = "memory is handed over by address")]
#![allow(
    clippy::cast_ptr_alignment,
    reason = "what comes from the allocator is aligned as it was asked for"
)]

mod handle;
mod scratch;
mod world;

use core::cell::Cell;
use core::marker::PhantomData;
use core::ops::Deref;
use core::slice;

pub(crate) use handle::Handle;
pub(crate) use scratch::Call;

/// What is there once. A component has one thread.
struct Lone<T>(Cell<T>);

// SAFETY: no other thread is there to share it with.
unsafe impl<T> Sync for Lone<T> {}

impl<T> Lone<T> {
    const fn new(value: T) -> Self {
        Self(Cell::new(value))
    }
}

impl<T> Deref for Lone<T> {
    type Target = Cell<T>;

    fn deref(&self) -> &Cell<T> {
        &self.0
    }
}

/// `list<T>`, somewhere in memory.
#[repr(C)]
pub(crate) struct List<'a, T> {
    start: *const T,
    length: usize,
    of: PhantomData<&'a [T]>,
}

impl<T> List<'_, T> {
    /// A list that came in as two numbers.
    ///
    /// # Safety
    /// They are the parts of a `list<T>` whose memory stays as it is for this lifetime.
    pub(crate) const unsafe fn of_parts(start: *const T, length: usize) -> Self {
        Self {
            start,
            length,
            of: PhantomData,
        }
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> Deref for List<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.length == 0 {
            // Nothing may be anywhere.
            return &[];
        }
        // SAFETY: it is a slice that was lent, or that the host wrote by the ABI.
        unsafe { slice::from_raw_parts(self.start, self.length) }
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        [].as_slice().into()
    }
}

impl<'a, T> From<&'a [T]> for List<'a, T> {
    fn from(slice: &'a [T]) -> Self {
        Self {
            start: slice.as_ptr(),
            length: slice.len(),
            of: PhantomData,
        }
    }
}

/// `string`, somewhere in memory.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Text<'a>(List<'a, u8>);

impl<'a> Text<'a> {
    /// A text that came in as two numbers.
    ///
    /// # Safety
    /// They are the parts of a `string` whose memory stays as it is for this lifetime.
    pub(crate) const unsafe fn of_parts(start: *const u8, length: usize) -> Self {
        // SAFETY: as promised by the caller.
        Self(unsafe { List::of_parts(start, length) })
    }

    /// The same text for as long as it stays.
    pub(crate) fn as_str(&self) -> &'a str {
        let bytes: &List<'a, u8> = &self.0;
        if bytes.length == 0 {
            return "";
        }
        // SAFETY: it was a str, or the host wrote it by the ABI, by which all strings are UTF-8.
        unsafe {
            let bytes = slice::from_raw_parts(bytes.start, bytes.length);
            core::str::from_utf8_unchecked(bytes)
        }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes().into())
    }
}

/// `option<T>`.
#[derive(Clone, Copy)]
#[repr(C, u8)]
pub(crate) enum Maybe<T> {
    None,
    Some(T),
}

impl<T: Copy> Maybe<T> {
    /// The same as Rust has it.
    pub(crate) const fn get(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::Some(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Self::Some)
    }
}

/// `result<T, E>`.
#[repr(C, u8)]
pub(crate) enum Outcome<T, E> {
    Ok(T),
    Err(E),
}
