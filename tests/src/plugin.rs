//! Our own command line, called directly.

use std::ffi::OsStr;
use std::process::Command;

use crate::{Client, Output, parts};

impl Client {
    /// Runs kubectl-lease.
    pub fn plugin<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        Output::of(self.plugin_command().args(args))
    }

    /// The command behind [`Client::plugin`], to be changed or started.
    pub fn plugin_command(&self) -> Command {
        self.command(parts::plugin())
    }
}
