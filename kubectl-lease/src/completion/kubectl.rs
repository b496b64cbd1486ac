//! kubectl's own completion.
//!
//! For `kubectl lease WORDS...`, kubectl runs an executable `kubectl_complete-lease` with the
//! words, the last being the one to complete, and passes what that prints on to its shell script:
//! a candidate a line, with a tab and a description, and at last `:` and a directive. That is
//! cobra's protocol; see `pluginCompletion` in k8s.io/kubectl and `completions.go` in cobra.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete};
use clap_complete::env::EnvCompleter;

use crate::escape;

/// `ShellCompDirectiveDefault`: where there are no candidates, the shell completes files.
const FILES_TOO: u8 = 0;
/// `ShellCompDirectiveNoFileComp`.
const NO_FILES: u8 = 4;
/// Stands for all files, which the shell knows how to complete.
const FILES: &str = "files";

/// kubectl as a shell.
pub(super) struct Kubectl;

impl EnvCompleter for Kubectl {
    fn name(&self) -> &'static str {
        "kubectl"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        _bin: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        write!(
            script,
            "#!/bin/sh\n\
             # Completes `kubectl lease` for kubectl, which finds this on its PATH by the name of\n\
             # kubectl_complete-lease.\n\
             export {variable}=kubectl\n\
             exec {completer} -- {name} \"$@\"\n"
        )
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        current_dir: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        *command = leave_files_to_the_shell(std::mem::take(command));
        let Some((word, before)) = words.split_last() else {
            return Ok(());
        };
        let word = word.to_string_lossy();
        let candidates = candidates(command, before, &word, current_dir)?;

        // After it, the words are somebody else's.
        let is_escaped = before.iter().any(|word| word == "--");
        let directive = if is_escaped || candidates.iter().any(is_files) {
            FILES_TOO
        } else {
            NO_FILES
        };
        // In `--flag=value`, kubectl's scripts look at the value alone.
        let flag = match word.split_once('=') {
            Some((flag, _)) if flag.starts_with('-') => flag.len() + 1,
            _ => 0,
        };
        let mut seen = HashSet::new();
        for candidate in candidates.iter().filter(|candidate| !is_files(candidate)) {
            let value = candidate.get_value().to_string_lossy();
            let Some(value) = value.get(flag..) else {
                continue;
            };
            // What cannot be shown as it is cannot be typed either.
            if escape::shown(value) != value || !seen.insert(value.to_owned()) {
                continue;
            }
            let help = candidate.get_help().map(ToString::to_string);
            match help.as_deref().and_then(|help| help.lines().next()) {
                Some(help) => writeln!(answer, "{value}\t{}", escape::shown(help))?,
                None => writeln!(answer, "{value}")?,
            }
        }
        writeln!(answer, ":{directive}")
    }
}

/// What can stand in the place of `word`. Flags as cobra offers them: only where one was begun,
/// each in its short form and its long one.
fn candidates(
    command: &mut Command,
    before: &[OsString],
    word: &str,
    current_dir: Option<&Path>,
) -> io::Result<Vec<CompletionCandidate>> {
    let mut ask = |word: &str| {
        let words = before.iter().cloned().chain([word.into()]).collect();
        complete(command, words, before.len(), current_dir)
    };
    let mut letters = word.strip_prefix('-').unwrap_or(word).chars();
    let is_short = word.starts_with('-') && letters.next() != Some('-') && letters.next().is_none();
    if !is_short {
        let mut candidates = ask(word)?;
        candidates.retain(|candidate| word.starts_with('-') || !is_flag(candidate));
        return Ok(candidates);
    }
    // The engine would offer what can be joined to a short flag, and a flag in one form only.
    let mut candidates = ask("-")?;
    candidates.extend(ask("--")?);
    candidates.retain(|candidate| {
        let value = candidate.get_value().as_encoded_bytes();
        value.starts_with(word.as_bytes())
    });
    Ok(candidates)
}

fn is_flag(candidate: &CompletionCandidate) -> bool {
    let id = candidate.get_id();
    id.is_some_and(|id| id.starts_with("arg::"))
}

fn is_files(candidate: &CompletionCandidate) -> bool {
    candidate.get_id().is_some_and(|id| id == FILES)
}

fn leave_files_to_the_shell(command: Command) -> Command {
    let files = |_: &OsStr| vec![CompletionCandidate::new(FILES).id(Some(FILES.into()))];
    command
        .mut_args(|arg| match arg.get_value_hint() {
            ValueHint::AnyPath | ValueHint::DirPath | ValueHint::FilePath => {
                arg.add(ArgValueCompleter::new(files))
            }
            _ => arg,
        })
        .mut_subcommands(leave_files_to_the_shell)
}
