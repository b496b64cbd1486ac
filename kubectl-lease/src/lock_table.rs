//! Locks as the rows of a table.

use lease_client::{Lease, clock};
use lease_core::{Look, Standing, State, Timestamp, judge};
use unicode_width::UnicodeWidthStr;

use crate::human;
use crate::table::{self, Content};

/// The columns of every table, after the namespace.
const COLUMNS: [&str; 8] = [
    "NAME",
    // Over the states, before which there is room for a sign.
    " STATE",
    "HOLDER",
    "RENEWED",
    "EXPIRES",
    "DURATION",
    "TRANSITIONS",
    "AGE",
];
/// The columns that a narrow screen can do without, those that say least first.
const EXPENDABLE: [&str; 5] = ["AGE", "TRANSITIONS", "DURATION", "HOLDER", "RENEWED"];

/// A lease with the standing that it is shown with.
pub(crate) struct Row {
    pub(crate) lease: Lease,
    pub(crate) standing: Standing,
    /// The server's clock when it was read.
    pub(crate) date: Option<Timestamp>,
}

impl Row {
    /// Judges a lease by the API server's stamp and the date of the answer that brought it.
    pub(crate) fn new(lease: Lease, date: Option<Timestamp>) -> Self {
        let look = Look::stamped_or_first(lease.snapshot(), date);
        Self {
            standing: *judge(lease.snapshot(), look).standing(),
            lease,
            date,
        }
    }
}

/// The table of locks.
pub(crate) fn table(rows: &[Row], with_namespace: bool, wide: bool, colour: bool) -> String {
    let mut header = Vec::new();
    if with_namespace {
        header.push("NAMESPACE");
    }
    header.extend(COLUMNS);
    if wide {
        header.extend(["DIALECT", "LAST-WRITER"]);
    }
    let rows = rows
        .iter()
        .map(|row| cells(row, with_namespace, wide))
        .collect();
    table::render(&header, rows, colour)
}

/// The table of locks of several namespaces, for a screen of this width: columns go until the
/// rest fits.
pub(crate) fn within(rows: &[Row], width: usize, colour: bool) -> String {
    let columns: Vec<&str> = std::iter::once("NAMESPACE").chain(COLUMNS).collect();
    let draw = |dropped: &[&str], colour| {
        let header = columns.iter().filter(|column| !dropped.contains(column));
        let rows = rows.iter().map(|row| {
            let cells = cells(row, true, false).into_iter().zip(&columns);
            let kept = cells.filter(|(_, column)| !dropped.contains(column));
            kept.map(|(cell, _)| cell).collect()
        });
        table::render(&header.copied().collect::<Vec<_>>(), rows.collect(), colour)
    };
    let fits = |dropped: &[&str]| {
        draw(dropped, false)
            .lines()
            .all(|line| line.width() <= width)
    };
    let count = (0..EXPENDABLE.len())
        .find(|&count| fits(&EXPENDABLE[..count]))
        .unwrap_or(EXPENDABLE.len());
    draw(&EXPENDABLE[..count], colour)
}

fn cells(row: &Row, with_namespace: bool, wide: bool) -> Vec<Content> {
    const NONE: &str = "-";
    let lock = row.lease.snapshot();
    let record = &lock.record;
    let seen = row
        .standing
        .evidence
        .as_ref()
        .filter(|_| row.standing.state != State::Unknown);

    let mut cells = Vec::new();
    if with_namespace {
        cells.push(Content::Name(lock.namespace.clone()));
    }
    cells.push(Content::Name(lock.name.clone()));
    cells.push(Content::State(row.standing.state));
    cells.push(Content::Text(record.holder().unwrap_or(NONE).to_owned()));
    let renewed = seen.map(|evidence| human::ago(evidence.age()));
    let expires = match (row.standing.state, row.standing.expiry) {
        (State::Unbounded, _) => Some("never".to_owned()),
        (State::Unknown, _) | (_, None) => None,
        (_, Some(expiry)) => Some(human::expiry(expiry)),
    };
    let transitions = record.transitions.map(|count| count.to_string());
    let now = row.date.unwrap_or_else(clock::wall);
    let age = row
        .lease
        .created()
        .map(|created| human::duration(now.since(created)));
    // What a released lock carries is the form that others read as free.
    let duration = record
        .duration()
        .filter(|_| row.standing.state != State::Free)
        .map(human::duration);
    for text in [renewed, expires, duration, transitions, age] {
        cells.push(Content::Name(text.unwrap_or_else(|| NONE.to_owned())));
    }
    if wide {
        cells.push(Content::Name(lock.dialect.name().to_owned()));
        let writer = row
            .lease
            .last_writer()
            .map_or(NONE, |writer| &writer.manager);
        cells.push(Content::Text(writer.to_owned()));
    }
    cells
}
