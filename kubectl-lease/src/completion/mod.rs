//! Completion: what can follow what is typed.
//!
//! A shell, or kubectl, runs the program with its own name in [`VARIABLE`] and the words of the
//! line after a `--`. How it does so stands in a script of ours ([`script`]) that it was given
//! before.

mod bash;
mod candidates;
mod kubectl;
mod line;

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use clap_complete::CompleteEnv;
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};

use crate::cli;
use candidates::Candidates;
use line::Line;

/// The environment variable that asks for completion, and names who asks.
pub(crate) const VARIABLE: &str = "KUBECTL_LEASE_COMPLETE";

const PROGRAM: &str = "kubectl-lease";

const SHELLS: Shells<'static> = Shells(&[
    &bash::Bash,
    &Elvish,
    &Fish,
    &kubectl::Kubectl,
    &Powershell,
    &Zsh,
]);

/// Whether the program was started to complete a line. An empty name or `0` are nobody, as for
/// every program that completes so.
pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|shell| !shell.is_empty() && shell != "0")
}

/// Prints what can follow the words of these arguments.
pub(crate) fn answer(args: Vec<OsString>) -> Result<(), clap::Error> {
    let words = args.iter().skip_while(|arg| *arg != "--").skip(1);
    let words: Vec<OsString> = words.cloned().collect();
    CompleteEnv::with_factory(|| command(&words))
        .bin(PROGRAM)
        .completer(PROGRAM)
        .shells(SHELLS)
        .var(VARIABLE)
        .try_complete(args, std::env::current_dir().ok().as_deref())
        .map(drop)
}

/// The script for a shell, or the program for kubectl.
///
/// # Errors
/// A shell of another name than those in [`SHELLS`].
pub(crate) fn script(shell: &str) -> io::Result<String> {
    let shell = SHELLS
        .completer(shell)
        .ok_or_else(|| io::Error::other(format!("nothing is known of {shell}")))?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    let script = String::from_utf8(script).map_err(io::Error::other)?;
    Ok(format!("{}\n", script.trim()))
}

/// The command line, its arguments knowing what they can be completed with.
fn command(words: &[OsString]) -> clap::Command {
    attach(cli::command(), &Arc::new(Line::read(words)))
}

fn attach(command: clap::Command, line: &Arc<Line>) -> clap::Command {
    command
        .mut_args(|arg| match Candidates::of(&arg, line) {
            Some(candidates) => arg.add(candidates.into_completer()),
            None => arg,
        })
        .mut_subcommands(|verb| attach(only_by_name(verb), line))
}

/// A verb whose aliases are offered only where its name does not fit. The engine offers one of
/// the names that it may show, and that is the first of the alphabet.
fn only_by_name(verb: clap::Command) -> clap::Command {
    let aliases = verb.get_all_aliases().map(ToOwned::to_owned);
    // clap takes what lives as long as the process, and that ends with the answer.
    let aliases: Vec<&'static str> = aliases.map(|alias| &*String::leak(alias)).collect();
    verb.visible_alias(None).aliases(aliases)
}
