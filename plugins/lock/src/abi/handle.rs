//! Resources of ours, which the host holds by number.

use alloc::boxed::Box;
use core::ffi::c_void;

use super::Lone;
use crate::contender::Driven;
use crate::snapshot::Seen;

#[link(wasm_import_module = "[export]lease:lock/rules@0.1.0")]
unsafe extern "C" {
    #[link_name = "[resource-new]contender"]
    fn new_contender(contender: *mut c_void) -> usize;
    #[link_name = "[resource-new]snapshot"]
    fn new_snapshot(snapshot: *mut c_void) -> usize;
    #[link_name = "[resource-rep]snapshot"]
    fn snapshot_of(handle: usize) -> *mut c_void;
    #[link_name = "[resource-drop]snapshot"]
    fn drop_snapshot(handle: usize);
}

/// The snapshot whose handle is dropped now goes on without it.
static GOES_ON: Lone<bool> = Lone::new(false);

/// What the host holds a resource by.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Handle(usize);

impl Handle {
    /// Gives a contender to the host.
    pub(crate) fn of_contender(contender: Driven) -> Self {
        // SAFETY: what the host drops comes back to `dropped_contender`, once.
        Self(unsafe { new_contender(Box::into_raw(Box::new(contender)).cast()) })
    }

    /// Gives a snapshot to the host.
    pub(crate) fn of_snapshot(snapshot: Seen) -> Self {
        // SAFETY: what anybody drops comes back to `dropped_snapshot`, once.
        Self(unsafe { new_snapshot(Box::into_raw(Box::new(snapshot)).cast()) })
    }

    /// One that came in as a number.
    pub(crate) const fn of_number(number: usize) -> Self {
        Self(number)
    }

    /// Takes over a snapshot that the host passed on.
    ///
    /// # Safety
    /// It is a handle of a snapshot that belongs to us, and is taken once.
    pub(crate) unsafe fn into_snapshot(self) -> Box<Seen> {
        // SAFETY: the handle leads to what `of_snapshot` gave out, and dropping it leaves that alone.
        unsafe {
            let snapshot = snapshot_of(self.0).cast();
            GOES_ON.set(true);
            drop_snapshot(self.0);
            Box::from_raw(snapshot)
        }
    }
}

/// # Safety
/// It is what `of_contender` gave out, and is dropped once.
#[unsafe(export_name = "lease:lock/rules@0.1.0#[dtor]contender")]
unsafe extern "C" fn dropped_contender(contender: *mut c_void) {
    // SAFETY: as promised.
    drop(unsafe { Box::<Driven>::from_raw(contender.cast()) });
}

/// # Safety
/// It is what `of_snapshot` gave out, and is dropped once.
#[unsafe(export_name = "lease:lock/rules@0.1.0#[dtor]snapshot")]
unsafe extern "C" fn dropped_snapshot(snapshot: *mut c_void) {
    if !GOES_ON.replace(false) {
        // SAFETY: as promised.
        drop(unsafe { Box::<Seen>::from_raw(snapshot.cast()) });
    }
}
