//! A wall clock that a test sets for one program, while that runs: preloaded (`LD_PRELOAD`), it
//! stands before the C library's `clock_gettime`. Other clocks are left as they are.
//!
//! The file that `LEASE_WALL_CLOCK` names holds by how many seconds the clock is ahead. It is read
//! each time, so that a test can let the clock jump.

#![cfg(target_os = "linux")]

use libc::{CLOCK_REALTIME, SYS_clock_gettime, c_int, clockid_t, syscall, timespec};

/// By how many seconds the clock is ahead; negative if it is behind.
fn ahead() -> i64 {
    let file = std::env::var_os("LEASE_WALL_CLOCK");
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// As the C library's function of this name.
///
/// # Safety
/// As there: `time` points to where the time can be written.
#[allow(
    unsafe_code,
    reason = "a function of C takes the place of one of C, and asks the system as that does"
)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // SAFETY: the caller's pointer is passed on, to be written by the system.
    let result = unsafe { syscall(SYS_clock_gettime, clock, time) };
    if result == 0 && clock == CLOCK_REALTIME {
        // SAFETY: the system has just written there.
        unsafe { (*time).tv_sec += ahead() };
    }
    c_int::try_from(result).unwrap_or(-1)
}
