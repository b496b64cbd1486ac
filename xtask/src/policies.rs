//! The components of the ready-made policies.

use std::path::Path;

use anyhow::Context;

use crate::{components, program, toolchain, workspace};

/// Their crates, in the order of their names. What each is, is the description of its crate.
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
    for (name, _) in POLICIES {
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
