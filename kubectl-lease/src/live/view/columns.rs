//! Where the columns of the table are.

use super::bar;
use crate::identity_text;
use crate::live::locks::Lock;
use crate::live::state::State;
use crate::live::theme::Theme;
use crate::lock_row::Column;
use crate::sight::Clock;
use crate::table;

/// Between two columns.
const GAP: u16 = 2;
/// What is done on a narrow terminal, one after the other until all fits: columns are cut to a
/// width at most, or left out (to nothing), what says least first. The countdown goes late, since
/// it is what one looks at.
const MEASURES: [(Column, u16); 15] = [
    (Column::Holder, 24),
    (Column::Age, 0),
    (Column::LastWriter, 0),
    (Column::Dialect, 0),
    (Column::Duration, 0),
    (Column::Transitions, 0),
    (Column::Waiters, 0),
    (Column::Renewed, 0),
    (Column::Name, 24),
    (Column::Namespace, 12),
    (Column::Holder, 12),
    (Column::Name, 16),
    (Column::Expires, 0),
    (Column::Holder, 0),
    (Column::Namespace, 0),
];

/// A column and where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Placed {
    pub(crate) column: Column,
    pub(crate) x: u16,
    pub(crate) width: u16,
}

/// What stands over a column: a sign would stand before a state.
pub(super) fn title(column: Column) -> &'static str {
    match column {
        Column::State => " STATE",
        Column::Transitions => "TRANS",
        Column::Waiters => "WAIT",
        column => column.title(),
    }
}

/// The columns of the table as it is shown.
pub(crate) fn place(state: &State) -> Vec<Placed> {
    let locks = state.shown();
    let rows = state.cursor.top..state.cursor.top + state.rows_of_table();
    let visible: Vec<&Lock> = rows.filter_map(|row| locks.in_row(row)).collect();
    let clock = state.clock();
    let with_need = |column| (column, need(column, &visible, clock));
    let columns = state.visible_columns().into_iter();
    let mut widths: Vec<(Column, u16)> = columns.map(with_need).collect();
    for (column, least) in MEASURES {
        let excess = width(&widths).saturating_sub(state.size.0);
        let place = widths.iter().position(|(one, _)| *one == column);
        let Some(at) = place.filter(|_| excess > 0) else {
            continue;
        };
        if least == 0 {
            widths.remove(at);
        } else {
            let (_, width) = &mut widths[at];
            *width = width.saturating_sub(excess).max(least.min(*width));
        }
    }
    let mut x = 0;
    let place = |(column, width): (Column, u16)| {
        let placed = Placed { column, x, width };
        x += width + GAP;
        placed
    };
    widths.into_iter().map(place).collect()
}

/// How wide these columns are together.
fn width(widths: &[(Column, u16)]) -> u16 {
    let gaps = GAP * u16::try_from(widths.len().saturating_sub(1)).unwrap_or(0);
    let all: u16 = widths.iter().map(|(_, width)| width).sum();
    all.saturating_add(gaps)
}

/// How wide a column has to be.
fn need(column: Column, visible: &[&Lock], clock: Clock) -> u16 {
    let longest = |of: &dyn Fn(&Lock) -> usize, most: usize| {
        let longest = visible.iter().map(|lock| of(lock)).max().unwrap_or(0);
        u16::try_from(longest.min(most)).unwrap_or(u16::MAX)
    };
    let fixed = match column {
        Column::Namespace => longest(&|lock| table::width(&lock.id.namespace), 24),
        Column::Name => longest(&|lock| table::width(&lock.id.name), 40),
        Column::Holder => longest(
            &|lock| {
                let holder = lock.snapshot().record.holder();
                holder.map_or(1, |holder| table::width(&identity_text::short(holder)))
            },
            60,
        ),
        Column::Expires => longest(
            &|lock| {
                let parts = bar::parts(lock, clock, Theme::PLAIN);
                parts.iter().map(|(text, _)| text.len()).sum()
            },
            40,
        ),
        Column::State | Column::Renewed => 10,
        Column::Duration => 8,
        Column::Transitions | Column::Waiters | Column::Age => 5,
        Column::Dialect => 12,
        Column::HolderObject | Column::LastWriter => 16,
    };
    let title = u16::try_from(title(column).len()).unwrap_or(u16::MAX);
    // A sign of the direction, where it is sorted by that.
    fixed.max(title + 1)
}
