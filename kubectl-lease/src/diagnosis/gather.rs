//! The requests that a diagnosis needs: a handful, however many locks there are.

use std::collections::HashSet;
use std::convert::Infallible;

use lease_client::{
    Dated, LeaseStore, LeaseSummary, Listed, ReadError, RequestError, Scope, Selection, Store,
};
use lease_core::{Dialect, Timestamp};

use super::access;
use super::facts::{Facts, Pods, Unread};
use crate::failure::Failure;
use crate::waiters;

/// Which locks are to be looked at.
#[derive(Clone, Debug)]
pub(crate) enum Patients {
    All,
    Namespace(String),
    One { namespace: String, name: String },
}

impl Patients {
    fn namespace(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Namespace(namespace) | Self::One { namespace, .. } => Some(namespace),
        }
    }
}

/// Reads all that a diagnosis needs. `None` if a lock was named that does not exist.
///
/// # Errors
/// Only where the locks themselves cannot be read.
pub(crate) async fn gather(
    store: &LeaseStore,
    patients: &Patients,
) -> Result<Option<Facts>, Failure> {
    surrounded(store, patients.namespace(), locks(store, patients)).await
}

/// Reads all that is around a lock that was read already, in an answer of this date.
pub(crate) async fn gather_around(
    store: &LeaseStore,
    lock: LeaseSummary,
    date: Option<Timestamp>,
) -> Facts {
    let namespace = lock.snapshot.namespace.clone();
    let waited_for = async {
        let facts = waited_for(store, lock, date).await;
        Ok::<_, Infallible>(Some(facts))
    };
    let Ok(facts) = surrounded(store, Some(&namespace), waited_for).await;
    facts.unwrap_or_default()
}

/// Reads the pods and nodes that may be behind the holders of one namespace, or of all.
pub(crate) async fn gather_population(store: &LeaseStore, namespace: Option<&str>) -> Facts {
    let ((pods, pods_unread), nodes) =
        tokio::join!(Box::pin(pods(store, namespace)), store.nodes());
    let mut facts = Facts {
        pods,
        unread: pods_unread.into_iter().collect(),
        ..Facts::default()
    };
    facts.nodes = known(&mut facts.unread, "nodes", nodes);
    facts
}

/// Adds what is around the leases, read at the same time.
async fn surrounded<E>(
    store: &LeaseStore,
    namespace: Option<&str>,
    leases: impl Future<Output = Result<Option<Facts>, E>>,
) -> Result<Option<Facts>, E> {
    let (leases, (pods, pods_unread), nodes, events) = tokio::join!(
        Box::pin(leases),
        Box::pin(pods(store, namespace)),
        Box::pin(store.nodes()),
        Box::pin(store.events_about_leases(namespace)),
    );
    let Some(mut facts) = leases? else {
        return Ok(None);
    };
    // Of all locks, there are no others.
    if namespace.is_some() && under_another_lock(&facts) {
        match Box::pin(around(store, namespace)).await {
            Ok(around) => facts.around = others(&facts, around),
            Err(error) => facts
                .unread
                .push(unread("leases of other namespaces", &error)),
        }
    }
    facts.unread.extend(pods_unread);
    facts.pods = pods;
    facts.nodes = known(&mut facts.unread, "nodes", nodes);
    facts.events = known(&mut facts.unread, "events", events);
    let is_coordinated = |lock: &LeaseSummary| lock.snapshot.dialect == Dialect::Coordinated;
    if facts.locks.iter().any(is_coordinated) {
        let candidates = Box::pin(store.candidates(namespace)).await;
        facts.candidates = known(&mut facts.unread, "lease candidates", candidates);
    }
    let access = Box::pin(access::read(store, &facts)).await;
    facts.access = known(&mut facts.unread, "access of service accounts", access);
    Ok(Some(facts))
}

/// The locks, be they leases or config maps.
async fn locks(store: &LeaseStore, patients: &Patients) -> Result<Option<Facts>, Failure> {
    let scope = match patients {
        Patients::All => Scope::All,
        Patients::Namespace(namespace) => Scope::Namespace(namespace.clone()),
        Patients::One { namespace, name } => {
            return match one(store, namespace, name).await? {
                None => Ok(config_map(store, namespace, name).await),
                facts => Ok(facts),
            };
        }
    };
    let selection = Selection::all_of(scope);
    let (leases, leaders) = tokio::join!(
        Box::pin(store.list_keeping(&selection, None, |listed| Some(listed.summary))),
        Box::pin(store.leaders_for_life(patients.namespace(), None)),
    );
    let Dated { value, date } = leases?;
    let is_ticket = |lease: &LeaseSummary| lease.waits_for.is_some();
    let (tickets, locks) = value.leases.into_iter().partition(is_ticket);
    let mut facts = Facts {
        locks,
        tickets,
        date,
        ..Facts::default()
    };
    facts.leaders = known(&mut facts.unread, "config maps", leaders);
    Ok(Some(facts))
}

/// The lock of that name that is a `ConfigMap`.
async fn config_map(store: &LeaseStore, namespace: &str, name: &str) -> Option<Facts> {
    let found = Box::pin(store.leaders_for_life(Some(namespace), Some(name))).await;
    let leader = found.ok()?.pop()?;
    Some(Facts {
        leaders: Some(vec![leader]),
        ..Facts::default()
    })
}

async fn one(store: &LeaseStore, namespace: &str, name: &str) -> Result<Option<Facts>, Failure> {
    let Dated { value, date } = store.get(namespace, name).await?;
    let Some(lease) = value else { return Ok(None) };
    Ok(Some(waited_for(store, lease.summary().clone(), date).await))
}

/// A lock with who waits for it.
async fn waited_for(store: &LeaseStore, lock: LeaseSummary, date: Option<Timestamp>) -> Facts {
    let mut facts = Facts {
        date,
        ..Facts::default()
    };
    let of_it = waiters::tickets(
        Scope::Namespace(lock.snapshot.namespace.clone()),
        Some(std::slice::from_ref(&lock.snapshot.version.uid)),
    );
    let keep = |listed: Listed<'_>| Some(listed.summary);
    match store.list_keeping(&of_it, None, keep).await {
        Ok(list) => facts.tickets = list.value.leases,
        Err(error) => facts.unread.push(unread("who waits", &error)),
    }
    facts.locks.push(lock);
    facts
}

/// Whether somebody waits who holds a lock that was not read: they may wait in a circle.
fn under_another_lock(facts: &Facts) -> bool {
    let known: HashSet<_> = facts
        .locks
        .iter()
        .map(|lock| &lock.snapshot.version.uid)
        .collect();
    let mut held = facts.tickets.iter().flat_map(|ticket| &ticket.holds);
    held.any(|outer| !known.contains(&outer.lock))
}

/// All leases of the cluster; where these may not be listed, those of the namespace.
async fn around(
    store: &LeaseStore,
    namespace: Option<&str>,
) -> Result<Vec<LeaseSummary>, ReadError> {
    let all = Selection::all_of(Scope::All);
    let keep = |listed: Listed<'_>| Some(listed.summary);
    match (store.list_keeping(&all, None, keep).await, namespace) {
        (Ok(list), _) => Ok(list.value.leases),
        (Err(ReadError::Denied(status)), Some(namespace)) if status.code == 403 => {
            let here = Selection::all_of(Scope::Namespace(namespace.to_owned()));
            let list = store.list_keeping(&here, None, keep).await?;
            Ok(list.value.leases)
        }
        (Err(error), _) => Err(error),
    }
}

/// What of these is neither a lock in question nor one of its tickets.
fn others(facts: &Facts, mut leases: Vec<LeaseSummary>) -> Vec<LeaseSummary> {
    let known: HashSet<_> = facts
        .locks
        .iter()
        .chain(&facts.tickets)
        .map(|lease| &lease.snapshot.version.uid)
        .collect();
    leases.retain(|lease| !known.contains(&lease.snapshot.version.uid));
    leases
}

/// The pods of the cluster; where these may not be listed, those of the namespace.
async fn pods(store: &LeaseStore, namespace: Option<&str>) -> (Option<Pods>, Option<Unread>) {
    let of = |pods: Dated<Vec<_>>, are_all| {
        Some(Pods {
            pods: pods.value,
            are_all,
        })
    };
    match store.pods(None).await {
        Ok(pods) => (of(pods, true), None),
        Err(error) => {
            let unread = Some(unread("pods", &error));
            match (namespace, &error) {
                (Some(namespace), ReadError::Denied(status)) if status.code == 403 => {
                    let here = store.pods(Some(namespace)).await;
                    (here.ok().and_then(|pods| of(pods, false)), unread)
                }
                _ => (None, unread),
            }
        }
    }
}

fn known<T>(
    unread_so_far: &mut Vec<Unread>,
    what: &'static str,
    read: Result<T, ReadError>,
) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            unread_so_far.push(unread(what, &error));
            None
        }
    }
}

fn unread(what: &'static str, error: &ReadError) -> Unread {
    let (why, right) = match error {
        ReadError::Denied(status) => {
            let right = status.attempted.as_ref().map(ToString::to_string);
            ("you may not read them".to_owned(), right)
        }
        ReadError::Unavailable(RequestError::Status(status)) if status.code == 404 => {
            ("the API server has none of this kind".to_owned(), None)
        }
        error => (Failure::from(error).message().to_owned(), None),
    };
    Unread { what, why, right }
}
