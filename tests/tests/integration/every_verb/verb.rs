//! What is typed, and what it does to which lock when all is well.

use serde_json::Value;

use super::locks::Locks;

/// A command line that needs the cluster.
pub(crate) struct Verb {
    /// What is typed after the program's name.
    pub(crate) line: &'static str,
    /// The lock that it is about, used by this verb alone if it changes it.
    pub(crate) lock: Option<&'static str>,
    /// Who holds the lock afterwards; `None` if the verb only looks.
    pub(crate) holder: Option<&'static str>,
}

pub(crate) const VERBS: &[Verb] = &[
    Verb {
        line: "ls",
        lock: None,
        holder: None,
    },
    looks("ls lock-seen"),
    looks("describe lock-seen"),
    looks("timing lock-seen"),
    looks("force-release lock-seen --dry-run"),
    changes("acquire --try lock-new --identity me", "lock-new", "me"),
    changes("acquire --try lock-free --identity me", "lock-free", "me"),
    changes("renew lock-kept --identity me", "lock-kept", "me"),
    changes("release lock-given --identity me", "lock-given", ""),
    changes("steal lock-over --identity me", "lock-over", "me"),
    changes("steal lock-left --release", "lock-left", ""),
];

impl Verb {
    /// Whether it changes its lock.
    pub(crate) fn writes(&self) -> bool {
        self.holder.is_some()
    }

    /// Whether its lock is now as it should be once the verb is done.
    pub(crate) fn is_done(&self, namespace: &str, before: &Locks, after: &Locks) -> bool {
        let Some(holder) = self.holder else {
            return self.is_untouched(namespace, before, after);
        };
        let is = self.state(namespace, after);
        self.state(namespace, before) != is
            && is.is_some_and(|lock| lock["spec"]["holderIdentity"] == holder)
    }

    /// Whether its lock is exactly as it was.
    pub(crate) fn is_untouched(&self, namespace: &str, before: &Locks, after: &Locks) -> bool {
        self.state(namespace, before) == self.state(namespace, after)
    }

    /// Its lock as it is, or was.
    pub(crate) fn state<'a>(&self, namespace: &str, locks: &'a Locks) -> Option<&'a Value> {
        locks.get(&(namespace.to_owned(), self.lock?.to_owned()))
    }
}

const fn looks(line: &'static str) -> Verb {
    Verb {
        line,
        lock: Some("lock-seen"),
        holder: None,
    }
}

const fn changes(line: &'static str, lock: &'static str, holder: &'static str) -> Verb {
    Verb {
        line,
        lock: Some(lock),
        holder: Some(holder),
    }
}
