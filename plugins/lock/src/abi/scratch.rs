//! The memory of one call.

use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::arch::wasm32;
use core::ptr;

use super::{List, Lone, Text};

/// What stands before each block: all blocks are in one chain, and go together.
#[repr(C)]
struct Block {
    next: *mut Block,
    /// Of the whole block.
    size: usize,
}

/// No value of the contract wants more.
const ALIGN: usize = 8;

/// The last block that was taken.
static BLOCKS: Lone<*mut Block> = Lone::new(ptr::null_mut());
/// The call has returned; what is there is for the host to read, until it calls again.
static RETURNED: Lone<bool> = Lone::new(false);

/// Memory until the next call, for values of up to that alignment.
fn take(size: usize) -> *mut u8 {
    // SAFETY: no memory is so large that this would overflow, no block is empty, and each is kept
    // with the size that it was made with.
    unsafe {
        let size = size + size_of::<Block>();
        let block = alloc(Layout::from_size_align_unchecked(size, ALIGN)).cast::<Block>();
        if block.is_null() {
            wasm32::unreachable();
        }
        let next = BLOCKS.replace(block);
        block.write(Block { next, size });
        block.add(1).cast()
    }
}

/// Gives back what the last call left. A host has read all of that before it calls again.
fn begin() {
    if !RETURNED.replace(false) {
        return;
    }
    let mut next = BLOCKS.replace(ptr::null_mut());
    while !next.is_null() {
        // SAFETY: each block of the chain was made by `take`, and is in it once.
        unsafe {
            let Block { next: after, size } = next.read();
            dealloc(next.cast(), Layout::from_size_align_unchecked(size, ALIGN));
            next = after;
        }
    }
}

/// A call that is under way: what came with it and what it is to return stays until the next one.
pub(crate) struct Call(());

impl Call {
    /// What is to be done first of all.
    pub(crate) fn begin() -> Self {
        begin();
        Self(())
    }

    /// A copy of a text, for the host.
    pub(crate) fn text<'a>(&self, text: &str) -> Text<'a> {
        let copy = take(text.len());
        // SAFETY: the copy is as long as the text, and stays.
        unsafe {
            copy.copy_from_nonoverlapping(text.as_ptr(), text.len());
            Text::of_parts(copy, text.len())
        }
    }

    /// A copy of a list, for the host.
    pub(crate) fn list<'a, T: Copy>(&self, list: &[T]) -> List<'a, T> {
        let copy: *mut T = take(size_of_val(list)).cast();
        // SAFETY: the copy is as long as the list, and stays.
        unsafe {
            copy.copy_from_nonoverlapping(list.as_ptr(), list.len());
            List::of_parts(copy, list.len())
        }
    }

    /// Where the host finds what the call returns.
    pub(crate) fn returns<T>(self, value: T) -> *const T {
        const { assert!(align_of::<T>() <= ALIGN) };
        let place: *mut T = take(size_of::<T>()).cast();
        // SAFETY: it is memory of that size, and nobody else's.
        unsafe { place.write(value) };
        place
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        RETURNED.set(true);
    }
}

/// Where the host puts what it passes. Text may grow while it is put into UTF-8.
///
/// # Safety
/// As the ABI has it: `old` is nothing, or what was given for `old_size` bytes in the same call.
#[unsafe(export_name = "cabi_realloc")]
unsafe extern "C" fn reallocate(
    old: *mut u8,
    old_size: usize,
    _align: usize,
    size: usize,
) -> *mut u8 {
    begin();
    if old_size >= size && !old.is_null() {
        return old;
    }
    let new = take(size);
    if !old.is_null() {
        // SAFETY: both are at least that long, and the new one is nobody else's.
        unsafe { new.copy_from_nonoverlapping(old, old_size) };
    }
    new
}
