//! One lock as the cells of a row.

use std::time::Duration;

use lease_client::{LeaseSummary, Writer, clock};
use lease_core::{Evidence, Look, Snapshot, Standing, State, Timestamp, judge};

use crate::escape;
use crate::human;
use crate::identity_text;
use crate::table::Cell;

/// Where there is nothing to show.
const NONE: &str = "-";
/// Where there is something that could not be learned.
const UNKNOWN: &str = "?";

/// A column of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Column {
    Namespace,
    Name,
    State,
    Holder,
    Renewed,
    Expires,
    Duration,
    Transitions,
    Waiters,
    Age,
    HolderObject,
    Dialect,
    LastWriter,
}

/// How much a table shows of a lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    Usual,
    /// All that the lock itself tells.
    Wide,
    /// And which pod or node is behind its holder, which has to be looked up.
    Resolved,
}

impl Column {
    /// Those that a lock itself tells.
    pub(crate) const ALL: [Self; 12] = [
        Self::Namespace,
        Self::Name,
        Self::State,
        Self::Holder,
        Self::Renewed,
        Self::Expires,
        Self::Duration,
        Self::Transitions,
        Self::Waiters,
        Self::Age,
        Self::Dialect,
        Self::LastWriter,
    ];

    /// What stands over it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Namespace => "NAMESPACE",
            Self::Name => "NAME",
            Self::State => "STATE",
            Self::Holder => "HOLDER",
            Self::Renewed => "RENEWED",
            Self::Expires => "EXPIRES",
            Self::Duration => "DURATION",
            Self::Transitions => "TRANSITIONS",
            Self::Waiters => "WAITERS",
            Self::Age => "AGE",
            Self::HolderObject => "HOLDER-OBJECT",
            Self::Dialect => "DIALECT",
            Self::LastWriter => "LAST-WRITER",
        }
    }

    /// Those of a table.
    pub(crate) fn shown(with_namespace: bool, extent: Extent) -> Vec<Self> {
        let is_shown = |column: &Self| match column {
            Self::Namespace => with_namespace,
            Self::Dialect | Self::LastWriter => extent != Extent::Usual,
            _ => true,
        };
        let mut columns: Vec<Self> = Self::ALL.into_iter().filter(is_shown).collect();
        if extent == Extent::Resolved {
            let before = columns.iter().position(|column| *column == Self::Dialect);
            columns.insert(before.unwrap_or(columns.len()), Self::HolderObject);
        }
        columns
    }
}

/// A lock with the standing that it is shown with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) created: Option<Timestamp>,
    pub(crate) last_writer: Option<&'a Writer>,
    pub(crate) standing: Standing,
    /// What the API server's clock shows.
    pub(crate) now: Timestamp,
    /// How many wait for it, where that is known.
    pub(crate) waiters: Option<usize>,
    /// What is behind its holder, where that was looked up.
    pub(crate) holder_object: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// Judges a lease by the API server's stamp and the date of the answer that brought it.
    pub(crate) fn new(lease: &'a LeaseSummary, date: Option<Timestamp>) -> Self {
        let look = Look::stamped_or_first(&lease.snapshot, date);
        Self::judged(lease, look, date)
    }

    /// Judges a lease as it is looked at.
    pub(crate) fn judged(lease: &'a LeaseSummary, look: Look, date: Option<Timestamp>) -> Self {
        Self {
            snapshot: &lease.snapshot,
            created: lease.created,
            last_writer: lease.last_writer.as_ref(),
            standing: *judge(&lease.snapshot, look).standing(),
            now: date.unwrap_or_else(clock::wall),
            waiters: None,
            holder_object: None,
        }
    }

    /// The same, for which so many wait.
    pub(crate) fn with_waiters(self, waiters: Option<usize>) -> Self {
        Self { waiters, ..self }
    }

    /// The same, with what is behind its holder.
    pub(crate) fn with_holder_object(self, holder_object: Option<&'a str>) -> Self {
        Self {
            holder_object,
            ..self
        }
    }

    /// How old the lease is.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.created.map(|created| self.now.since(created))
    }

    /// How long ago it changed last, where that says anything.
    pub(crate) fn renewed(&self) -> Option<Duration> {
        let evidence = self.standing.evidence.as_ref();
        let seen = evidence.filter(|_| self.standing.state != State::Unknown);
        seen.map(Evidence::age)
    }

    /// How long it lasts. What a released lock carries is the form that others read as free.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let duration = self.snapshot.record.duration();
        duration.filter(|_| self.standing.state != State::Free)
    }
}

/// Where a state stands in a sorted list: what needs a person comes first.
pub(crate) const fn urgency(state: State) -> u8 {
    match state {
        State::Malformed => 0,
        State::Unbounded => 1,
        State::Expired => 2,
        State::Unknown => 3,
        State::Late => 4,
        State::Held => 5,
        State::Offered => 6,
        State::Free => 7,
    }
}

/// How identities are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holders {
    Whole,
    /// With the beginnings of uuids.
    Short,
    /// In so many columns of the terminal.
    Within(usize),
}

/// What stands over a column.
pub(crate) fn header(column: Column) -> Cell {
    Cell::plain(match column {
        // Over the states, before which there is room for a sign.
        Column::State => " STATE",
        column => column.title(),
    })
}

/// What a row shows in a column.
pub(crate) fn cell(column: Column, row: &Row<'_>, holders: Holders) -> Cell {
    let Row {
        snapshot, standing, ..
    } = row;
    let text = match column {
        Column::Namespace => Some(escape::shown(&snapshot.namespace).into_owned()),
        Column::Name => Some(escape::shown(&snapshot.name).into_owned()),
        Column::State => return Cell::state(standing.state),
        Column::Holder => snapshot.record.holder().map(|holder| match holders {
            Holders::Whole => identity_text::whole(holder),
            Holders::Short => identity_text::short(holder),
            Holders::Within(columns) => identity_text::within(holder, columns),
        }),
        Column::Renewed => row.renewed().map(human::ago),
        Column::Expires => match (standing.state, standing.expiry) {
            (State::Unbounded, _) => Some("never".to_owned()),
            (State::Unknown, _) | (_, None) => None,
            (_, Some(expiry)) => Some(human::expiry(expiry)),
        },
        Column::Duration => row.duration().map(human::duration),
        Column::Transitions => snapshot.record.transitions.map(|count| count.to_string()),
        Column::Waiters => {
            let count = row.waiters.map(|count| count.to_string());
            Some(count.unwrap_or_else(|| UNKNOWN.to_owned()))
        }
        Column::Age => row.age().map(human::duration),
        Column::HolderObject => row.holder_object.map(identity_text::whole),
        Column::Dialect => Some(snapshot.dialect.name().to_owned()),
        Column::LastWriter => row
            .last_writer
            .map(|writer| identity_text::whole(&writer.manager)),
    };
    Cell::plain(text.unwrap_or_else(|| NONE.to_owned()))
}
