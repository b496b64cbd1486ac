//! Whole programs beside each other: how long they take, and how much memory.

use crate::figures::milliseconds;
use crate::page::{Section, verdict};
use crate::sample::Sample;

/// A figure that has to be reached: ours at most so many times another row's.
pub(crate) struct Goal {
    pub(crate) beside: usize,
    pub(crate) factor: f64,
}

/// Rows that were measured in one run, ours first.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Sample>,
    pub(crate) goals: Vec<Goal>,
    /// What our peak memory has to stay under, in bytes.
    pub(crate) most_memory: Option<u64>,
}

impl Table {
    /// As it stands on the page.
    pub(crate) fn section(self) -> Section {
        let rows = (0..self.rows.len()).map(|index| self.row(index)).collect();
        Section {
            title: self.title,
            note: "",
            columns: &["", "median", "peak memory", "ours is", "goal"],
            rows,
        }
    }

    fn row(&self, index: usize) -> Vec<String> {
        let ours = &self.rows[0];
        let row = &self.rows[index];
        let ratio = ours.median().as_secs_f64() / row.median().as_secs_f64();
        let goal = self.goals.iter().find(|goal| goal.beside == index);
        let goal = match (goal, self.most_memory.filter(|_| index == 0)) {
            (Some(Goal { factor, .. }), _) => {
                format!("x {factor} {}", verdict(ratio <= *factor))
            }
            (None, Some(most)) => {
                format!("under {} {}", megabytes(most), verdict(ours.peak() < most))
            }
            (None, None) => String::new(),
        };
        let ratio = format!("x {ratio:.2}");
        vec![
            row.label.clone(),
            milliseconds(row.median()),
            megabytes(row.peak()),
            if index == 0 { String::new() } else { ratio },
            goal,
        ]
    }
}

pub(crate) fn megabytes(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        // To one decimal, in integers: no figure here comes near where that matters.
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
