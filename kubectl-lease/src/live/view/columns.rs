//! Where the columns of the table are.

use crate::identity_text;
use crate::live::locks::Lock;
use crate::live::state::State;
use crate::lock_row::Column;
use crate::table;

/// Between two columns.
const GAP: u16 = 2;
/// A bar and how much is left, in words.
const COUNTDOWN: u16 = 20;
/// How much of a holder has to be seen at least.
const SHORTEST_HOLDER: u16 = 12;
/// What a narrow terminal can do without, what says least first.
const EXPENDABLE: [Column; 10] = [
    Column::Age,
    Column::LastWriter,
    Column::Dialect,
    Column::Duration,
    Column::Transitions,
    Column::Waiters,
    Column::Renewed,
    Column::Expires,
    Column::Holder,
    Column::Namespace,
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
    let mut columns = state.visible_columns();
    let mut placed = fit(&columns, &visible, state.size.0);
    for column in EXPENDABLE {
        if width(&placed) <= state.size.0 {
            break;
        }
        columns.retain(|one| *one != column);
        placed = fit(&columns, &visible, state.size.0);
    }
    placed
}

fn width(placed: &[Placed]) -> u16 {
    placed.last().map_or(0, |last| last.x + last.width)
}

/// These columns, the holder's as wide as the others leave room.
fn fit(columns: &[Column], visible: &[&Lock], room: u16) -> Vec<Placed> {
    let mut needed: Vec<u16> = columns
        .iter()
        .map(|column| need(*column, visible))
        .collect();
    let gaps = GAP * u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    let all: u16 = needed.iter().sum::<u16>().saturating_add(gaps);
    if let Some(at) = columns.iter().position(|column| *column == Column::Holder)
        && all > room
    {
        let shortest = needed[at].min(SHORTEST_HOLDER);
        needed[at] = needed[at].saturating_sub(all - room).max(shortest);
    }
    let mut x = 0;
    let place = |(column, width): (&Column, u16)| {
        let placed = Placed {
            column: *column,
            x,
            width,
        };
        x += width + GAP;
        placed
    };
    columns.iter().zip(needed).map(place).collect()
}

/// How wide a column has to be.
fn need(column: Column, visible: &[&Lock]) -> u16 {
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
        Column::Expires => COUNTDOWN,
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
