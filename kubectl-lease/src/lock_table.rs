//! Locks as the rows of a table, in as much room as there is.

use crate::lock_row::{Column, Extent, Holders, Row, cell, header};
use crate::table::{self, Cell};

/// The columns that a narrow terminal can do without, those that say least first.
const EXPENDABLE: [Column; 6] = [
    Column::Age,
    Column::Transitions,
    Column::Duration,
    Column::Waiters,
    Column::Renewed,
    Column::Expires,
];
/// Identities that take more than this are cut before a column goes: one long one must not cost
/// all the others theirs.
const COMFORTABLE_HOLDER: usize = 24;
/// An identity that is cut to fewer columns than this says nothing any more.
const SHORTEST_HOLDER: usize = 12;
/// A longer name runs over the edge of its column, in its own row only.
const LONGEST_NAME: usize = 63;

/// How wide the columns of a table have to be for the rows that were measured.
#[derive(Clone, Debug)]
pub(crate) struct Widths {
    columns: Vec<Column>,
    needed: Vec<usize>,
    /// The holder's column, if uuids are shortened.
    short_holder: usize,
}

impl Widths {
    /// A table without rows, and with titles or without.
    pub(crate) fn new(with_namespace: bool, extent: Extent, headers: bool) -> Self {
        let columns = Column::shown(with_namespace, extent);
        let width = |column: &Column| {
            if headers {
                table::width(&header(*column).text)
            } else {
                0
            }
        };
        Self {
            needed: columns.iter().map(width).collect(),
            short_holder: width(&Column::Holder),
            columns,
        }
    }

    /// Makes room for a row.
    pub(crate) fn measure(&mut self, row: &Row<'_>) {
        for (column, width) in self.columns.iter().zip(&mut self.needed) {
            *width = table::width(&cell(*column, row, Holders::Whole).text).max(*width);
        }
        let short = cell(Column::Holder, row, Holders::Short);
        self.short_holder = table::width(&short.text).max(self.short_holder);
    }

    /// Everything in full.
    pub(crate) fn full(&self) -> Layout {
        Layout {
            columns: self.columns.clone(),
            widths: self.needed.clone(),
            holders: Holders::Whole,
            are_holders_cut: false,
            left_out: Vec::new(),
        }
    }

    /// As much as fits into so many columns of a terminal.
    ///
    /// Uuids in identities are shortened first, and identities that are longer than others. Then
    /// the columns that say least go, and at last identities. Names are never cut: people copy
    /// them.
    pub(crate) fn within(&self, room: usize) -> Layout {
        let mut layout = self.full();
        layout.limit(Column::Name, LONGEST_NAME);
        let whole = layout.width_of(Column::Holder);
        for column in [None].into_iter().chain(EXPENDABLE.map(Some)) {
            if let Some(column) = column {
                layout.leave_out(column);
            }
            let left = room.saturating_sub(layout.width() - layout.width_of(Column::Holder));
            if left >= whole {
                return layout;
            }
            if left >= self.short_holder {
                layout.show_holders(Holders::Short, self.short_holder);
                layout.are_holders_cut = self.short_holder < whole;
                return layout;
            }
            let is_last = column == EXPENDABLE.last().copied();
            let least = if is_last {
                SHORTEST_HOLDER
            } else {
                COMFORTABLE_HOLDER
            };
            if left >= least {
                layout.show_holders(Holders::Within(left), left);
                layout.are_holders_cut = true;
                return layout;
            }
        }
        layout.leave_out(Column::Holder);
        layout
    }
}

/// What of a table is shown, and how wide.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    columns: Vec<Column>,
    widths: Vec<usize>,
    holders: Holders,
    are_holders_cut: bool,
    left_out: Vec<Column>,
}

impl Layout {
    /// The line over the rows.
    pub(crate) fn header(&self) -> String {
        let cells: Vec<Cell> = self.columns.iter().map(|column| header(*column)).collect();
        let mut text = String::new();
        table::push_line(&mut text, &cells, &self.widths, false);
        text
    }

    /// Adds the line of a row to `text`.
    pub(crate) fn push(&self, text: &mut String, row: &Row<'_>, colour: bool) {
        let cell = |column: &Column| cell(*column, row, self.holders);
        let cells: Vec<Cell> = self.columns.iter().map(cell).collect();
        table::push_line(text, &cells, &self.widths, colour);
    }

    /// What is not shown in full, as a sentence; `None` if all is.
    pub(crate) fn note(&self) -> Option<String> {
        let shortened = self
            .are_holders_cut
            .then(|| "identities are shortened".to_owned());
        // As they stand in the table.
        let mut left_out = Column::ALL.to_vec();
        left_out.retain(|column| self.left_out.contains(column));
        let titles: Vec<&str> = left_out.iter().map(|column| column.title()).collect();
        let left_out = match titles.as_slice() {
            [] => None,
            [one] => Some(format!("{one} is left out")),
            [others @ .., last] => Some(format!("{} and {last} are left out", others.join(", "))),
        };
        let what: Vec<String> = shortened.into_iter().chain(left_out).collect();
        let what = what.join(", and ");
        (!what.is_empty()).then(|| format!("to fit the terminal, {what}; -o wide shows all"))
    }

    fn width(&self) -> usize {
        table::line_width(&self.widths)
    }

    fn place_of(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|one| *one == column)
    }

    fn width_of(&self, column: Column) -> usize {
        self.place_of(column).map_or(0, |at| self.widths[at])
    }

    fn limit(&mut self, column: Column, longest: usize) {
        if let Some(at) = self.place_of(column) {
            self.widths[at] = self.widths[at].min(longest);
        }
    }

    fn show_holders(&mut self, holders: Holders, width: usize) {
        self.holders = holders;
        if let Some(at) = self.place_of(Column::Holder) {
            self.widths[at] = width;
        }
    }

    fn leave_out(&mut self, column: Column) {
        if let Some(at) = self.place_of(column) {
            self.columns.remove(at);
            self.widths.remove(at);
            self.left_out.push(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use lease_client::{LeaseSummary, micro_time};
    use lease_core::Timestamp;

    use super::*;

    /// Leases of this namespace, name and holder, all renewed 12 s before the date.
    fn leases(locks: &[(&str, &str, &str)]) -> Vec<LeaseSummary> {
        let lease = |(namespace, name, holder): &(&str, &str, &str)| {
            let text = format!(
                r#"{{
                    "metadata": {{
                        "namespace": "{namespace}", "name": "{name}", "uid": "u",
                        "resourceVersion": "7", "creationTimestamp": "2026-11-18T10:00:00Z",
                        "managedFields": [{{
                            "manager": "elector", "time": "2026-11-21T10:00:00Z",
                            "fieldsV1": {{"f:spec": {{
                                "f:holderIdentity": {{}}, "f:leaseDurationSeconds": {{}},
                                "f:leaseTransitions": {{}}, "f:renewTime": {{}}
                            }}}}
                        }}]
                    }},
                    "spec": {{
                        "holderIdentity": "{holder}", "leaseDurationSeconds": 15,
                        "leaseTransitions": 212, "renewTime": "2026-11-21T10:00:00.000000Z"
                    }}
                }}"#
            );
            LeaseSummary::read(&text).unwrap()
        };
        locks.iter().map(lease).collect()
    }

    fn date() -> Option<Timestamp> {
        micro_time::parse("2026-11-21T10:00:12Z")
    }

    fn row(lease: &LeaseSummary) -> Row<'_> {
        Row::new(lease, date()).with_waiters(Some(3))
    }

    /// The table on terminals of these widths.
    fn drawn(locks: &[(&str, &str, &str)], widths: &[usize]) -> String {
        let leases = leases(locks);
        let mut text = String::new();
        for columns in widths {
            let mut table = Widths::new(true, Extent::Usual, true);
            for lease in &leases {
                table.measure(&row(lease));
            }
            let layout = table.within(*columns);
            let mut lines = layout.header();
            for lease in &leases {
                layout.push(&mut lines, &row(lease), false);
            }
            let widest = lines.lines().map(table::width).max().unwrap();
            writeln!(
                text,
                "{columns} columns, {widest} used\n{lines}{:?}\n",
                layout.note()
            )
            .unwrap();
        }
        text
    }

    #[test]
    fn a_narrow_terminal_shows_what_says_most() {
        let locks = [
            (
                "payments",
                "ledger-writer",
                "ledger-writer-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa",
            ),
            (
                "infra",
                "lock-tfstate",
                "7c2f9d4e-3b1a-4f6e-8d5c-0a9b8c7d6e55",
            ),
            (
                "logging",
                "fluent-operator",
                "fluent-operator-84c6d5f7b9-tz8qr",
            ),
            ("web", "cache-warmer", ""),
        ];
        insta::assert_snapshot!(
            "narrow",
            drawn(
                &locks,
                &[200, 152, 151, 132, 120, 110, 100, 90, 80, 70, 60, 50, 40, 1]
            )
        );
    }

    #[test]
    fn as_much_is_shown_as_there_is_room_for() {
        let locks = [
            ("a", "b", "node-7_0a1b2c3d-5b4a-4938-8271-605f4e3d2caa"),
            (
                "主機",
                "name",
                "主機〇〇一_0a1b2c3d-5b4a-4938-8271-605f4e3d2caa",
            ),
            (
                "ns",
                "lock",
                "a-holder-that-is-long-and-has-no-uuid-in-it-at-all-to-be-shortened",
            ),
        ];
        let leases = leases(&locks);
        let mut table = Widths::new(true, Extent::Usual, true);
        for lease in &leases {
            table.measure(&row(lease));
        }
        let mut before = 0;
        // What cannot be left out takes 39 columns.
        for columns in 39..200 {
            let layout = table.within(columns);
            assert!(layout.width() <= columns, "{columns}: {layout:?}");
            assert!(layout.columns.len() >= before, "{columns}: {layout:?}");
            before = layout.columns.len();
            for lease in &leases {
                let mut line = String::new();
                layout.push(&mut line, &row(lease), false);
                let width = table::width(line.trim_end());
                assert!(width <= columns, "{columns}: {line:?}");
            }
        }
        assert_eq!(before, 10);
        assert_eq!(table.within(200).note(), None);
    }

    #[test]
    fn nothing_is_cut_where_all_is_asked_for() {
        let pod = "p".repeat(253);
        let uuid = "0a1b2c3d-5b4a-4938-8271-605f4e3d2caa";
        let leases = leases(&[("a", "b", &format!("{pod}_{uuid}"))]);
        let mut table = Widths::new(false, Extent::Wide, true);
        let row = row(&leases[0]);
        table.measure(&row);
        let mut line = String::new();
        table.full().push(&mut line, &row, false);
        assert!(
            line.contains(&format!("{pod}_{uuid}   12s ago   in 3s")),
            "{line}"
        );
        assert!(line.ends_with("client-go   elector\n"), "{line}");
    }
}
