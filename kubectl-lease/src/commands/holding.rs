//! What the verbs of a holder share: saying which lock, and who one is.

use std::borrow::Cow;

use lease_core::Identity;

use super::taking::parse_identity;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::lock_name;

/// Which lock, which under `run` is that of the environment.
#[derive(clap::Args)]
pub(crate) struct LockArgs {
    /// The lock: NAME, lease/NAME or configmap/NAME; by default the one that `run` holds, of `LEASE_NAME`
    name: Option<String>,
}

impl LockArgs {
    /// The lock's name, and the flags with the namespace in which it is looked for.
    pub(crate) fn name(
        self,
        global: &GlobalArgs,
    ) -> Result<(String, Cow<'_, GlobalArgs>), Failure> {
        let Self { name } = self;
        if let Some(name) = name {
            return Ok((lock_name::parse(&name)?, Cow::Borrowed(global)));
        }
        let Some(name) = environment("LEASE_NAME") else {
            return Err(Failure::error("which lock?")
                .hint("type its NAME; it is LEASE_NAME only under `run`")
                .hint(format!(
                    "see those that there are with `{}`",
                    invocation::line("ls")
                )));
        };
        let mut global = Cow::Borrowed(global);
        if global.namespace.as_deref().is_none_or(str::is_empty)
            && let Some(namespace) = environment("LEASE_NAMESPACE")
        {
            global.to_mut().namespace = Some(namespace);
        }
        Ok((lock_name::parse(&name)?, global))
    }

    /// Who holds the lock of the environment, if that is the one.
    pub(crate) fn identity_of_environment(&self) -> Option<String> {
        match &self.name {
            Some(_) => None,
            None => environment("LEASE_IDENTITY"),
        }
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Who holds the lock.
#[derive(clap::Args)]
pub(crate) struct HolderArgs {
    /// Who holds the lock, as `acquire` or `steal` printed it
    #[arg(
        long,
        value_name = "ID",
        env = "LEASE_IDENTITY",
        hide_env_values = true
    )]
    identity: Option<String>,
}

impl HolderArgs {
    pub(crate) fn identity(self) -> Result<Identity, Failure> {
        let Self { identity } = self;
        let Some(identity) = identity else {
            return Err(Failure::error("only the holder may do this; who are you?")
                .hint(
                    "say it with --identity or LEASE_IDENTITY, as `acquire` or `steal` printed it",
                )
                .hint(format!(
                    "who holds a lock is told by `{}`",
                    invocation::line("ls")
                )));
        };
        parse_identity(&identity)
    }
}
