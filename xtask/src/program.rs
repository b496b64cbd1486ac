//! Other programs, and what to say when one is missing.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow, bail};

use crate::workspace;

/// The cargo that runs this, so that a chosen toolchain stays chosen.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

pub(crate) fn go() -> Command {
    command("go")
}

pub(crate) fn git() -> Command {
    command("git")
}

pub(crate) fn npm() -> Command {
    command("npm")
}

pub(crate) fn python() -> Command {
    command("python3")
}

/// A program that was built or brought here.
pub(crate) fn at(path: &Path) -> Command {
    command(path)
}

pub(crate) fn rustc() -> Command {
    command("rustc")
}

pub(crate) fn rustup() -> Command {
    command("rustup")
}

/// A command in the workspace's root.
///
/// `cargo run` describes this package to us in variables. A build script that depends on one of
/// them would run again each time that cargo is called from here and from a shell in turn.
fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    command.current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if described {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it with our own output, and wants success.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().map_err(|e| not_started(command, &e))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs it and returns what it printed on stdout, without the last line's end.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<String> {
    read_silently(command.stderr(Stdio::inherit()))
}

/// The same, without what it says on stderr, unless that was sent elsewhere.
pub(crate) fn read_silently(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().map_err(|e| not_started(command, &e))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    let text = String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed no UTF-8", shown(command)))?;
    Ok(text.trim_end().to_owned())
}

fn not_started(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    if error.kind() != ErrorKind::NotFound {
        return anyhow!("cannot run {program}: {error}");
    }
    let advice = match program.as_ref() {
        "go" => "install Go 1.26 or newer, or run: cargo xtask test --without cluster",
        "python3" => {
            "install Python 3.9 or newer with its module venv; it brings the cross compiler, and \
             hosts a component"
        }
        "npm" => "install Node 20 or newer, or run: cargo xtask test --without hosts",
        "rustup" => "install rustup, or add the target as your Rust's packages do",
        _ => "install Rust 1.89 or newer",
    };
    anyhow!("{program} is not on the PATH: {advice}")
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}
