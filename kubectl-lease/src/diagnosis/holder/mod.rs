//! From the identity of a holder to the pod or the node behind it, or to an honest unknown.

mod naming;
mod population;
#[cfg(test)]
mod projects;

use lease_client::{Node, Pod};

pub(super) use naming::workload;
pub(crate) use population::Population;

/// Who stands behind an identity.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Holder<'a> {
    /// A pod of this name is there.
    Pod {
        pod: &'a Pod,
        /// Whether it can be no other one. Nothing is concluded from the death of one that
        /// may be another.
        is_certain: bool,
    },
    /// A process on this node.
    Node(&'a Node),
    /// A name that was made for a pod, and neither a pod nor a node has it any more.
    Gone(String),
    /// Neither a pod nor a node has this name. It may be that of a machine elsewhere.
    Absent(String),
    /// It cannot be told, for this reason.
    Unknown(String),
}

impl Holder<'_> {
    /// In words.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Pod { pod, is_certain } => {
                let phase = match &pod.reason {
                    Some(reason) => format!("{}, {reason}", pod.phase),
                    None if pod.deletion.is_some() => format!("{}, Terminating", pod.phase),
                    None => pod.phase.clone(),
                };
                let node = pod.node.as_ref();
                let node = node.map_or_else(String::new, |node| format!(" on node {node}"));
                let restarts = match pod.restarts() {
                    0 => String::new(),
                    1 => ", 1 restart".to_owned(),
                    count => format!(", {count} restarts"),
                };
                let doubt = if *is_certain {
                    ""
                } else {
                    "; another one may have the same name"
                };
                format!(
                    "pod {}/{} ({phase}{restarts}){node}{doubt}",
                    pod.namespace, pod.name
                )
            }
            Self::Node(node) => match node.down() {
                None => format!("a process on node {}", node.name),
                Some(down) => format!(
                    "a process on node {}, which is not ready ({})",
                    node.name, down.reason
                ),
            },
            Self::Gone(name) => format!("there is no pod and no node {name} any more"),
            Self::Absent(name) => {
                format!("no pod and no node is called {name}; it may run elsewhere")
            }
            Self::Unknown(why) => format!("who that is cannot be told: {why}"),
        }
    }
}
