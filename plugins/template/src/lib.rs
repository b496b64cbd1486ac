//! A policy of `kubectl lease`: who has just taken a lock may keep it for a while.

use lease_policy::{Description, Finding, Patterns, Policy, Request, Verbs, Verdict, settings};
use serde::Deserialize;

/// Its settings, and what it judges by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GracePeriod {
    /// How long a lock is left to who took it.
    minutes: u32,
    /// Which locks.
    #[serde(default)]
    locks: Patterns,
}

impl Policy for GracePeriod {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            // Of other verbs it is not asked.
            verbs: Verbs::taking(),
            // Whether it has to know the pod behind the holder.
            wants_holder: false,
            example_settings: r#"{"minutes": 30, "locks": ["*-batch"]}"#.to_owned(),
        }
    }

    fn configure(text: &str) -> Result<Self, Finding> {
        let policy: Self = settings::parse(text)?;
        if policy.minutes == 0 {
            return Err(settings::invalid("minutes", "it takes one at least"));
        }
        Ok(policy)
    }

    fn review(&self, request: &Request) -> Verdict {
        let lock = &request.lock;
        let Some(taken) = &lock.acquire_time else {
            return Verdict::Abstain;
        };
        if !self.locks.fit(&lock.name) {
            return Verdict::Abstain;
        }
        // There is no clock: the request says when it is.
        let held = request.now.seconds - taken.seconds;
        let left = i64::from(self.minutes) * 60 - held;
        if left <= 0 {
            return Verdict::Allow;
        }
        let minutes = (left + 59) / 60;
        let why = format!("{} was taken a moment ago: wait {minutes}m", lock.name);
        Verdict::deny("just-taken", why)
    }
}

lease_policy::export!(GracePeriod);

#[cfg(test)]
mod tests {
    use super::*;

    /// A request, as `kubectl lease plugin test -o json` shows it.
    fn steal(lock: &str, taken: &str) -> Request {
        let text = format!(
            r#"{{
                "verb": "steal",
                "now": "2026-11-23T08:22:00Z",
                "lock": {{
                    "kind": "lease",
                    "namespace": "payments",
                    "name": "{lock}",
                    "holderIdentity": "a",
                    "acquireTime": "{taken}",
                    "dialect": "client-go"
                }}
            }}"#
        );
        lease_policy::request(&text).unwrap()
    }

    fn policy() -> GracePeriod {
        GracePeriod::configure(&GracePeriod::describe().example_settings).unwrap()
    }

    #[test]
    fn a_lock_is_left_to_who_has_just_taken_it() {
        let verdict = policy().review(&steal("billing-batch", "2026-11-23T08:00:00Z"));
        let why = "billing-batch was taken a moment ago: wait 8m";
        assert_eq!(verdict, Verdict::deny("just-taken", why));
    }

    #[test]
    fn others_are_not_its_business() {
        for (lock, taken, verdict) in [
            ("billing-batch", "2026-11-23T07:52:00Z", Verdict::Allow),
            ("ledger-writer", "2026-11-23T08:00:00Z", Verdict::Abstain),
        ] {
            assert_eq!(policy().review(&steal(lock, taken)), verdict, "{lock}");
        }
    }
}
