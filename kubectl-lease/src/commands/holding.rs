//! What the verbs of a holder share: saying who one is.

use lease_core::Identity;

use super::taking::parse_identity;
use crate::failure::Failure;

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
    identity: String,
}

impl HolderArgs {
    pub(crate) fn identity(self) -> Result<Identity, Failure> {
        let Self { identity } = self;
        parse_identity(&identity)
    }
}
