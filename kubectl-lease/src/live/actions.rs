//! What the table wants to know of the cluster.

use std::path::PathBuf;
use std::sync::Arc;

use lease_client::{LeaseStore, LockEvent, Store, kubeconfig_names};
use lease_core::Timestamp;
use serde_json::Value;

use super::locks::LockId;
use super::message::{Done, Surroundings, Verdict};
use crate::diagnosis::{self, Case, Patients, Unread};
use crate::failure::Failure;
use crate::human;
use crate::output;
use crate::waiters::{self, Waiter};

/// Reads a lock as YAML.
pub(super) async fn yaml(store: Arc<LeaseStore>, lock: LockId) -> Done {
    let read = match store.get(&lock.namespace, &lock.name).await {
        Ok(read) => read.value,
        Err(error) => return failed(&error.into()),
    };
    let Some(lease) = read else {
        return Done::Failed(vec![format!("{} does not exist any more", lock.name)]);
    };
    match output::yaml(Value::Object(lease.object().clone())) {
        Ok(text) => Done::Text {
            title: format!("{}/{}", lock.namespace, lock.name),
            text,
        },
        Err(error) => failed(&error.into()),
    }
}

/// Reads who waits for a lock, and its events.
pub(super) async fn surroundings(store: Arc<LeaseStore>, lock: LockId) -> Done {
    let (queue, events) = tokio::join!(
        queue(&store, &lock),
        store.events(&lock.namespace, &lock.name)
    );
    let why = |failure: Failure| failure.message().to_owned();
    let surroundings = Surroundings {
        queue: queue.map_err(why),
        events: match events {
            Ok(events) => Ok(events.iter().map(event).collect()),
            Err(error) => Err(why(error.into())),
        },
    };
    Done::Surroundings { lock, surroundings }
}

/// Finds out what is wrong with a lock.
pub(super) async fn why(store: Arc<LeaseStore>, lock: LockId) -> Done {
    let patients = Patients::One {
        namespace: lock.namespace.clone(),
        name: lock.name.clone(),
    };
    let verdict = match diagnosis::gather(&store, &patients).await {
        Ok(Some(facts)) => Ok(Verdict {
            who: diagnosis::first_case(&facts, |case: &Case<'_>| case.who_holds()).flatten(),
            findings: diagnosis::findings(&facts),
            unread: Unread::told(&facts.unread),
        }),
        Ok(None) => Err("it does not exist any more".to_owned()),
        Err(failure) => Err(failure.message().to_owned()),
    };
    Done::Verdict { lock, verdict }
}

async fn queue(store: &LeaseStore, lock: &LockId) -> Result<Vec<String>, Failure> {
    let Some(lease) = store.get(&lock.namespace, &lock.name).await?.value else {
        return Ok(Vec::new());
    };
    let waiters = waiters::queue(store, lease.snapshot()).await?;
    let line = |(place, waiter): (usize, Waiter)| {
        let waits = waiter.waits.map_or_else(String::new, |waits| {
            format!(", for {}", human::duration(waits))
        });
        format!("{place}. {}{waits}", waiter.identity)
    };
    Ok((1..).zip(waiters).map(line).collect())
}

fn event(event: &LockEvent) -> String {
    let LockEvent {
        time,
        reason,
        message,
        source,
        count,
        first: _,
    } = event;
    let time = time.map_or_else(
        || "at some time".to_owned(),
        |time: Timestamp| human::time(time),
    );
    let times = if *count > 1 {
        format!(" ({count} times)")
    } else {
        String::new()
    };
    format!("{time}  {reason}: {message}{times}, by {source}")
}

/// Reads which namespaces and contexts there are. Who may not list namespaces, types their names.
pub(super) async fn names(store: Arc<LeaseStore>, kubeconfig: Option<PathBuf>) -> Done {
    let contexts = kubeconfig_names(kubeconfig.as_deref()).unwrap_or_default();
    Done::Names {
        namespaces: store.namespaces().await.unwrap_or_default(),
        contexts: contexts.contexts,
    }
}

/// A failure in lines.
pub(super) fn failed(failure: &Failure) -> Done {
    Done::Failed(failure.to_string().lines().map(str::to_owned).collect())
}
