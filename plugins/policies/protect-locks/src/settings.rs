//! Which locks are protected, from what, and by whom they may be touched nonetheless.

use lease_policy::{Finding, Patterns, Request, Verbs, settings};
use serde::Deserialize;

use crate::Labels;

/// All of its settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Each protects locks on its own.
    pub protect: Vec<Rule>,
}

/// Some locks, and who may touch them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// In which namespaces.
    pub namespaces: Option<Patterns>,
    /// Of which names.
    pub locks: Option<Patterns>,
    /// With which labels.
    pub selector: Option<Labels>,
    /// From which verbs.
    #[serde(default)]
    pub verbs: Verbs,
    /// Users who may nonetheless.
    pub users: Option<Patterns>,
    /// Contexts in which one may nonetheless.
    pub contexts: Option<Patterns>,
    /// Why, for people.
    pub because: Option<String>,
}

impl Settings {
    /// Reads them, and looks whether they make sense together.
    ///
    /// # Errors
    /// The field, and its rule.
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let found: Self = settings::parse(text)?;
        if found.protect.is_empty() {
            let rule = "there is no rule: write one as {\"namespaces\": [\"kube-system\"]}";
            return Err(settings::invalid("protect", rule));
        }
        for (at, rule) in found.protect.iter().enumerate() {
            rule.check().map_err(|(field, why)| {
                settings::invalid(&format!("protect[{at}]{field}"), &why)
            })?;
        }
        Ok(found)
    }
}

impl Rule {
    fn check(&self) -> Result<(), (String, String)> {
        if self.namespaces.is_none() && self.locks.is_none() && self.selector.is_none() {
            let rule = "it does not say which locks: write namespaces, locks or a selector; [\"*\"] means all";
            return Err((String::new(), rule.to_owned()));
        }
        Ok(())
    }

    /// Whether it protects this lock from this verb.
    pub fn covers(&self, request: &Request) -> bool {
        let lock = &request.lock;
        let fit = |patterns: &Option<Patterns>, name| {
            patterns.as_ref().is_none_or(|patterns| patterns.fit(name))
        };
        self.verbs.include(&request.verb)
            && fit(&self.namespaces, &lock.namespace)
            && fit(&self.locks, &lock.name)
            && self
                .selector
                .as_ref()
                .is_none_or(|labels| labels.are_in(&lock.labels))
    }

    /// Whether who asks may nonetheless. Who is not named is nobody.
    pub fn lets_through(&self, request: &Request) -> bool {
        let is_named = |patterns: &Option<Patterns>, name: &Option<String>| match (patterns, name) {
            (Some(patterns), Some(name)) => patterns.fit(name),
            _ => false,
        };
        is_named(&self.users, &request.user) || is_named(&self.contexts, &request.context)
    }
}
