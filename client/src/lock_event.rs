//! What Kubernetes Events say of a lock.

use lease_core::Timestamp;
use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::micro_time::Time;
use crate::request::RequestError;
use crate::right::Right;
use crate::selection::{encode, push_query};
use crate::store::ReadError;

/// One Event about a lease. client-go's electors and leaselocker write them, and so do contenders
/// of ours that are asked to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LockEvent {
    /// When it happened last, on the clock of who wrote it; `None` if that is not said.
    pub time: Option<Timestamp>,
    /// When it happened first, of one that happened several times; on the same clock.
    pub first: Option<Timestamp>,
    /// In one word, e.g. `LeaderElection`.
    pub reason: String,
    /// In words.
    pub message: String,
    /// Who wrote it.
    pub source: String,
    /// How many times it happened.
    pub count: u32,
}

/// An Event of many, with the lease that it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventAbout {
    /// The lease's namespace.
    pub namespace: String,
    /// The lease's name. There may be none of it any more.
    pub lease: String,
    /// What it says.
    pub event: LockEvent,
}

/// Both of the forms in which Events are written; each is readable in the older one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    involved_object: Involved,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    count: Option<u32>,
    first_timestamp: Option<Time>,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Involved {
    namespace: String,
    name: String,
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
        let about = format!(",involvedObject.name={name}");
        let found = self.events_selected(Some(namespace), &about).await?;
        let mut events: Vec<_> = found.into_iter().map(|found| found.event).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.time));
        Ok(events)
    }

    /// What Events there are about leases, in one namespace or in all, in no order.
    pub async fn events_about_leases(
        &self,
        namespace: Option<&str>,
    ) -> Result<Vec<EventAbout>, ReadError> {
        self.events_selected(namespace, "").await
    }

    async fn events_selected(
        &self,
        namespace: Option<&str>,
        further: &str,
    ) -> Result<Vec<EventAbout>, ReadError> {
        let mut path = match namespace {
            None => "/api/v1/events?".to_owned(),
            Some(namespace) => format!("/api/v1/namespaces/{}/events?", encode(namespace)),
        };
        let selector = format!("involvedObject.kind=Lease{further}");
        push_query(&mut path, "fieldSelector", &selector);
        let right = Right::to_list_events(namespace);
        let keep = |text: &str, _| {
            let event: Item = serde_json::from_str(text)
                .map_err(|error| RequestError::Unreadable(error.into()))?;
            Ok(Some(EventAbout::of(event)))
        };
        let listed = self.requests.list(&path, &right, None, keep);
        Ok(listed.await?.value.items)
    }
}

impl EventAbout {
    fn of(mut event: Item) -> Self {
        let Involved { namespace, name } = std::mem::take(&mut event.involved_object);
        Self {
            namespace,
            lease: name,
            event: LockEvent::of(event),
        }
    }
}

impl LockEvent {
    fn of(event: Item) -> Self {
        let series = event.series.as_ref();
        let observed = series.and_then(|series| series.last_observed_time);
        let time = observed.or(event.last_timestamp).or(event.began);
        let counted = series.and_then(|series| series.count).or(event.count);
        let component = event.source.and_then(|source| source.component);
        Self {
            time: time.and_then(Time::known),
            first: event.first_timestamp.or(event.began).and_then(Time::known),
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
