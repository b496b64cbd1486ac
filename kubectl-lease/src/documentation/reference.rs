//! The reference: all verbs and flags in one text of Markdown.

use clap::Arg;

use super::section::{Section, sections};
use super::{command, usage, visible_verbs};
use crate::usage::EXAMPLES;

/// The reference.
pub(crate) fn reference() -> String {
    let command = command();
    let mut text = "# Reference\n\n\
        What `kubectl lease --help` says, and that of each verb.\n"
        .to_owned();
    write(&mut text, &command, true);
    text
}

fn write(text: &mut String, command: &clap::Command, is_root: bool) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    *text += &format!("\n## {name}\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    if let Some(about) = about {
        *text += &format!("\n{}\n", prose(about.to_string().trim()));
    }
    *text += &format!("\n```\n{}\n```\n", usage(command));

    let mut aliases = command.get_visible_aliases().peekable();
    if aliases.peek().is_some() {
        let aliases: Vec<_> = aliases.map(|alias| format!("`{alias}`")).collect();
        *text += &format!("\nAlso: {}\n", aliases.join(", "));
    }
    let args: Vec<&Arg> = command
        .get_arguments()
        // Those that go with every verb are told once.
        .filter(|arg| !arg.is_hide_set() && (is_root || !arg.is_global_set()))
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        .collect();
    if !args.is_empty() {
        *text += if is_root {
            "\nWith every verb:\n\n"
        } else {
            "\n"
        };
        for arg in args {
            write_arg(text, arg);
        }
    }
    for Section { title, lines } in sections(command) {
        let language = if format!("{title}:") == EXAMPLES {
            "bash"
        } else {
            ""
        };
        *text += &format!("\n{title}:\n\n```{language}\n{}\n```\n", lines.join("\n"));
    }
    visible_verbs(command).for_each(|verb| write(text, verb, false));
}

fn write_arg(text: &mut String, arg: &Arg) {
    let values = arg.get_num_args().unwrap_or_default();
    let takes_value = values.takes_values();
    let value = arg.get_value_names().unwrap_or_default().join(" ");
    let names = if arg.is_positional() {
        format!("`{value}`")
    } else {
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long().map(|long| format!("--{long}"));
        let names: Vec<String> = short.into_iter().chain(long).collect();
        let value = match values.min_values() {
            _ if !takes_value => String::new(),
            0 => format!("[={value}]"),
            _ => format!(" {value}"),
        };
        format!("`{}{value}`", names.join("`, `"))
    };
    *text += &format!("- {names}");

    let help = arg.get_long_help().or_else(|| arg.get_help());
    if let Some(help) = help {
        *text += &format!(": {}", prose(&help.to_string()).replace('\n', "\n  "));
    }
    if !takes_value {
        *text += "\n";
        return;
    }
    let mut notes = Vec::new();
    let defaults: Vec<_> = arg.get_default_values().iter().collect();
    if let [default] = defaults[..]
        && !arg.is_hide_default_value_set()
    {
        notes.push(format!("default `{}`", default.to_string_lossy()));
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        notes.push(format!("from `{}`", variable.to_string_lossy()));
    }
    if !notes.is_empty() {
        *text += &format!(" ({})", notes.join(", "));
    }
    *text += "\n";
    for value in arg.get_possible_values() {
        if value.is_hide_set() || arg.is_hide_possible_values_set() {
            continue;
        }
        *text += &format!("  - `{}`", value.get_name());
        if let Some(help) = value.get_help() {
            *text += &format!(": {}", prose(&help.to_string()));
        }
        *text += "\n";
    }
}

/// Text in which only backquotes mean something.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(number, piece)| {
        // Every other one is code.
        if number % 2 == 0 {
            piece
                .replace('\\', "\\\\")
                .replace('<', "\\<")
                .replace('*', "\\*")
                .replace('_', "\\_")
        } else {
            piece.to_owned()
        }
    });
    pieces.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left_as_it_is() {
        assert_eq!(prose("a <b> `c <d>` e_f"), "a \\<b> `c <d>` e\\_f");
    }
}
