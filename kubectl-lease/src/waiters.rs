//! Who waits for a lock, and how many do, by their tickets.

use std::collections::HashMap;
use std::time::Duration;

use lease_client::{LeaseStore, Listed, Scope, Selection, WAITS_FOR};
use lease_core::{Queue, Snapshot, Ticket, Uid};

use crate::failure::Failure;

/// How many wait for each lock.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// `None` where tickets could not be counted.
    counts: Option<HashMap<Uid, usize>>,
}

impl Waiters {
    /// Nobody, until tickets are counted.
    pub(crate) fn none() -> Self {
        Self {
            counts: Some(HashMap::new()),
        }
    }

    /// Counts a ticket for the lock of this uid.
    pub(crate) fn count(&mut self, lock: &Uid) {
        if let Some(counts) = &mut self.counts {
            *counts.entry(lock.clone()).or_default() += 1;
        }
    }

    /// How many wait for the lock of this uid, if that is known.
    pub(crate) fn of(&self, lock: &Uid) -> Option<usize> {
        let counts = self.counts.as_ref()?;
        Some(counts.get(lock).copied().unwrap_or(0))
    }

    /// Counts the tickets of a scope by listing them alone; of all locks, or of these.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub(crate) async fn listed(
        store: &LeaseStore,
        scope: Scope,
        locks: Option<&[Uid]>,
    ) -> Result<Self, Failure> {
        let mut waiters = Self::none();
        let selection = tickets(scope, locks);
        let count = |listed: Listed<'_>| {
            if let Some(lock) = &listed.summary.waits_for {
                waiters.count(lock);
            }
            None::<()>
        };
        store.list_keeping(&selection, None, count).await?;
        Ok(waiters)
    }
}

/// Somebody who waits for a lock.
pub(crate) struct Waiter {
    pub(crate) identity: String,
    /// For how long its ticket is there, by the API server's clock.
    pub(crate) waits: Option<Duration>,
}

/// Who waits for a lock, the first in line first.
///
/// # Errors
/// Why tickets cannot be listed.
pub(crate) async fn queue(store: &LeaseStore, lock: &Snapshot) -> Result<Vec<Waiter>, Failure> {
    let scope = Scope::Namespace(lock.namespace.clone());
    let selection = tickets(scope, Some(std::slice::from_ref(&lock.version.uid)));
    let mut waiting = HashMap::new();
    let ticket = |listed: Listed<'_>| {
        let Listed { summary, date, .. } = listed;
        let waits = summary.created.zip(date).map(|(at, date)| date.since(at));
        waiting.insert(summary.snapshot.version.uid.clone(), waits);
        summary.ticket()
    };
    let listed = store.list_keeping(&selection, None, ticket).await?;
    let queue = Queue::new(listed.value.leases);
    let waiter = |ticket: &Ticket| Waiter {
        identity: ticket.holder.clone(),
        waits: waiting.get(&ticket.version.uid).copied().flatten(),
    };
    Ok(queue.tickets().iter().map(waiter).collect())
}

/// The tickets of a scope: of all locks, or of these.
pub(crate) fn tickets(scope: Scope, locks: Option<&[Uid]>) -> Selection {
    let labels = match locks {
        None => WAITS_FOR.to_owned(),
        Some([lock]) => format!("{WAITS_FOR}={}", lock.as_str()),
        Some(locks) => {
            let uids: Vec<&str> = locks.iter().map(Uid::as_str).collect();
            format!("{WAITS_FOR} in ({})", uids.join(","))
        }
    };
    Selection {
        scope,
        labels: Some(labels),
        fields: None,
    }
}

/// What is said where it cannot be learned how many wait.
pub(crate) fn unknown(failure: &Failure) -> String {
    format!("how many wait is not known: {}", failure.message())
}
