//! What std would bring.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::Cell;
use core::panic::PanicInfo;
use core::ptr;

/// Ends it without a word, which nobody could hear.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}

#[global_allocator]
static MEMORY: Memory = Memory::new();

/// The least block is 16 bytes, and each kind is twice as large as the one before.
const LEAST: usize = 16;
const KINDS: usize = 28;
const PAGE: usize = 65_536;

/// Memory in blocks whose sizes are powers of two. One that is given back waits for the next of its
/// size; so there are never more of a size than were in use at once, however long a contender lives.
struct Memory {
    /// The first block of each kind that is free; each begins with the address of the next.
    free: [Cell<*mut u8>; KINDS],
    /// What was never in use.
    fresh: Cell<*mut u8>,
    fresh_size: Cell<usize>,
}

// SAFETY: a component has one thread.
unsafe impl Sync for Memory {}

impl Memory {
    const fn new() -> Self {
        Self {
            free: [const { Cell::new(ptr::null_mut()) }; KINDS],
            fresh: Cell::new(ptr::null_mut()),
            fresh_size: Cell::new(0),
        }
    }

    /// Which kind of block holds so much.
    fn kind(layout: Layout) -> usize {
        let size = layout.size().max(layout.align()).max(LEAST);
        (size.next_power_of_two() / LEAST).trailing_zeros() as usize
    }

    fn fresh(&self, size: usize) -> *mut u8 {
        if self.fresh_size.get() < size {
            // What is left of the last pages is too small, and stays unused.
            let pages = size.div_ceil(PAGE);
            let before = wasm32::memory_grow(0, pages);
            if before == usize::MAX {
                return ptr::null_mut();
            }
            self.fresh
                .set(ptr::with_exposed_provenance_mut(before * PAGE));
            self.fresh_size.set(pages * PAGE);
        }
        let block = self.fresh.get();
        self.fresh.set(block.wrapping_add(size));
        self.fresh_size.set(self.fresh_size.get() - size);
        block
    }
}

// SAFETY: a block is in use once, and at least as large and as much aligned as was asked.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let kind = Self::kind(layout);
        let Some(free) = self.free.get(kind) else {
            return ptr::null_mut();
        };
        let block = free.get();
        if block.is_null() {
            return self.fresh(LEAST << kind);
        }
        // SAFETY: a block that is free begins with the address of the next.
        free.set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(free) = self.free.get(Self::kind(layout)) {
            // SAFETY: it was given out for this layout, and is not in use any more.
            unsafe { block.cast::<*mut u8>().write(free.get()) };
            free.set(block);
        }
    }
}
