//! What a process has spent, as the kernel counts it.

use std::fs;
use std::time::Duration;

use rustix::param::clock_ticks_per_second;

/// What a process has spent so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// The time that it ran on any core, in user and in system mode, to a hundredth of a second.
    pub cpu: Duration,
    /// Its resident memory at the highest, in bytes.
    pub peak: u64,
}

impl Usage {
    /// Of a process that runs, by its id (`/proc`, Linux only).
    pub fn of(id: u32) -> Self {
        let read = |name: &str| {
            fs::read_to_string(format!("/proc/{id}/{name}"))
                .unwrap_or_else(|e| panic!("cannot read {name} of process {id}: {e}"))
        };
        Self {
            cpu: cpu(&read("stat")),
            peak: peak(&read("status")),
        }
    }
}

/// From `proc_pid_stat(5)`: `utime` and `stime`, the fields 14 and 15.
fn cpu(stat: &str) -> Duration {
    // The second field is a name in parentheses that may hold anything.
    let (_, after) = stat.rsplit_once(") ").expect("stat names the program");
    let mut fields = after.split(' ').skip(14 - 3);
    let mut ticks = || -> u64 {
        let field = fields.next().expect("stat has that many fields");
        field.parse().expect("it is a number")
    };
    let ticks = ticks() + ticks();
    Duration::from_millis(ticks * 1000 / clock_ticks_per_second())
}

/// From `proc_pid_status(5)`: `VmHWM`, in units of 1024 bytes. It begins anew with each program
/// that a process becomes.
fn peak(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = number
        .and_then(|number| number.parse().ok())
        .expect("status tells the peak of a process that runs");
    kibibytes * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_confuse() {
        let stat = "7 (a) b) R) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 5 6 7";
        let seconds = cpu(stat).as_secs_f64();
        let expected = 200.0 / f64::from(u32::try_from(clock_ticks_per_second()).unwrap());
        assert!((seconds - expected).abs() < 1e-9, "{seconds}");
    }

    #[test]
    fn this_process_has_spent_something() {
        let usage = Usage::of(std::process::id());
        assert!(usage.peak > 100_000, "{usage:?}");
    }
}
