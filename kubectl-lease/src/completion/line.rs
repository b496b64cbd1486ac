//! The line that is being typed, as far as it says which cluster is meant.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::FromArgMatches;

use crate::cli;
use crate::global_args::GlobalArgs;

/// What was typed so far, which need not make sense yet.
pub(super) struct Line {
    global: Option<GlobalArgs>,
    words: Vec<OsString>,
}

impl Line {
    /// Reads the words, the program's name being the first.
    pub(super) fn read(words: &[OsString]) -> Self {
        let matches = cli::command()
            .ignore_errors(true)
            .try_get_matches_from(words);
        let global = matches
            .ok()
            .and_then(|matches| GlobalArgs::from_arg_matches(&matches).ok())
            .map(|mut global| {
                global.kubeconfig = global.kubeconfig.map(at_home);
                global
            });
        Self {
            global,
            words: words.to_vec(),
        }
    }

    /// Which cluster; `None` where that cannot be told.
    pub(super) fn global(&self) -> Option<&GlobalArgs> {
        self.global.as_ref()
    }

    /// Whether it is one of the words.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|typed| typed == OsStr::new(word))
    }
}

/// The path behind `~/`, which a shell does not replace before the line is entered.
fn at_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}
