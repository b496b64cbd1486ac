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
/// How much of a holder has to be seen at least.
const SHORTEST_HOLDER: u16 = 12;
/// Holders that take more than this are cut before a column goes.
const COMFORTABLE_HOLDER: u16 = 24;
/// What a narrow terminal can do without before a holder is cut to the shortest, what says least
/// first; and what it has to do without then.
const EXPENDABLE: [Column; 7] = [
    Column::Age,
    Column::LastWriter,
    Column::Dialect,
    Column::Duration,
    Column::Transitions,
    Column::Waiters,
    Column::Renewed,
];
const LAST: [Column; 3] = [Column::Expires, Column::Holder, Column::Namespace];

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
    let mut needed: Vec<(Column, u16)> = columns.map(with_need).collect();
    let room = state.size.0;
    for (expendable, holder) in [
        (EXPENDABLE.as_slice(), COMFORTABLE_HOLDER),
        (LAST.as_slice(), SHORTEST_HOLDER),
    ] {
        for column in expendable {
            if width(&needed, holder) <= room {
                break;
            }
            needed.retain(|(one, _)| one != column);
        }
    }
    let spare = room.saturating_sub(width(&needed, 0));
    let mut x = 0;
    let place = |(column, needs): (Column, u16)| {
        let width = match column {
            Column::Holder => needs.min(spare.max(SHORTEST_HOLDER)),
            _ => needs,
        };
        let placed = Placed { column, x, width };
        x += width + GAP;
        placed
    };
    needed.into_iter().map(place).collect()
}

/// How wide these columns are together, if the holder's takes no more than this.
fn width(needed: &[(Column, u16)], holder: u16) -> u16 {
    let width = |(column, needs): &(Column, u16)| match column {
        Column::Holder => *needs.min(&holder),
        _ => *needs,
    };
    let gaps = GAP * u16::try_from(needed.len().saturating_sub(1)).unwrap_or(0);
    needed.iter().map(width).sum::<u16>().saturating_add(gaps)
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
        Column::State => 10,
        Column::Expires => longest(
            &|lock| {
                let parts = bar::parts(lock, clock, Theme::PLAIN);
                parts.iter().map(|(text, _)| text.len()).sum()
            },
            40,
        ),
        Column::Renewed => 10,
        Column::Duration => 8,
        Column::Transitions | Column::Waiters | Column::Age => 5,
        Column::Dialect => 12,
        Column::LastWriter => 16,
    };
    let title = u16::try_from(title(column).len()).unwrap_or(u16::MAX);
    // A sign of the direction, where it is sorted by that.
    fixed.max(title + 1)
}
