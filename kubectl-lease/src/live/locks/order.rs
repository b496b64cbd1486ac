//! In which order locks are shown.

use std::cmp::{Ordering, Reverse};

use lease_core::State;

use super::Lock;
use crate::lock_row::{Column, urgency};

/// What the table is sorted by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Sort {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

impl Default for Sort {
    /// What needs a person comes first.
    fn default() -> Self {
        Self {
            column: Column::State,
            descending: false,
        }
    }
}

impl Sort {
    /// Which of two locks comes first. Where the column tells nothing, the lock comes last in
    /// either direction; where it tells the same of both, the name decides, so that rows stay in
    /// their places.
    pub(crate) fn compare(self, a: &Lock, b: &Lock) -> Ordering {
        let ordering = match self.column {
            Column::Namespace => self.directed(a.id.namespace.cmp(&b.id.namespace)),
            Column::Name => self.directed(a.id.name.cmp(&b.id.name)),
            Column::State => self.directed(urgency(a.state()).cmp(&urgency(b.state()))),
            Column::Holder => self.present(holder(a), holder(b)),
            // The least time ago first, as AGE has it.
            Column::Renewed => {
                let renewed = |lock: &Lock| lock.renewed.map(Reverse);
                self.present(renewed(a), renewed(b))
            }
            Column::Expires => self.present(expires(a), expires(b)),
            Column::Duration => self.present(a.duration(), b.duration()),
            Column::Transitions => {
                let transitions = |lock: &Lock| lock.snapshot().record.transitions;
                self.present(transitions(a), transitions(b))
            }
            Column::Waiters => self.present(a.waiters, b.waiters),
            Column::Age => {
                let created = |lock: &Lock| lock.created().map(Reverse);
                self.present(created(a), created(b))
            }
            // The table does not offer it.
            Column::HolderObject => Ordering::Equal,
            Column::Dialect => {
                let dialect = |lock: &Lock| lock.snapshot().dialect.name();
                self.directed(dialect(a).cmp(dialect(b)))
            }
            Column::LastWriter => self.present(writer(a), writer(b)),
        };
        ordering.then_with(|| a.id.cmp(&b.id))
    }

    fn directed(self, ordering: Ordering) -> Ordering {
        if self.descending {
            ordering.reverse()
        } else {
            ordering
        }
    }

    fn present<T: Ord>(self, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => self.directed(a.cmp(&b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

fn holder(lock: &Lock) -> Option<&str> {
    lock.snapshot().record.holder()
}

fn writer(lock: &Lock) -> Option<&str> {
    lock.last_writer().map(|writer| writer.manager.as_str())
}

/// When it ends, on our local clock. What never ends comes after all that does.
fn expires(lock: &Lock) -> Option<i128> {
    if lock.state() == State::Unbounded {
        return Some(i128::MAX);
    }
    let lasts = lock.duration()?.as_nanos().cast_signed();
    Some(lock.renewed? + lasts)
}
