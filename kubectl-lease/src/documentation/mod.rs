//! Documentation made of what the program itself says: man pages, a reference and the findings of
//! `doctor` in Markdown.

mod findings;
mod man_pages;
mod reference;
mod section;

pub(crate) use findings::findings;
pub(crate) use man_pages::write_man_pages;
pub(crate) use reference::reference;

use crate::cli;

/// All that can be typed, as kubectl's plugin, however the program was called.
fn command() -> clap::Command {
    let mut command = whole(cli::command())
        .bin_name("kubectl lease")
        // It says what the others say.
        .disable_help_subcommand(true);
    command.build();
    command
}

/// Nothing is left out for short here: `clap_mangen` would leave out the help of a flag that `-h`
/// does not show.
fn whole(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| arg.hide_short_help(false))
        .mut_subcommands(whole)
}

fn visible_verbs(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set())
}

/// How a command is typed.
fn usage(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage: ").trim().to_owned()
}
