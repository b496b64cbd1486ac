//! Locks under which somebody waits for another one, as a ticket and an environment carry them.

use lease_core::Uid;
use serde::{Deserialize, Serialize};

/// More are not read: nobody nests so deep.
const MOST: usize = 16;

/// A lock that a program runs under while it waits for another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OuterLock {
    /// The lock's uid.
    pub lock: Uid,
    /// Who held it when the program was started. If somebody else does by now, this is an old story.
    pub holder: String,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    lock: String,
    holder: String,
}

impl OuterLock {
    /// As one line of text, the outermost first.
    pub fn write_all(locks: &[Self]) -> String {
        let entry = |outer: &Self| Entry {
            lock: outer.lock.as_str().to_owned(),
            holder: outer.holder.clone(),
        };
        let entries: Vec<_> = locks.iter().map(entry).collect();
        // Texts always have a form in JSON.
        serde_json::to_string(&entries).unwrap_or_default()
    }

    /// What a text says that was written so; none where it was not.
    pub fn read_all(text: &str) -> Vec<Self> {
        let entries: Vec<Entry> = serde_json::from_str(text).unwrap_or_default();
        let outer = |Entry { lock, holder }| Self {
            lock: Uid::new(lock),
            holder,
        };
        entries.into_iter().take(MOST).map(outer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let locks = ["me", "\"you\" [and] Zürich"].map(|holder| OuterLock {
            lock: Uid::new("8a"),
            holder: holder.into(),
        });
        assert_eq!(OuterLock::read_all(&OuterLock::write_all(&locks)), locks);
        for other in ["", "null", "{}", "[{\"lock\": \"8a\"}]", "[1]"] {
            assert_eq!(OuterLock::read_all(other), []);
        }
        let many = vec![locks[0].clone(); 1000];
        assert_eq!(
            OuterLock::read_all(&OuterLock::write_all(&many)).len(),
            MOST
        );
    }
}
