//! A policy of `kubectl lease`: nothing is taken from a holder whose pod is ready.
//!
//! A lease that ended says that its holder did not renew it. A pod that is ready says that its program
//! answers. Where both are true it may well be that only the renewals fail, and that two would
//! work at once.

use lease_policy::{
    Description, Finding, Holder, Patterns, Policy, Request, Verbs, Verdict, settings,
};
use serde::Deserialize;

/// Denies to steal from and to break the lock of a pod that is ready.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectReadyPods {
    /// What to say where nobody knows whether the holder lives.
    #[serde(default)]
    pub unknown: Unknown,
    /// In which namespaces.
    #[serde(default)]
    pub namespaces: Patterns,
    /// Which locks.
    #[serde(default)]
    pub locks: Patterns,
}

/// What to say of a holder of which nothing is known.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// Nothing is against it.
    Allow,
    /// Nothing is against it, but whoever does it is told.
    #[default]
    Warn,
    /// It must not be done.
    Deny,
}

const EXAMPLE: &str = r#"{
  "unknown": "warn",
  "namespaces": ["*"],
  "locks": ["*"]
}"#;

impl Policy for ProtectReadyPods {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            verbs: Verbs::taking(),
            wants_holder: true,
            example_settings: EXAMPLE.to_owned(),
        }
    }

    fn configure(text: &str) -> Result<Self, Finding> {
        settings::parse(text)
    }

    fn review(&self, request: &Request) -> Verdict {
        let lock = &request.lock;
        let is_meant = Verbs::TAKING.contains(&&*request.verb)
            && self.namespaces.fit(&lock.namespace)
            && self.locks.fit(&lock.name);
        let is_held = lock
            .holder_identity
            .as_ref()
            .is_some_and(|holder| !holder.is_empty());
        if !is_meant || !is_held {
            return Verdict::Abstain;
        }
        match &request.holder {
            Some(holder) => self.judge(holder),
            None => self.unknown("nothing is known of its holder"),
        }
    }
}

impl ProtectReadyPods {
    fn judge(&self, holder: &Holder) -> Verdict {
        let namespace = holder.namespace.as_deref().unwrap_or("?");
        let name = holder.name.as_deref().unwrap_or("?");
        match &*holder.kind {
            "pod" if holder.ready == Some(true) => {
                let advice = format!(
                    "its holder, pod {namespace}/{name}, is ready, and may go on working: \
                     see why it does not renew (kubectl logs {name} -n {namespace}), or delete the pod first"
                );
                Verdict::deny("holder-is-ready", advice)
            }
            "pod" | "gone" => Verdict::Allow,
            "node" => self.unknown(&format!(
                "its holder runs on node {name}, and nothing tells whether it lives"
            )),
            "unknown" => self.unknown("nobody could tell whether its holder lives"),
            kind => {
                let rule = format!("its holder is a {kind}, of which this policy knows nothing");
                Verdict::deny("holder-of-a-new-kind", rule)
            }
        }
    }

    fn unknown(&self, why: &str) -> Verdict {
        match self.unknown {
            Unknown::Allow => Verdict::Allow,
            Unknown::Warn => Verdict::warn("holder-unknown", why),
            Unknown::Deny => Verdict::deny("holder-unknown", why),
        }
    }
}

lease_policy::export!(ProtectReadyPods);
