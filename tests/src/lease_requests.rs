//! What a server was asked about leases, as it counts it itself.

use std::collections::BTreeMap;

use crate::ApiServer;

/// Requests about leases that a server has answered, watches when they end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaseRequests(BTreeMap<String, u64>);

impl ApiServer {
    /// Reads them from the server's metrics.
    ///
    /// The server's own lease is renewed in between, unless it was started with
    /// [`LeaseRequests::ONLY_OTHERS`].
    pub fn lease_requests(&self) -> LeaseRequests {
        let metrics = self.kubectl(["get", "--raw", "/metrics"]).success().stdout;
        let mut counted = BTreeMap::new();
        for line in metrics.lines() {
            if let Some((verb, count)) = counter(line) {
                *counted.entry(verb).or_default() += count;
            }
        }
        LeaseRequests(counted)
    }
}

impl LeaseRequests {
    /// The flag of a server that asks itself nothing about leases.
    pub const ONLY_OTHERS: &'static str =
        "--feature-gates=APIServerIdentity=false,UnknownVersionInteroperabilityProxy=false";

    /// What was asked since then.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let more = |(verb, count): (&String, &u64)| {
            let more = count - earlier.of(verb);
            (more > 0).then(|| (verb.clone(), more))
        };
        Self(self.0.iter().filter_map(more).collect())
    }

    /// How often this was asked: `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `DELETE`.
    pub fn of(&self, verb: &str) -> u64 {
        self.0.get(verb).copied().unwrap_or(0)
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// A line of the metric `apiserver_request_total` that is about leases: the verb, and how often.
fn counter(line: &str) -> Option<(String, u64)> {
    let labels = line.strip_prefix("apiserver_request_total{")?;
    let (labels, count) = labels.split_once("} ")?;
    let label = |name: &str| {
        let value = labels.split(',').find_map(|label| label.strip_prefix(name));
        value.map(|value| value.trim_matches(['=', '"']))
    };
    let is_lease =
        label("group") == Some("coordination.k8s.io") && label("resource") == Some("leases");
    let verb = label("verb").filter(|_| is_lease)?;
    Some((verb.to_owned(), count.parse().expect("a counter counts")))
}
