//! Tickets that are followed: who comes to wait for which lock, and who waits no more.

use std::collections::{BTreeMap, HashMap, HashSet};

use lease_core::Uid;

/// The tickets that are known, by namespace and name, and how many there are for each lock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tickets {
    locks: BTreeMap<(String, String), Uid>,
    counts: HashMap<Uid, usize>,
    /// Whether all of them are known.
    are_known: bool,
}

impl Tickets {
    /// How many there are for the lock of this uid, if that is known.
    pub(crate) fn count(&self, lock: &Uid) -> Option<usize> {
        let count = self.counts.get(lock).copied().unwrap_or(0);
        self.are_known.then_some(count)
    }

    /// Takes in a ticket, and gives the locks for which there are more or fewer now.
    pub(crate) fn apply(&mut self, id: (String, String), lock: Uid) -> HashSet<Uid> {
        if self.locks.get(&id) == Some(&lock) {
            return HashSet::new();
        }
        let mut changed = self.remove(&id);
        *self.counts.entry(lock.clone()).or_default() += 1;
        self.locks.insert(id, lock.clone());
        changed.insert(lock);
        changed
    }

    /// Forgets a ticket, and gives the lock for which there are fewer now.
    pub(crate) fn remove(&mut self, id: &(String, String)) -> HashSet<Uid> {
        let Some(lock) = self.locks.remove(id) else {
            return HashSet::new();
        };
        if let Some(count) = self.counts.get_mut(&lock) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&lock);
            }
        }
        HashSet::from([lock])
    }

    /// Takes these for all that there are, and gives the locks for which there are more or fewer
    /// now.
    pub(crate) fn list(
        &mut self,
        tickets: impl IntoIterator<Item = ((String, String), Uid)>,
    ) -> HashSet<Uid> {
        let mut now = Self {
            are_known: true,
            ..Self::default()
        };
        for (id, lock) in tickets {
            now.apply(id, lock);
        }
        let locks = self.counts.keys().chain(now.counts.keys());
        let changed = locks
            .filter(|lock| self.counts.get(*lock) != now.counts.get(*lock))
            .cloned()
            .collect();
        *self = now;
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> (String, String) {
        ("work".to_owned(), name.to_owned())
    }

    fn uids(changed: &HashSet<Uid>) -> Vec<&str> {
        let mut uids: Vec<&str> = changed.iter().map(Uid::as_str).collect();
        uids.sort_unstable();
        uids
    }

    #[test]
    fn only_locks_with_more_or_fewer_tickets_are_told() {
        let (a, b) = (Uid::new("a"), Uid::new("b"));
        let mut tickets = Tickets::default();
        assert_eq!(tickets.count(&a), None);
        assert!(tickets.list([]).is_empty());
        assert_eq!(tickets.count(&a), Some(0));
        assert_eq!(uids(&tickets.apply(id("1"), a.clone())), ["a"]);
        assert!(tickets.apply(id("1"), a.clone()).is_empty());
        tickets.apply(id("2"), a.clone());
        assert_eq!(tickets.count(&a), Some(2));
        // Somebody edited its label.
        assert_eq!(uids(&tickets.apply(id("2"), b.clone())), ["a", "b"]);
        let listed = [
            (id("1"), a.clone()),
            (id("3"), b.clone()),
            (id("4"), b.clone()),
        ];
        assert_eq!(uids(&tickets.list(listed)), ["b"]);
        assert_eq!(tickets.count(&b), Some(2));
        assert_eq!(uids(&tickets.remove(&id("1"))), ["a"]);
        assert!(tickets.remove(&id("1")).is_empty());
        assert_eq!(tickets.count(&a), Some(0));
    }
}
