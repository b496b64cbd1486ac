//! One measured row: repeated runs of one piece of work, and what they took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// Runs a program to its end. Its output is thrown away, but made: stdout is a file that takes
/// all, as a pipe to a reader that is never slow.
pub(crate) fn program(mut command: Command) -> Run {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let used = child.wait4().unwrap();
    let wall = start.elapsed();
    assert!(used.status.success(), "{command:?} failed: {}", used.status);
    Run {
        wall,
        peak: used.rusage.maxrss,
    }
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
