//! The page of results.

use std::time::Duration;

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

/// The whole page, in Markdown.
pub(crate) fn render(tables: &[Table]) -> String {
    let mut text = String::from(
        "# Performance\n\n\
         Written by `cargo xtask bench`, never by hand. Medians of interleaved runs with server and\n\
         programs on one machine: only the ratios within one table mean something.\n",
    );
    for table in tables {
        text += &render_table(table);
    }
    text
}

fn render_table(table: &Table) -> String {
    let ours = &table.rows[0];
    let mut text = format!(
        "\n## {}\n\n| | median | peak memory | ours is | goal |\n|---|---|---|---|---|\n",
        table.title
    );
    for (index, row) in table.rows.iter().enumerate() {
        let ratio = ours.median().as_secs_f64() / row.median().as_secs_f64();
        let goal = table.goals.iter().find(|goal| goal.beside == index);
        let goal = match (goal, table.most_memory.filter(|_| index == 0)) {
            (Some(Goal { factor, .. }), _) => {
                format!("x {factor} {}", verdict(ratio <= *factor))
            }
            (None, Some(most)) => {
                format!("under {} {}", megabytes(most), verdict(ours.peak() < most))
            }
            (None, None) => String::new(),
        };
        text += &format!(
            "| {} | {} | {} | {} | {} |\n",
            row.label,
            milliseconds(row.median()),
            megabytes(row.peak()),
            if index == 0 {
                String::new()
            } else {
                format!("x {ratio:.2}")
            },
            goal,
        );
    }
    text
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "missed" }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        // To one decimal, in integers: no figure here comes near where that matters.
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
