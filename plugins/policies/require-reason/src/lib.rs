//! A policy of `kubectl lease`: who steals or breaks a lock has to say why.

mod settings;

use lease_policy::{Description, Finding, Policy, Request, Verbs, Verdict};

pub use settings::{Pattern, Settings};

/// Denies what is done without a reason, or with one that does not look as it should.
#[derive(Clone, Debug)]
pub struct RequireReason(Settings);

const EXAMPLE: &str = r#"{
  "pattern": "[A-Z]+-[0-9]+",
  "example": "OPS-4711: the runner is gone",
  "verbs": ["steal", "force-release"],
  "namespaces": ["*"],
  "locks": ["*"]
}"#;

impl Policy for RequireReason {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            verbs: Verbs::taking(),
            wants_holder: false,
            example_settings: EXAMPLE.to_owned(),
        }
    }

    fn configure(text: &str) -> Result<Self, Finding> {
        Settings::parse(text).map(Self)
    }

    fn review(&self, request: &Request) -> Verdict {
        let Self(settings) = self;
        let lock = &request.lock;
        let is_meant = settings.verbs.include(&request.verb)
            && settings.namespaces.fit(&lock.namespace)
            && settings.locks.fit(&lock.name);
        if !is_meant {
            return Verdict::Abstain;
        }
        let what = format!("{} of {}/{}", request.verb, lock.namespace, lock.name);
        let example = settings.example.as_deref();
        let such_as = example.map_or_else(String::new, |example| {
            format!(", such as --reason '{example}'")
        });
        let reason = request.reason.as_deref().unwrap_or_default().trim();
        if reason.is_empty() {
            return Verdict::deny("no-reason", format!("{what} needs a --reason{such_as}"));
        }
        match &settings.pattern {
            Some(pattern) if !pattern.is_in(reason) => {
                let rule = format!("{what} needs a --reason with {pattern} in it{such_as}");
                Verdict::deny("reason-does-not-fit", rule)
            }
            _ => Verdict::Allow,
        }
    }
}

lease_policy::export!(RequireReason);
