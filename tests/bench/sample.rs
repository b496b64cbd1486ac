//! One measured row: repeated runs of one piece of work, and what they took.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lease_tests::Client;
use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Resident memory at its highest, in bytes; zero where it was not measured.
    pub(crate) peak: u64,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) label: String,
    pub(crate) runs: Vec<Run>,
}

impl Sample {
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            runs: Vec::new(),
        }
    }

    /// The median of the times.
    pub(crate) fn median(&self) -> Duration {
        let mut times: Vec<Duration> = self.runs.iter().map(|run| run.wall).collect();
        times.sort();
        times[times.len() / 2]
    }

    /// The highest peak.
    pub(crate) fn peak(&self) -> u64 {
        self.runs.iter().map(|run| run.peak).max().unwrap_or(0)
    }
}

/// The flag with which the bench is its own [`run_and_tell`].
pub(crate) const RUN: &str = "--run";

/// Runs a program of this client's to its end.
///
/// A process begins with the peak of the one that started it, and this one has held whole lists.
/// So another one starts it.
pub(crate) fn program(client: &Client, command: &Command) -> Run {
    let output = client
        .command(std::env::current_exe().unwrap())
        .arg(RUN)
        .arg(command.get_program())
        .args(command.get_args())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let (wall, peak) = told
        .split_once(' ')
        .unwrap_or_else(|| panic!("{command:?} was not measured: {}", output.status));
    Run {
        wall: Duration::from_nanos(wall.parse().unwrap()),
        peak: peak.parse().unwrap(),
    }
}

/// Runs a program to its end, and prints what it took. Its output is thrown away, but made:
/// stdout is a file that takes all, as a pipe to a reader that is never slow.
pub(crate) fn run_and_tell(mut command: impl Iterator<Item = OsString>) {
    let program = command.next().unwrap();
    let start = Instant::now();
    let mut child = Command::new(&program)
        .args(command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let used = child.wait4().unwrap();
    let wall = start.elapsed();
    let name = program.display();
    // 2 is what `doctor` has found.
    let is_done = matches!(used.status.code(), Some(0 | 2));
    assert!(is_done, "{name} failed: {}", used.status);
    print!("{} {}", wall.as_nanos(), used.rusage.maxrss);
}

/// Runs each piece of work in turn, `rounds` times, so that what else the machine does hits all
/// of them alike.
pub(crate) fn interleaved(
    rounds: usize,
    mut work: Vec<(Sample, Box<dyn FnMut() -> Run + '_>)>,
) -> Vec<Sample> {
    for _ in 0..rounds {
        for (sample, run) in &mut work {
            let run = run();
            sample.runs.push(run);
        }
    }
    work.into_iter().map(|(sample, _)| sample).collect()
}
