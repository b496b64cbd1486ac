//! In which order a list is shown.

use std::cmp::Ordering;
use std::time::Duration;

use lease_core::{Expiry, State};
use serde_json::{Map, Value};

use super::field_path::FieldPath;
use super::quantity;
use crate::failure::Failure;
use crate::lock_row::{Column, Row, urgency};

/// What a list is sorted by.
#[derive(Clone, Debug)]
pub(super) enum SortBy {
    Column(Column),
    Field(FieldPath),
}

/// A value to sort by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// The object has no such field. As in kubectl, these come first.
    Missing,
    Null,
    Integer(i64),
    Float(f64),
    /// A text that is a quantity, in billionths.
    Quantity(i128),
    Text(String),
    /// The column shows nothing.
    Blank,
    /// A map, an array or a truth value: there is no order among them.
    Unsortable,
}

impl SortBy {
    /// Reads a column's name in any case, or else a field's path as kubectl takes it.
    pub(super) fn parse(typed: &str) -> Result<Self, Failure> {
        let column = Column::ALL
            .into_iter()
            .find(|column| column.title().eq_ignore_ascii_case(typed));
        column
            .map(Self::Column)
            .or_else(|| FieldPath::parse(typed).map(Self::Field))
            .ok_or_else(|| {
                Failure::error(format!("cannot sort by \"{typed}\""))
                    .cause("it is no column, and no path to a field such as .metadata.name")
                    .hint(format!("these are the columns: {}", titles()))
            })
    }

    /// Whether what it sorts by changes without a change of the lock.
    pub(super) fn is_moving(&self) -> bool {
        matches!(
            self,
            Self::Column(Column::State | Column::Renewed | Column::Expires | Column::Waiters)
        )
    }

    /// Whether it sorts by how many wait, which is known only once all tickets were counted.
    pub(super) fn is_by_waiters(&self) -> bool {
        matches!(self, Self::Column(Column::Waiters))
    }

    /// What a lock is sorted by.
    pub(super) fn key(&self, row: &Row<'_>, object: impl FnOnce() -> Map<String, Value>) -> Key {
        match self {
            Self::Column(column) => column_key(*column, row),
            Self::Field(path) => {
                let object = Value::Object(object());
                path.find(&object).map_or(Key::Missing, field_key)
            }
        }
    }

    /// Sorts by the keys, and keeps the order where they are equal.
    ///
    /// # Errors
    /// Where a field cannot be sorted by, or is in none of several objects, as in kubectl.
    pub(super) fn sort<T>(&self, items: &mut [(Key, T)]) -> Result<(), Failure> {
        if let Self::Field(path) = self {
            let typed = path.typed();
            if items.iter().any(|(key, _)| *key == Key::Unsortable) {
                return Err(Failure::error(format!("cannot sort by {typed}"))
                    .cause("what it leads to is no text and no number"));
            }
            if items.len() > 1 && items.iter().all(|(key, _)| *key == Key::Missing) {
                return Err(
                    Failure::error(format!("no lease of this list has a field {typed}")).hint(
                        format!("sort by such a field, or by a column: {}", titles()),
                    ),
                );
            }
        }
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(())
    }
}

fn titles() -> String {
    Column::ALL.map(Column::title).join(", ")
}

fn column_key(column: Column, row: &Row<'_>) -> Key {
    let text = |text: &str| Key::Text(text.to_owned());
    let seconds =
        |duration: Duration| Key::Integer(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX));
    let ago =
        |duration: Duration| Key::Integer(-i64::try_from(duration.as_secs()).unwrap_or(i64::MAX));
    let record = &row.snapshot.record;
    let key = match column {
        Column::Namespace => Some(text(&row.snapshot.namespace)),
        Column::Name => Some(text(&row.snapshot.name)),
        Column::State => Some(Key::Integer(urgency(row.standing.state).into())),
        Column::Holder => record.holder().map(text),
        // A point in time, as the expiry: the earliest comes first.
        Column::Renewed => row.renewed().map(ago),
        Column::Expires => match (row.standing.state, row.standing.expiry) {
            (State::Unbounded, _) => Some(Key::Integer(i64::MAX)),
            (State::Unknown, _) | (_, None) => None,
            (_, Some(Expiry::In(left))) => Some(seconds(left)),
            (_, Some(Expiry::Ago(over))) => Some(ago(over)),
        },
        Column::Duration => row.duration().map(seconds),
        Column::Transitions => record.transitions.map(|count| Key::Integer(count.into())),
        Column::Waiters => Some(Key::of_count(row.waiters)),
        Column::Age => row.age().map(seconds),
        // Which pod that is can change without the lock, so a list is not sorted by it.
        Column::HolderObject => None,
        Column::Dialect => Some(text(row.snapshot.dialect.name())),
        Column::LastWriter => row.last_writer.map(|writer| text(&writer.manager)),
    };
    key.unwrap_or(Key::Blank)
}

fn field_key(value: &Value) -> Key {
    match value {
        Value::Null => Key::Null,
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Key::Integer(integer),
            None => number.as_f64().map_or(Key::Unsortable, Key::Float),
        },
        Value::String(text) => {
            quantity::parse(text).map_or_else(|| Key::Text(text.clone()), Key::Quantity)
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Key::Unsortable,
    }
}

impl Key {
    /// A number, where it is known.
    pub(super) fn of_count(count: Option<usize>) -> Self {
        count.map_or(Self::Blank, |count| {
            Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
        })
    }

    /// kubectl compares two texts by value only if both are quantities, which is no order once
    /// there are others between them. Here all quantities come before other texts.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Quantity(a), Self::Quantity(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::Null => 1,
            Self::Integer(_) => 2,
            Self::Float(_) => 3,
            Self::Quantity(_) => 4,
            Self::Text(_) => 5,
            Self::Blank => 6,
            Self::Unsortable => 7,
        }
    }
}
