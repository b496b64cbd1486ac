//! The components of the ready-made policies.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;

use crate::{components, hosts, program, toolchain, workspace};

/// Those that are written in Rust: the name of the crate, and its description.
const POLICIES: [(&str, &str); 4] = [
    (
        "change-window",
        "Locks are stolen and broken only while changes are welcome",
    ),
    (
        "protect-locks",
        "Some locks are not stolen or broken, or only by some people",
    ),
    (
        "protect-ready-pods",
        "Nothing is taken from a holder whose pod is ready",
    ),
    (
        "require-reason",
        "Who steals or breaks a lock has to say why",
    ),
];

/// What those are called that are written in Rust.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|(name, _)| *name)
}

/// Makes all that are written in Rust, in a folder.
pub(crate) fn make(folder: &Path, source: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let modules = workspace::target()?.join(toolchain::WASM).join(PROFILE);
    compile()?;
    for (name, description) in POLICIES {
        let module = modules.join(name.replace('-', "_")).with_extension("wasm");
        let component = folder.join(name).with_extension("wasm");
        describe(&module, &component, description, source)?;
    }
    Ok(())
}

const PROFILE: &str = "component";

/// Compiles the core modules, the same ones in whatever folder.
fn compile() -> anyhow::Result<()> {
    // The texts of panics name source files, ours and those of dependencies.
    let flags = format!(
        "[{:?}, {:?}]",
        format!("--remap-path-prefix={}=", workspace::root().display()),
        format!(
            "--remap-path-prefix={}=/cargo",
            workspace::cargo_home()?.display()
        ),
    );
    let mut cargo = program::cargo();
    cargo.args(["build", "--locked", "--quiet"]);
    for name in names() {
        cargo.args(["--package", name]);
    }
    program::run(
        cargo
            .args(["--profile", PROFILE, "--target", toolchain::WASM])
            .arg("--config")
            .arg(format!("target.{}.rustflags={flags}", toolchain::WASM))
            // They would come before those.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .arg("--target-dir")
            .arg(workspace::target()?),
    )
}

/// Makes a component of a core module, or looks at one that other tools made; and describes it.
pub(crate) fn describe(
    module: &Path,
    component: &Path,
    description: &str,
    source: &str,
) -> anyhow::Result<()> {
    let mut command = program::cargo();
    command
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "lease-components",
        ])
        .args(["--bin", "policy-component", "--"])
        .args([module, component])
        .args(["--version", env!("CARGO_PKG_VERSION")])
        .args(["--licence", env!("CARGO_PKG_LICENSE")])
        .args(["--description", description])
        .args(["--source", source]);
    if let Some(revision) = components::revision() {
        command.args(["--revision", &revision]);
    }
    program::run(&mut command)
}

const JAVASCRIPT: &str = "plugins/policies/javascript";

/// Makes the one that is written in JavaScript, unless it is newer than all that it is made of: its
/// interpreter is run to take its picture, which takes half a minute.
pub(crate) fn make_javascript(source: &str) -> anyhow::Result<()> {
    let folder = workspace::root().join(JAVASCRIPT);
    hosts::bring_packages(&folder)?;
    let contract = workspace::root().join("wit/policy");
    let components = workspace::target()?.join("components/policies");
    let component = components.join("pair-of-eyes.wasm");
    if is_newer(&component, &[&folder, &contract])? {
        return Ok(());
    }
    std::fs::create_dir_all(&components)
        .with_context(|| format!("cannot make {}", components.display()))?;
    let made = component.with_extension("made");
    program::run(
        program::npm()
            .current_dir(&folder)
            .args(["run", "--silent", "component", "--", "--wit"])
            .arg(&contract)
            .arg("--out")
            .arg(&made),
    )?;
    let description = "Who steals or breaks a lock has to say who looked at it too";
    describe(&made, &component, description, source)?;
    std::fs::remove_file(&made).with_context(|| format!("cannot remove {}", made.display()))
}

/// Whether a file is there, and newer than the files of these folders.
fn is_newer(file: &Path, folders: &[&Path]) -> anyhow::Result<bool> {
    let changed = |path: &Path| -> anyhow::Result<SystemTime> {
        let metadata = std::fs::metadata(path).and_then(|metadata| metadata.modified());
        metadata.with_context(|| format!("cannot look at {}", path.display()))
    };
    if !file.exists() {
        return Ok(false);
    }
    let made = changed(file)?;
    for folder in folders {
        let files = std::fs::read_dir(folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for file in files {
            let path: PathBuf = file?.path();
            if path.is_file() && changed(&path)? > made {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
