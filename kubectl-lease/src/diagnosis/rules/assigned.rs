//! Locks whose holder the control plane assigns (coordinated leader election).

use lease_core::{Dialect, State};

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};

/// `COORDINATED`: nobody was assigned since the lease is over, or the one who was does not come.
pub(super) fn nobody_takes_over(case: &Case<'_>) -> Option<Finding> {
    if *case.dialect() != Dialect::Coordinated || case.state() != State::Expired {
        return None;
    }
    let preferred = case.record().preferred_holder.as_deref();
    let stands = |name: &str| {
        let candidates = case.facts.candidates.as_ref()?;
        let mut here = candidates.iter().filter(|candidate| {
            candidate.namespace == case.namespace() && candidate.lease == case.name()
        });
        Some(here.any(|candidate| name.is_empty() || candidate.name == name))
    };
    let sentence = match preferred.filter(|preferred| !preferred.is_empty()) {
        Some(preferred) if stands(preferred) == Some(false) => format!(
            "its holder stopped for {preferred}, who was to take over, and is no candidate any more"
        ),
        Some(preferred) => {
            format!("its holder stopped for {preferred}, who has not taken over")
        }
        None if stands("") == Some(false) => {
            "its lease is over, and nobody stands for it: it has no candidates".to_owned()
        }
        None => "its lease is over, and the control plane has assigned nobody".to_owned(),
    };
    let finding = case.finding(Code::Coordinated, Severity::Error, sentence);
    let next = format!("get leasecandidates -n {}", case.namespace());
    Some(finding.next(kubectl(&next)))
}
