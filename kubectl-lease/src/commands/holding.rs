//! What the verbs of a holder share: saying who one is.

use lease_core::Identity;

use super::taking::parse_identity;
use crate::failure::Failure;
use crate::invocation;

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
