//! From a policy to what the contract wants.

use std::cell::OnceCell;

use crate::{Finding, Policy, Request, Verdict};

/// Exports a [`Policy`] as the contract has it. Natively, where nobody would find the functions by
/// their names, it does nothing, so that many policies can be tested in one program.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            ::std::thread_local! {
                static POLICY: $crate::Configured<$policy> = const { $crate::Configured::new() };
            }

            struct Component;

            impl $crate::bindings::exports::lease::policy::policy::Guest for Component {
                fn describe() -> $crate::Description {
                    <$policy as $crate::Policy>::describe()
                }

                fn configure(settings: ::std::string::String) -> Result<(), $crate::Finding> {
                    POLICY.with(|policy| policy.configure(&settings))
                }

                fn review(request: $crate::Request) -> $crate::Verdict {
                    POLICY.with(|policy| policy.review(&request))
                }
            }

    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}

/// The policy of an instance, once there are settings.
pub struct Configured<P>(OnceCell<P>);

impl<P: Policy> Configured<P> {
    /// One without settings.
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// Takes in the settings.
    ///
    /// # Errors
    /// What the policy finds wrong.
    pub fn configure(&self, settings: &str) -> Result<(), Finding> {
        let policy = P::configure(settings)?;
        self.0.set(policy).map_err(|_| {
            let message = "an instance is configured once";
            Finding::new("configured-twice", message)
        })
    }

    /// Judges a request by them.
    pub fn review(&self, request: &Request) -> Verdict {
        match self.0.get() {
            Some(policy) => policy.review(request),
            // A host that forgets to configure must not get anything past a policy.
            None => Verdict::deny("not-configured", "this policy was not given its settings"),
        }
    }
}

impl<P: Policy> Default for Configured<P> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Description, Lock, Timestamp};

    /// Takes no settings but `{}`.
    struct Allows;

    impl Policy for Allows {
        fn describe() -> Description {
            unreachable!("nobody asks")
        }

        fn configure(settings: &str) -> Result<Self, Finding> {
            match settings {
                "{}" => Ok(Self),
                _ => Err(Finding::new("invalid-settings", "no")),
            }
        }

        fn review(&self, _: &Request) -> Verdict {
            Verdict::Allow
        }
    }

    fn request() -> Request {
        Request {
            verb: "steal".to_owned(),
            now: Timestamp {
                seconds: 0,
                nanoseconds: 0,
            },
            utc_offset_seconds: 0,
            dry_run: false,
            reason: None,
            context: None,
            user: None,
            identity: None,
            lock: Lock {
                kind: "lease".to_owned(),
                namespace: "default".to_owned(),
                name: "nightly".to_owned(),
                uid: None,
                resource_version: None,
                labels: Vec::new(),
                annotations: Vec::new(),
                holder_identity: None,
                lease_duration_seconds: None,
                acquire_time: None,
                renew_time: None,
                lease_transitions: None,
                dialect: "client-go".to_owned(),
                standing: None,
            },
            holder: None,
        }
    }

    #[test]
    fn without_settings_everything_is_denied() {
        let policy = Configured::<Allows>::new();
        let is_denied = || matches!(policy.review(&request()), Verdict::Deny(_));
        assert!(is_denied());
        policy.configure("[]").unwrap_err();
        assert!(is_denied());
        policy.configure("{}").unwrap();
        assert!(!is_denied());
        let finding = policy.configure("{}").unwrap_err();
        assert_eq!(finding.code, "configured-twice");
    }
}
