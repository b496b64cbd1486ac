//! Steps that were run, how each ended and how long it took.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::bail;

/// Runs steps one after the other, whether or not the ones before passed.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

enum Outcome {
    Failed,
    Passed,
    Skipped(&'static str),
}

impl Report {
    /// Runs one step; says whether it passed.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> bool {
        println!("==> {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let passed = result.is_ok();
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                println!("error: {error:#}");
                Outcome::Failed
            }
        };
        println!("==> {name}: {outcome}, {:.1} s\n", took.as_secs_f64());
        self.steps.push(Step {
            name,
            outcome,
            took,
        });
        passed
    }

    /// Leaves a step out, and says so.
    pub(crate) fn skip(&mut self, name: &'static str, why: &'static str) {
        let outcome = Outcome::Skipped(why);
        println!("==> {name}: {outcome}\n");
        self.steps.push(Step {
            name,
            outcome,
            took: Duration::ZERO,
        });
    }

    /// Prints the table. Fails if a step did.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let total: Duration = self.steps.iter().map(|step| step.took).sum();
        let width = self
            .steps
            .iter()
            .map(|step| step.name.len())
            .max()
            .unwrap_or(0);
        for Step {
            name,
            outcome,
            took,
        } in &self.steps
        {
            println!("{name:width$}  {:>7.1} s  {outcome}", took.as_secs_f64());
        }
        println!("{:width$}  {:>7.1} s", "all", total.as_secs_f64());

        let failed: Vec<_> = self
            .steps
            .iter()
            .filter(|step| matches!(step.outcome, Outcome::Failed))
            .map(|step| step.name)
            .collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("FAILED"),
            Self::Passed => f.write_str("ok"),
            Self::Skipped(why) => write!(f, "SKIPPED: {why}"),
        }
    }
}
