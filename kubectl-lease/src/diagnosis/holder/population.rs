//! Who lives in a cluster, by name.

use std::borrow::Cow;
use std::collections::HashMap;

use lease_client::{LeaseSummary, Node, Pod};

use super::Holder;
use super::naming::{Naming, is_generated, naming};
use crate::diagnosis::Facts;

/// The pods and nodes that could be read, by every name that they have.
pub(crate) struct Population<'a> {
    pods: HashMap<&'a str, Vec<&'a Pod>>,
    nodes: HashMap<Cow<'a, str>, Vec<&'a Node>>,
    /// Why a pod that is not found may be there all the same.
    missing_pods: Option<&'static str>,
    /// Why a node that is not found may be there all the same.
    missing_nodes: Option<&'static str>,
}

impl<'a> Population<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let mut pods: HashMap<_, Vec<_>> = HashMap::new();
        for pod in facts.pods.iter().flat_map(|pods| &pods.pods) {
            pods.entry(pod.name.as_str()).or_default().push(pod);
            if let Some(host) = pod.host().filter(|host| *host != pod.name) {
                pods.entry(host).or_default().push(pod);
            }
        }
        let mut nodes: HashMap<_, Vec<_>> = HashMap::new();
        for node in facts.nodes.iter().flatten() {
            let mut names = vec![Cow::from(&node.name)];
            names.extend(node.hostname.as_deref().map(Cow::from));
            if let Some((short, _)) = node.name.split_once('.') {
                // Of a full name, processes may see the first part only, and CSI sidecars write
                // dashes for dots.
                names.push(short.into());
                names.push(node.name.replace('.', "-").into());
            }
            for name in names {
                let named = nodes.entry(name).or_default();
                if !named.contains(&node) {
                    named.push(node);
                }
            }
        }
        Self {
            pods,
            nodes,
            missing_pods: match &facts.pods {
                None => Some("pods could not be read"),
                Some(pods) if !pods.are_all => Some("pods of other namespaces could not be read"),
                Some(_) => None,
            },
            missing_nodes: facts.nodes.is_none().then_some("nodes could not be read"),
        }
    }

    /// The one node of this name, or with this host name.
    pub(in crate::diagnosis) fn node(&self, name: &str) -> Option<&'a Node> {
        match self.nodes.get(name)?.as_slice() {
            [node] => Some(node),
            _ => None,
        }
    }

    /// All nodes of this name, or with this host name.
    pub(in crate::diagnosis) fn namesakes(&self, name: &str) -> &[&'a Node] {
        self.nodes.get(name).map_or(&[], Vec::as_slice)
    }

    /// Who stands behind an identity on a lock.
    pub(crate) fn holder(&self, lock: &'a LeaseSummary, identity: &'a str) -> Holder<'a> {
        match naming(lock, identity) {
            Naming::Host(host) => self.host(lock, host),
            Naming::Node(name) => self.on_node(lock, name).unwrap_or_else(|| {
                self.missing_nodes.map_or_else(
                    || Holder::Absent(name.to_owned()),
                    |why| Holder::Unknown(why.to_owned()),
                )
            }),
            Naming::Nothing(why) => Holder::Unknown(why.to_owned()),
        }
    }

    /// What is behind a lock's holder, in as few words as a column has room for; a question mark
    /// where that is not certain. `None` if nobody holds it.
    pub(crate) fn object(&self, lock: &'a LeaseSummary) -> Option<String> {
        let holder = self.holder(lock, lock.snapshot.record.holder()?);
        Some(match holder {
            Holder::Pod { pod, is_certain } => {
                let namespace = if pod.namespace == lock.snapshot.namespace {
                    String::new()
                } else {
                    format!("{}/", pod.namespace)
                };
                let node = pod.node.as_deref();
                let at = node.map_or_else(String::new, |node| format!("@{node}"));
                let doubt = if is_certain { "" } else { "?" };
                let node = node.and_then(|node| self.node(node));
                let trouble = if pod.deletion.is_some() {
                    " (Terminating)".to_owned()
                } else if pod.has_ended() {
                    format!(" ({})", pod.reason.as_ref().unwrap_or(&pod.phase))
                } else if node.is_some_and(|node| node.down().is_some()) {
                    " (node not ready)".to_owned()
                } else if pod.is_ready == Some(false) {
                    " (not ready)".to_owned()
                } else {
                    String::new()
                };
                format!("pod/{namespace}{}{at}{doubt}{trouble}", pod.name)
            }
            Holder::Node(node) => {
                let trouble = node.down().map_or("", |_| " (not ready)");
                format!("node/{}{trouble}", node.name)
            }
            Holder::Gone(_) => "gone".to_owned(),
            Holder::Absent(_) => "elsewhere?".to_owned(),
            Holder::Unknown(_) => "?".to_owned(),
        })
    }

    fn host(&self, lock: &LeaseSummary, host: &str) -> Holder<'a> {
        let pods = self.pods.get(host).map_or(&[][..], Vec::as_slice);
        let namespace = &lock.snapshot.namespace;
        let mut here = pods.iter().filter(|pod| pod.namespace == *namespace);
        let is_unique = pods.len() == 1
            && !self.nodes.contains_key(host)
            && (self.missing_pods.is_none() || is_generated(host));
        match (here.next(), here.next(), pods) {
            (Some(pod), None, _) => Holder::Pod {
                pod,
                is_certain: is_unique,
            },
            // In another namespace, a name that anybody could give says little.
            (None, _, [pod]) if !self.nodes.contains_key(host) => Holder::Pod {
                pod,
                is_certain: is_unique && is_generated(host),
            },
            (None, _, []) => self
                .on_node(lock, host)
                .unwrap_or_else(|| self.nobody(host)),
            _ => Holder::Unknown(format!("more than one is called {host}")),
        }
    }

    /// A process on a node; if it is the lock's own component, its static pod.
    fn on_node(&self, lock: &LeaseSummary, name: &str) -> Option<Holder<'a>> {
        if self.nodes.get(name)?.len() > 1 {
            return Some(Holder::Unknown(format!(
                "more than one node is called {name}"
            )));
        }
        let node = self.node(name)?;
        let component = format!("{}-{}", lock.snapshot.name, node.name);
        let of_that_name = self.pods.get(component.as_str());
        let mut mirrors = of_that_name
            .into_iter()
            .flatten()
            .filter(|pod| pod.is_mirror);
        Some(match (mirrors.next(), mirrors.next()) {
            (Some(pod), None) => Holder::Pod {
                pod,
                is_certain: true,
            },
            _ => Holder::Node(node),
        })
    }

    fn nobody(&self, host: &str) -> Holder<'a> {
        match self.missing_pods.or(self.missing_nodes) {
            Some(why) => Holder::Unknown(why.to_owned()),
            None if is_generated(host) => Holder::Gone(host.to_owned()),
            None => Holder::Absent(host.to_owned()),
        }
    }
}
