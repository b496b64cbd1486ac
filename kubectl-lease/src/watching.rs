//! Watching one lock for its own duration, to learn whether its holder lives.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use lease_client::{Change, Lease, ReadError, Scope, Selection, Store, clock};
use lease_core::{Look, Observer, State};
use tokio::time::{sleep, timeout};

use crate::failure::Failure;
use crate::human;
use crate::lock_name;
use crate::lock_store::LockStore;
use crate::one_shot::{Looking, Reading};
use crate::ui::Ui;

/// How often the countdown moves.
const TICK: Duration = Duration::from_millis(200);
/// How often a lock is read where it may not be watched: client-go's retry period.
const POLL: Duration = Duration::from_secs(2);

/// Watches a lock until it is expired, changes, or is deleted. `why` introduces the reason.
pub(crate) async fn watch(
    ui: &Ui,
    store: &LockStore,
    first: Lease,
    why: &str,
) -> Result<Reading, Failure> {
    let snapshot = first.snapshot();
    ui.note(&format!(
        "{why}watching {} for {}: if it is not renewed in that time, its lease is over",
        snapshot.name,
        human::duration(snapshot.record.duration().unwrap_or_default()),
    ));
    let result = follow(ui, store, first).await;
    ui.end_progress();
    result
}

async fn follow(ui: &Ui, store: &LockStore, first: Lease) -> Result<Reading, Failure> {
    let name = lock_name::of(first.snapshot());
    let mut observer = Observer::new(first.snapshot().clone(), clock::local());
    let mut changes = pin!(store.watch(Selection::all_of(Scope::One {
        namespace: first.snapshot().namespace.clone(),
        name: name.clone(),
    })));
    let mut may_watch = true;
    let mut latest = first;
    loop {
        let now = clock::local();
        // Anything else is decided: it is over, or somebody was seen alive, or it cannot expire.
        if observer.judged(now).standing().state != State::Unknown {
            return Ok(Reading {
                lease: Some(latest),
                look: observer.look(now),
                looking: Looking::Observed(Box::new(observer)),
            });
        }
        let left = observer.remaining(now).unwrap_or_default();
        ui.progress(&format!(
            "expires in {} unless it is renewed",
            human::duration(left + Duration::from_millis(999))
        ));

        let seen = if may_watch {
            match timeout(TICK.min(left), changes.next()).await {
                Err(_)
                | Ok(Some(Ok(Change::Interrupted(_) | Change::Progress | Change::Resumed))) => {
                    continue;
                }
                Ok(Some(Ok(Change::Applied(lease)))) => Some(lease),
                Ok(Some(Ok(Change::Deleted(_)))) => None,
                Ok(Some(Ok(Change::Listed { leases, .. }))) => leases.into_iter().next(),
                Ok(Some(Err(ReadError::Denied(_))) | None) => {
                    ui.note("no right to watch this lock: it is read every 2s instead");
                    may_watch = false;
                    continue;
                }
                Ok(Some(Err(error))) => return Err(error.into()),
            }
        } else {
            sleep(POLL.min(left)).await;
            match store.get(&latest.snapshot().namespace, &name).await {
                Ok(read) => read.value,
                // As on a watch: whoever renews unseen meanwhile wins by the version.
                Err(ReadError::Unavailable(_)) => continue,
                Err(error) => return Err(error.into()),
            }
        };
        let Some(lease) = seen else {
            return Ok(Reading {
                lease: None,
                look: Look::FIRST,
                looking: Looking::Stamped,
            });
        };
        observer.observe(lease.snapshot().clone(), clock::local());
        latest = lease;
    }
}
