//! Doing as if.

use clap::ValueEnum;

/// How far a verb that writes goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DryRun {
    /// To the write that would be sent
    Client,
    /// All the way
    None,
    /// To the API server, which checks what is written and does not keep it
    Server,
}

impl DryRun {
    /// What is added to the sentence that says what was done; kubectl's words.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Client => " (dry run)",
            Self::None => "",
            Self::Server => " (server dry run)",
        }
    }
}

/// The flag of the verbs that write.
#[derive(clap::Args)]
pub(crate) struct DryRunArgs {
    /// Tell what would be written, and write nothing
    #[arg(long, value_name = "none|client|server", default_value = "none", num_args = 0..=1,
          require_equals = true, default_missing_value = "client", hide_default_value = true)]
    pub(crate) dry_run: DryRun,
}
