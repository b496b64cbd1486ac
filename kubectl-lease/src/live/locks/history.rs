//! What happened to one lock since the table was opened.

use std::collections::VecDeque;
use std::time::Duration;

use lease_core::{Instant, Record};

/// How many renewals are remembered: enough for a line as wide as a terminal.
const RENEWALS: usize = 128;
/// How many holders are remembered.
const HOLDERS: usize = 32;
/// How many intervals tell what is usual.
const USUAL: usize = 9;

/// Who held a lock from when on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tenure {
    pub(crate) since: Instant,
    /// `None` while nobody did.
    pub(crate) holder: Option<Box<str>>,
}

/// The renewals and holders of one lock, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// When a renewal arrived.
    renewals: VecDeque<Instant>,
    holders: VecDeque<Tenure>,
}

impl History {
    /// Begins with what a lock was first seen as.
    pub(crate) fn begin(record: &Record, at: Instant) -> Self {
        let mut history = Self::default();
        history.hold(record, at);
        history
    }

    /// Takes in a record that follows another one.
    pub(crate) fn follow(&mut self, before: &Record, record: &Record, at: Instant) {
        if record.holder() != before.holder() {
            // The new holder has a rhythm of its own.
            self.renewals.clear();
            self.hold(record, at);
        }
        if record.holder().is_some() && record.renew_time != before.renew_time {
            push(&mut self.renewals, RENEWALS, at);
        }
    }

    fn hold(&mut self, record: &Record, at: Instant) {
        let tenure = Tenure {
            since: at,
            holder: record.holder().map(Into::into),
        };
        push(&mut self.holders, HOLDERS, tenure);
    }

    /// Between renewals of the present holder, the oldest first.
    pub(crate) fn intervals(&self) -> impl DoubleEndedIterator<Item = Duration> + '_ {
        let pairs = self.renewals.iter().zip(self.renewals.iter().skip(1));
        pairs.map(|(earlier, later)| later.since(*earlier))
    }

    /// How long the present holder usually takes to renew: the median of the last intervals.
    /// `None` until there are two.
    pub(crate) fn usual(&self) -> Option<Duration> {
        let mut last: Vec<Duration> = self.intervals().rev().take(USUAL).collect();
        last.sort_unstable();
        (last.len() >= 2).then(|| last[last.len() / 2])
    }

    /// Who held it, the oldest first.
    pub(crate) fn holders(&self) -> impl DoubleEndedIterator<Item = &Tenure> + '_ {
        self.holders.iter()
    }
}

fn push<T>(queue: &mut VecDeque<T>, limit: usize, item: T) {
    if queue.len() == limit {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use lease_core::Timestamp;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_nanos(seconds * 1_000_000_000)
    }

    fn record(holder: &str, renewed: i64) -> Record {
        Record {
            holder: Some(holder.into()),
            renew_time: Some(Timestamp::from_micros(renewed)),
            ..Record::default()
        }
    }

    #[test]
    fn a_rhythm_is_known_after_three_renewals_and_belongs_to_one_holder() {
        let mut history = History::begin(&record("a", 0), at(0));
        let mut before = record("a", 0);
        for (time, usual) in [
            (2, None),
            (4, None),
            (6, Some(2)),
            (9, Some(2)),
            (11, Some(2)),
        ] {
            let now = record("a", i64::try_from(time).unwrap());
            history.follow(&before, &now, at(time));
            before = now;
            assert_eq!(history.usual(), usual.map(Duration::from_secs), "{time}");
        }
        let now = record("b", 99);
        history.follow(&before, &now, at(20));
        assert_eq!(history.usual(), None);
        let holders: Vec<_> = history
            .holders()
            .map(|tenure| tenure.holder.as_deref())
            .collect();
        assert_eq!(holders, [Some("a"), Some("b")]);
    }

    #[test]
    fn a_change_that_renews_nothing_is_no_renewal() {
        let before = record("a", 1);
        let mut history = History::begin(&before, at(0));
        let after = Record {
            transitions: Some(3),
            ..before.clone()
        };
        history.follow(&before, &after, at(5));
        assert!(history.renewals.is_empty());
        assert_eq!(history.holders().count(), 1);
    }
}
