//! Help, and what is wrong with a command line.

use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli;
use crate::invocation;
use crate::ui::Ui;

/// The title of the examples in a verb's help.
pub(crate) const EXAMPLES: &str = "Examples:";

/// Prints help to stdout, and what is wrong with the command line to stderr, for which the exit
/// code is given. It quotes what was typed, which may have come from a cluster by way of a script.
pub(crate) fn tell(ui: &Ui, mut error: clap::Error, wrong_usage: u8) -> ExitCode {
    tell_where_flags_belong(&mut error);
    tell_how_to_hold(&mut error);
    let text = as_called(&error.render().to_string());
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match ui.data(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        _ => {
            text.lines().for_each(|line| ui.note(line));
            ExitCode::from(wrong_usage)
        }
    }
}

/// Help with its examples as they can be typed where the program was called like this.
fn as_called(help: &str) -> String {
    let Some((before, examples)) = help.split_once(&format!("\n{EXAMPLES}\n")) else {
        return help.to_owned();
    };
    let mut text = format!("{before}\n{EXAMPLES}\n");
    for line in examples.split_inclusive('\n') {
        if line.trim_start().starts_with('#') {
            text += line;
        } else {
            text += &line.replace("kubectl lease", *invocation::NAME);
        }
    }
    text
}

/// Replaces clap's tips on a flag that a verb does not have. No name of a lock begins with a dash,
/// so how to pass the flag as one is of no use; with which verb it goes may be.
fn tell_where_flags_belong(error: &mut clap::Error) {
    if error.kind() != ErrorKind::UnknownArgument {
        return;
    }
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    // Where a command follows, the flag may be meant for that.
    let takes_a_command = usage.is_some_and(|usage| usage.contains(" -- "));
    if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
        tips.retain(|tip| takes_a_command || !tip.to_string().starts_with("to pass "));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let verbs = verbs_with(flag);
    if verbs.is_empty() {
        return;
    }
    let tip = StyledStr::from(format!("'{flag}' goes with {}", verbs.join(", ")));
    if error.remove(ContextKind::SuggestedArg).is_some() {
        // Both are about a flag that is merely spelled like it.
        error.remove(ContextKind::Usage);
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
}

/// Tells whoever types `run` without a command, as `etcdctl lock` goes, what does the same.
fn tell_how_to_hold(error: &mut clap::Error) {
    let missing = error.get(ContextKind::InvalidArg);
    let Some(ContextValue::Strings(missing)) = missing else {
        return;
    };
    if error.kind() == ErrorKind::MissingRequiredArgument && missing == &["<COMMAND>..."] {
        let tip = "`acquire --hold` holds a lock without a command";
        let tip = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
        error.insert(ContextKind::Suggested, tip);
    }
}

/// The verbs that have a flag.
fn verbs_with(flag: &str) -> Vec<String> {
    let has_it = |arg: &clap::Arg| match flag.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg.get_short().map(|short| format!("-{short}")).as_deref() == Some(flag),
    };
    cli::command()
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set() && verb.get_arguments().any(has_it))
        .map(|verb| format!("`{}`", verb.get_name()))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    fn told(command: Command, line: &[&str]) -> String {
        let mut error = command.try_get_matches_from(line).unwrap_err();
        tell_where_flags_belong(&mut error);
        error.to_string()
    }

    #[test]
    fn how_to_pass_a_flag_as_a_value_is_told_where_it_can_be_one() {
        let name = Command::new("verb").arg(Arg::new("name"));
        let text = told(name.clone(), &["verb", "--no-such-flag"]);
        assert!(!text.contains("tip:"), "{text}");
        let command = Arg::new("command").last(true).required(true);
        let text = told(name.arg(command), &["verb", "name", "--no-such-flag"]);
        assert!(text.contains("use '-- --no-such-flag'"), "{text}");
    }
}
