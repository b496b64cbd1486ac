//! The program, for this machine or for a platform.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use super::platform::Platform;
use super::zig;
use crate::{program, toolchain, workspace};

/// How cargo builds.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// Quick to build, slow and large: for trying out the packaging
    Dev,
    /// As it is released
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// Where cargo puts what it builds with this profile.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds it with this machine's own compiler and C library, as `cargo build` does.
pub(crate) fn for_this_machine(profile: Profile) -> anyhow::Result<PathBuf> {
    build(program::cargo().arg("build"), profile)?;
    let folder = workspace::target()?.join(profile.folder());
    Ok(folder.join("kubectl-lease"))
}

/// Builds it as it is released: for any machine of the platform.
pub(crate) fn for_platform(platform: &Platform, profile: Profile) -> anyhow::Result<PathBuf> {
    toolchain::ensure_target(platform.triple)?;
    let mut command = if cfg!(target_os = "macos") && platform.os == "darwin" {
        let mut command = program::cargo();
        command.arg("build");
        command
    } else {
        zig::cargo()?
    };
    command
        .args(["--target", platform.triple])
        .env("CARGO_ENCODED_RUSTFLAGS", flags(platform)?);
    build(&mut command, profile)?;
    let folder = workspace::target()?.join(platform.triple);
    Ok(folder.join(profile.folder()).join("kubectl-lease"))
}

fn build(command: &mut Command, profile: Profile) -> anyhow::Result<()> {
    program::run(command.args([
        "--locked",
        "--package",
        "kubectl-lease",
        "--profile",
        profile.name(),
    ]))
}

/// rustc's flags, in cargo's encoding.
fn flags(platform: &Platform) -> anyhow::Result<OsString> {
    // Messages of panics name source files. Where these lay on the machine that built is nobody's
    // business, and would make the program differ from one machine to the next.
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(workspace::cargo_home()?);
    flags.push("=/cargo\x1f--remap-path-prefix=");
    flags.push(workspace::root());
    flags.push("=/kubectl-lease");
    if platform.os == "darwin" && !cfg!(target_os = "macos") {
        // Zig knows macOS's C library, not its frameworks. rustc links in the workspace's root.
        flags.push("\x1f-Clink-arg=-Fxtask/macos");
    }
    Ok(flags)
}
