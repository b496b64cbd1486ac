//! The verbs, one file each.

mod acquire;
mod check;
#[cfg(feature = "plugins")]
mod compile_policy;
mod completion;
mod contending;
mod demo;
mod describe;
mod docs;
mod doctor;
mod force_release;
mod guardian;
mod holding;
mod holding_time;
mod inherited;
mod keeping;
mod ls;
#[cfg(feature = "plugins")]
mod plugin;
mod release;
mod renew;
mod run;
mod steal;
mod taking;
mod timing;
mod version;
mod wait;
mod watch;

use clap::Subcommand;
pub(crate) use taking::unattended;

use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::ui::Ui;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Acquire(acquire::Args),
    Check(check::Args),
    #[cfg(feature = "plugins")]
    #[command(hide = true)]
    CompilePolicy(compile_policy::Args),
    Completion(completion::Args),
    Demo(demo::Args),
    Describe(describe::Args),
    #[command(hide = true)]
    Docs(docs::Args),
    Doctor(doctor::Args),
    ForceRelease(force_release::Args),
    #[command(hide = true)]
    Guardian(guardian::Args),
    #[command(visible_alias = "list", alias = "get")]
    Ls(ls::Args),
    #[cfg(feature = "plugins")]
    Plugin(plugin::Args),
    Release(release::Args),
    Renew(renew::Args),
    Run(run::Args),
    Steal(steal::Args),
    Timing(timing::Args),
    Version(version::Args),
    Wait(wait::Args),
    Watch(watch::Args),
}

impl Command {
    /// Does it, and tells the exit code.
    pub(crate) async fn run(self, ui: &Ui, global: &GlobalArgs) -> Result<u8, Failure> {
        match self {
            Self::Acquire(args) => return Box::pin(acquire::run(ui, global, args)).await,
            Self::Check(args) => return check::run(ui, global, args).await,
            #[cfg(feature = "plugins")]
            Self::CompilePolicy(args) => return compile_policy::run(args),
            Self::Completion(args) => completion::run(ui, args),
            Self::Demo(args) => demo::run(ui, args).await,
            Self::Describe(args) => describe::run(ui, global, args).await,
            Self::Docs(args) => docs::run(ui, args),
            // What it holds while it reads in parallel is much for a stack.
            Self::Doctor(args) => return Box::pin(doctor::run(ui, global, args)).await,
            Self::ForceRelease(args) => {
                return Box::pin(force_release::run(ui, global, args)).await;
            }
            Self::Guardian(args) => guardian::run(args).await,
            Self::Ls(args) => ls::run(ui, global, args).await,
            #[cfg(feature = "plugins")]
            Self::Plugin(args) => return Box::pin(plugin::run(ui, global, args)).await,
            Self::Release(args) => Box::pin(release::run(ui, global, args)).await,
            Self::Renew(args) => renew::run(ui, global, args).await,
            Self::Run(args) => {
                let result = Box::pin(run::run(ui, global, args)).await;
                return result.map_err(Failure::under_run);
            }
            Self::Steal(args) => Box::pin(steal::run(ui, global, args)).await,
            Self::Timing(args) => timing::run(ui, global, args).await,
            Self::Version(args) => version::run(ui, args),
            Self::Wait(args) => wait::run(ui, global, args).await,
            Self::Watch(args) => watch::run(ui, global, args).await,
        }
        .map(|()| 0)
    }
}
