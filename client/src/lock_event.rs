//! What Kubernetes Events say of a lock.

use lease_core::Timestamp;
use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::micro_time::Time;
use crate::request::{Call, RequestError};
use crate::right::Right;
use crate::selection::{encode, push_query};
use crate::store::ReadError;

/// One Event about a lease. client-go's electors and leaselocker write them, and so do contenders
/// of ours that are asked to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LockEvent {
    /// When it happened last, on the clock of who wrote it; `None` if that is not said.
    pub time: Option<Timestamp>,
    /// In one word, e.g. `LeaderElection`.
    pub reason: String,
    /// In words.
    pub message: String,
    /// Who wrote it.
    pub source: String,
    /// How many times it happened.
    pub count: u32,
}

#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    items: Vec<Event>,
}

/// Both of the forms in which Events are written; each is readable in the older one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    count: Option<u32>,
    last_timestamp: Option<Time>,
    #[serde(rename = "eventTime")]
    began: Option<Time>,
    #[serde(default)]
    series: Option<Series>,
    #[serde(default)]
    reporting_component: Option<String>,
    #[serde(default)]
    source: Option<Source>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Series {
    #[serde(default)]
    count: Option<u32>,
    last_observed_time: Option<Time>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    component: Option<String>,
}

impl LeaseStore {
    /// What Events there are about a lease, the youngest first. The API server forgets them after
    /// an hour, unless it is told otherwise.
    pub async fn events(&self, namespace: &str, name: &str) -> Result<Vec<LockEvent>, ReadError> {
        let mut path = format!("/api/v1/namespaces/{}/events?", encode(namespace));
        let selector = format!("involvedObject.kind=Lease,involvedObject.name={name}");
        push_query(&mut path, "fieldSelector", &selector);
        let call = Call::get(&path, Right::to_list_events(namespace));
        let answer = self.requests.send(call).await?;
        let list: Events = serde_json::from_slice(&answer.body)
            .map_err(|error| RequestError::Unreadable(error.into()))?;
        let mut events: Vec<LockEvent> = list.items.into_iter().map(LockEvent::of).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.time));
        Ok(events)
    }
}

impl LockEvent {
    fn of(event: Event) -> Self {
        let series = event.series.as_ref();
        let observed = series.and_then(|series| series.last_observed_time);
        let time = observed.or(event.last_timestamp).or(event.began);
        let counted = series.and_then(|series| series.count).or(event.count);
        let component = event.source.and_then(|source| source.component);
        Self {
            time: time.and_then(Time::known),
            reason: event.reason.unwrap_or_default(),
            message: event.message.unwrap_or_default(),
            source: event
                .reporting_component
                .filter(|name| !name.is_empty())
                .or(component)
                .unwrap_or_default(),
            count: counted.unwrap_or(1),
        }
    }
}
