//! What the table wants done outside of it.

use std::sync::Arc;

use lease_client::LeaseStore;

use super::locks::LockId;
use super::message::{Done, Surroundings};
use crate::failure::Failure;
use crate::output;
use crate::waiters;
use lease_client::Store;

/// Reads a lock as YAML.
pub(super) async fn yaml(store: Arc<LeaseStore>, lock: LockId) -> Done {
    let read = store.get(&lock.namespace, &lock.name).await;
    let text = match read {
        Ok(read) => match read.value {
            Some(lease) => output::yaml(serde_json::Value::Object(lease.object().clone()))
                .map_err(Failure::from),
            None => return Done::Failed(vec![format!("{} does not exist any more", lock.name)]),
        },
        Err(error) => Err(Failure::from(error)),
    };
    match text {
        Ok(text) => Done::Yaml { lock, text },
        Err(failure) => failed(&failure),
    }
}

/// Reads who waits for a lock, and its events.
pub(super) async fn surroundings(store: Arc<LeaseStore>, lock: LockId) -> Done {
    let queue = match store.get(&lock.namespace, &lock.name).await {
        Ok(read) => match read.value {
            Some(lease) => waiters::queue(&store, lease.snapshot()).await,
            None => Ok(Vec::new()),
        },
        Err(error) => Err(error.into()),
    };
    let line = |(place, waiter): (usize, waiters::Waiter)| {
        let waits = waiter.waits.map(crate::human::duration);
        let waits = waits.map_or_else(String::new, |waits| format!(", for {waits}"));
        format!("{place}. {}{waits}", waiter.identity)
    };
    let queue = queue.map(|waiters| (1..).zip(waiters).map(line).collect());
    Done::Surroundings {
        lock,
        surroundings: Surroundings {
            queue: queue.map_err(|failure| failure.message().to_owned()),
            events: Ok(Vec::new()),
        },
    }
}

pub(super) fn failed(failure: &Failure) -> Done {
    Done::Failed(failure.to_string().lines().map(str::to_owned).collect())
}
