//! Identities that more than one contender may go by.

use lease_core::{Dialect, State};

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};
use crate::invocation;

/// `COLLISION`: its holder goes by nothing but a host name, which several machines have. Each
/// contender there finds its own name in the lock, and takes it for its own (client-go's
/// `IsLeader` compares identities).
pub(super) fn share_a_name(case: &Case<'_>) -> Option<Finding> {
    let is_renewed = matches!(case.state(), State::Held | State::Late);
    if *case.dialect() != Dialect::ClientGo || !is_renewed {
        return None;
    }
    let identity = case.record().holder()?;
    let nodes: Vec<_> = case
        .namesakes(identity)
        .iter()
        .filter(|node| node.down().is_none())
        .map(|node| node.name.as_str())
        .collect();
    if nodes.len() < 2 {
        return None;
    }
    let sentence = format!(
        "its holder calls itself {identity}, which is the host name of {} nodes: whoever contends \
         on each of them takes the lock for its own",
        nodes.len()
    );
    let finding = case.finding(Code::Collision, Severity::Warning, sentence);
    let next = format!(
        "get nodes {}",
        nodes
            .iter()
            .map(|node| invocation::quoted(node))
            .collect::<Vec<_>>()
            .join(" ")
    );
    Some(
        finding
            .known_by(format!("nodes {} have that host name", nodes.join(", ")))
            .next(kubectl(&format!("{next} -L kubernetes.io/hostname"))),
    )
}
