//! One lock with all that is known around it: what the rules look at.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use lease_client::{LeaseSummary, LockEvent, Node, Pod};
use lease_core::{Dialect, Evidence, Look, Record, Standing, State, Timestamp, Uid, judge};

use super::finding::{Cause, Finding, Kind, LockId, Severity};
use super::holder::{Holder, Population, workload};
use super::{Code, Facts};
use crate::evidence;
use crate::invocation;

/// The facts in the orders in which rules look for them.
pub(super) struct Index<'a> {
    population: Population<'a>,
    tickets: HashMap<&'a Uid, Vec<&'a LeaseSummary>>,
    events: HashMap<(&'a str, &'a str), Vec<&'a LockEvent>>,
    /// Namespace and name of whatever has a pod.
    workloads: HashSet<(&'a str, &'a str)>,
}

impl<'a> Index<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut tickets: HashMap<_, Vec<_>> = HashMap::new();
        for ticket in &facts.tickets {
            if let Some(lock) = &ticket.waits_for {
                tickets.entry(lock).or_default().push(ticket);
            }
        }
        let mut events: HashMap<_, Vec<_>> = HashMap::new();
        for about in facts.events.iter().flatten() {
            let lock = (about.namespace.as_str(), about.lease.as_str());
            events.entry(lock).or_default().push(&about.event);
        }
        let pods = facts.pods.iter().flat_map(|pods| &pods.pods);
        let workloads = pods.map(|pod| (pod.namespace.as_str(), workload(&pod.name)));
        Self {
            population: Population::of(facts),
            tickets,
            events,
            workloads: workloads.collect(),
        }
    }
}

/// One lock, and what is known of its holder.
pub(crate) struct Case<'a> {
    pub(super) facts: &'a Facts,
    index: &'a Index<'a>,
    pub(crate) lock: &'a LeaseSummary,
    pub(crate) standing: Standing,
    /// `None` if nobody holds it.
    pub(crate) holder: Option<Holder<'a>>,
}

impl<'a> Case<'a> {
    pub(super) fn of(facts: &'a Facts, index: &'a Index<'a>, lock: &'a LeaseSummary) -> Self {
        let look = Look::stamped_or_first(&lock.snapshot, facts.date);
        let held = lock.snapshot.record.holder();
        Self {
            facts,
            index,
            lock,
            standing: *judge(&lock.snapshot, look).standing(),
            holder: held.map(|identity| index.population.holder(lock, identity)),
        }
    }

    pub(super) fn record(&self) -> &'a Record {
        &self.lock.snapshot.record
    }

    pub(super) fn dialect(&self) -> &'a Dialect {
        &self.lock.snapshot.dialect
    }

    pub(super) fn state(&self) -> State {
        self.standing.state
    }

    pub(super) fn name(&self) -> &'a str {
        &self.lock.snapshot.name
    }

    pub(super) fn namespace(&self) -> &'a str {
        &self.lock.snapshot.namespace
    }

    /// What the API server's clock shows.
    pub(super) fn now(&self) -> Timestamp {
        self.facts.now()
    }

    /// For how long the record has not changed, by the API server's stamp.
    pub(super) fn unchanged_for(&self) -> Option<Duration> {
        let seen = self.standing.evidence.as_ref().map(Evidence::age);
        let stamp = self.lock.snapshot.stamp;
        match self.state() {
            State::Unknown => None,
            State::Unbounded => stamp.map(|stamp| self.now().since(stamp)),
            _ => seen,
        }
    }

    /// Who may stand behind an identity other than the holder's.
    pub(super) fn who(&self, lease: &'a LeaseSummary, identity: &'a str) -> Holder<'a> {
        self.index.population.holder(lease, identity)
    }

    pub(super) fn tickets(&self) -> &[&'a LeaseSummary] {
        let uid = &self.lock.snapshot.version.uid;
        self.index.tickets.get(uid).map_or(&[], Vec::as_slice)
    }

    pub(super) fn events(&self) -> &[&'a LockEvent] {
        let lock = (self.namespace(), self.name());
        self.index.events.get(&lock).map_or(&[], Vec::as_slice)
    }

    /// Whether there is a pod of a workload of this name in the lock's namespace.
    pub(super) fn has_workload(&self, name: &str) -> bool {
        self.index.workloads.contains(&(self.namespace(), name))
    }

    /// The node of this name, or with this host name.
    pub(super) fn node(&self, name: &str) -> Option<&'a Node> {
        self.index.population.node(name)
    }

    /// All nodes of this name, or with this host name.
    pub(super) fn namesakes(&self, name: &str) -> &[&'a Node] {
        self.index.population.namesakes(name)
    }

    /// The pod that surely is the holder's.
    pub(super) fn certain_pod(&self) -> Option<&'a Pod> {
        match self.holder {
            Some(Holder::Pod {
                pod,
                is_certain: true,
            }) => Some(pod),
            _ => None,
        }
    }

    /// Who stands behind the holder, in words, and whether that pod and its node are ready; `None`
    /// where that cannot be told for want of pods or nodes.
    pub(crate) fn who_holds(&self) -> Option<String> {
        let holder = self.holder.as_ref()?;
        let is_wanting = self.facts.pods.is_none() || self.facts.nodes.is_none();
        if is_wanting && matches!(holder, Holder::Unknown(_)) {
            return None;
        }
        let mut text = holder.sentence();
        if let Holder::Pod { pod, .. } = holder {
            text += match pod.is_ready {
                Some(true) => "; it is ready",
                Some(false) => "; it is not ready",
                None => "",
            };
            let node = pod.node.as_deref().and_then(|name| self.node(name));
            text += &match node.map(Node::down) {
                Some(Some(down)) => format!("; its node is not ready ({})", down.reason),
                Some(None) => "; its node is ready".to_owned(),
                None => String::new(),
            };
        }
        Some(text)
    }

    /// What is known of how the lock stands, and of who holds it.
    pub(super) fn evidence(&self) -> Vec<String> {
        let record = self.record();
        let mut evidence = vec![evidence::sentence(&self.standing, record.duration_seconds)];
        if let (Some(identity), Some(holder)) = (record.holder(), &self.holder) {
            evidence.push(format!("held by {identity}: {}", holder.sentence()));
        }
        evidence
    }

    /// A finding about this lock.
    pub(super) fn finding(&self, code: Code, severity: Severity, sentence: String) -> Finding {
        Finding {
            code,
            severity,
            cause: None,
            sentence,
            evidence: self.evidence(),
            next: invocation::command("describe", self.name(), self.namespace()),
            locks: vec![self.id()],
        }
    }

    pub(super) fn id(&self) -> LockId {
        LockId {
            kind: Kind::Lease,
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
        }
    }

    /// The command that sets a lock free whose holder is gone, if it may be; else the one that
    /// shows it. What never expires is broken, which asks again.
    pub(super) fn free_it(&self) -> String {
        let verb = match self.state() {
            State::Expired if self.dialect().may_take() => "steal --release",
            State::Unbounded if self.may_be_broken() => "force-release",
            _ => "describe",
        };
        invocation::command(verb, self.name(), self.namespace())
    }

    /// The command that shows who would lose a lock that never expires, and changes nothing.
    pub(super) fn see_who_loses_it(&self) -> String {
        let verb = if self.may_be_broken() {
            "force-release --dry-run"
        } else {
            "describe"
        };
        invocation::command(verb, self.name(), self.namespace())
    }

    fn may_be_broken(&self) -> bool {
        self.dialect().may_take() || matches!(self.dialect(), Dialect::Terraform { .. })
    }
}

impl Finding {
    pub(super) fn because_of(self, cause: Cause) -> Self {
        Self {
            cause: Some(cause),
            ..self
        }
    }

    pub(super) fn next(self, next: String) -> Self {
        Self { next, ..self }
    }

    pub(super) fn known_by(mut self, evidence: String) -> Self {
        self.evidence.push(evidence);
        self
    }
}

/// The same in the name of somebody else, and of nobody but them.
pub(super) fn kubectl_as(user: &str, arguments: &str) -> String {
    let flags = invocation::cluster_flags_without_impersonation();
    format!("kubectl {arguments}{flags} --as {user}")
}

/// A kubectl command, as it can be typed, that reaches the same cluster.
pub(crate) fn kubectl(arguments: &str) -> String {
    format!("kubectl {arguments}{}", invocation::cluster_flags())
}
