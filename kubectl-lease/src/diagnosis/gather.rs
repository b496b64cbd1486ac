//! The requests that a diagnosis needs: a handful, however many locks there are.

use lease_client::{
    Dated, LeaderForLife, LeaseStore, LeaseSummary, Listed, ReadError, RequestError, Scope,
    Selection, Store,
};
use lease_core::Dialect;

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
    let namespace = patients.namespace();
    let (leases, leaders, (pods, pods_unread), nodes, events) = tokio::join!(
        Box::pin(leases(store, patients)),
        Box::pin(leaders(store, patients)),
        Box::pin(pods(store, namespace)),
        store.nodes(),
        store.events_about_leases(namespace),
    );
    let mut facts = match (leases?, patients) {
        (Some(facts), _) => facts,
        (None, Patients::One { namespace, name }) => {
            let found = store.leaders_for_life(Some(namespace), Some(name)).await;
            let Some(leader) = found.ok().and_then(|mut found| found.pop()) else {
                return Ok(None);
            };
            Facts {
                leaders: Some(vec![leader]),
                ..Facts::default()
            }
        }
        (None, _) => return Ok(None),
    };
    facts.unread.extend(pods_unread);
    facts.pods = pods;
    facts.nodes = known(&mut facts.unread, "nodes", nodes);
    facts.events = known(&mut facts.unread, "events", events);
    if let Some(leaders) = leaders {
        facts.leaders = known(&mut facts.unread, "config maps", leaders);
    }
    let is_coordinated = |lock: &LeaseSummary| lock.snapshot.dialect == Dialect::Coordinated;
    if facts.locks.iter().any(is_coordinated) {
        let candidates = store.candidates(namespace).await;
        facts.candidates = known(&mut facts.unread, "lease candidates", candidates);
    }
    let access = access::read(store, &facts).await;
    facts.access = known(&mut facts.unread, "access of service accounts", access);
    Ok(Some(facts))
}

/// The locks that are config maps; `None` where one lock is looked at, which is no `ConfigMap` if there
/// is a Lease of its name.
async fn leaders(
    store: &LeaseStore,
    patients: &Patients,
) -> Option<Result<Vec<LeaderForLife>, ReadError>> {
    match patients {
        Patients::One { .. } => None,
        Patients::All | Patients::Namespace(_) => {
            Some(store.leaders_for_life(patients.namespace(), None).await)
        }
    }
}

async fn leases(store: &LeaseStore, patients: &Patients) -> Result<Option<Facts>, Failure> {
    let scope = match patients {
        Patients::All => Scope::All,
        Patients::Namespace(namespace) => Scope::Namespace(namespace.clone()),
        Patients::One { namespace, name } => return one(store, namespace, name).await,
    };
    let selection = Selection::all_of(scope);
    let listed = store.list_keeping(&selection, None, |listed| Some(listed.summary));
    let Dated { value, date } = listed.await?;
    let is_ticket = |lease: &LeaseSummary| lease.waits_for.is_some();
    let (tickets, locks) = value.leases.into_iter().partition(is_ticket);
    Ok(Some(Facts {
        locks,
        tickets,
        date,
        ..Facts::default()
    }))
}

async fn one(store: &LeaseStore, namespace: &str, name: &str) -> Result<Option<Facts>, Failure> {
    let Dated { value, date } = store.get(namespace, name).await?;
    let Some(lease) = value else { return Ok(None) };
    let lock = lease.summary().clone();
    let mut facts = Facts {
        date,
        ..Facts::default()
    };
    let of_it = waiters::tickets(
        Scope::Namespace(namespace.to_owned()),
        Some(std::slice::from_ref(&lock.snapshot.version.uid)),
    );
    let keep = |listed: Listed<'_>| Some(listed.summary);
    match store.list_keeping(&of_it, None, keep).await {
        Ok(list) => facts.tickets = list.value.leases,
        Err(error) => facts.unread.push(unread("who waits", &error)),
    }
    facts.locks.push(lock);
    Ok(Some(facts))
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
