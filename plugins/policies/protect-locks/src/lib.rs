//! A policy of `kubectl lease`: some locks are not stolen or broken, or only by some people.

mod labels;
mod settings;

use lease_policy::{Description, Finding, Policy, Request, Verbs, Verdict};

pub use labels::Labels;
pub use settings::{Rule, Settings};

/// Denies what its rules protect.
#[derive(Clone, Debug)]
pub struct ProtectLocks(Settings);

const EXAMPLE: &str = r#"{
  "protect": [
    {"namespaces": ["kube-system"], "because": "the control plane looks after itself"},
    {"namespaces": ["prod-*"], "locks": ["*-migration"], "users": ["dba-*"], "contexts": ["break-glass"]},
    {"selector": "tier=gold", "verbs": ["acquire", "run", "release", "steal", "force-release"]}
  ]
}"#;

impl Policy for ProtectLocks {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            verbs: Verbs::all(),
            wants_holder: false,
            example_settings: EXAMPLE.to_owned(),
        }
    }

    fn configure(text: &str) -> Result<Self, Finding> {
        Settings::parse(text).map(Self)
    }

    fn review(&self, request: &Request) -> Verdict {
        let mut rules = self
            .0
            .protect
            .iter()
            .filter(|rule| rule.covers(request))
            .peekable();
        if rules.peek().is_none() {
            return Verdict::Abstain;
        }
        // Whoever one rule lets through may still be held up by another.
        rules
            .find(|rule| !rule.lets_through(request))
            .map_or(Verdict::Allow, |rule| refused(rule, request))
    }
}

fn refused(rule: &Rule, request: &Request) -> Verdict {
    let lock = &request.lock;
    let mut text = format!(
        "{}/{} is protected from {}",
        lock.namespace, lock.name, request.verb
    );
    if let Some(because) = &rule.because {
        text += &format!(": {because}");
    }
    let mut who = Vec::new();
    if let Some(users) = &rule.users {
        who.push(format!("the user {}", users.shown()));
    }
    if let Some(contexts) = &rule.contexts {
        who.push(format!("the context {}", contexts.shown()));
    }
    if !who.is_empty() {
        text += &format!("; it is left to {}", who.join(", and to "));
    }
    Verdict::deny("protected-lock", text)
}

lease_policy::export!(ProtectLocks);
