//! The WebAssembly components.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{policies, program, toolchain, workspace};

/// Where the source is, as long as nobody says.
const UNPUBLISHED: &str = "https://kubectl-lease.invalid/source";

/// Make the WebAssembly components, in target/components
///
/// Each is made of a plugin, checked as a host would read it, and named with its SHA-256. Source and
/// Rust toolchain alone decide on it: whoever has both can check it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the source is published
    #[arg(long, value_name = "URL", default_value = UNPUBLISHED)]
    source: String,
    /// Make the policy in JavaScript too, which needs Node
    #[arg(long)]
    javascript: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            source: UNPUBLISHED.to_owned(),
            javascript: false,
        }
    }
}

impl Args {
    /// All that there are.
    pub(crate) fn with_javascript() -> Self {
        Self {
            javascript: true,
            ..Self::default()
        }
    }
}

struct Component {
    name: &'static str,
    description: &'static str,
    /// What cargo calls its core module.
    module: &'static str,
    /// Where in the source the contract is that it follows.
    contract: &'static str,
}

const COMPONENTS: &[Component] = &[Component {
    name: "lease-lock",
    description: "The logic of a lock on a Kubernetes Lease",
    module: "lease_lock.wasm",
    contract: "wit/lock",
}];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    toolchain::ensure_target(toolchain::WASM)?;
    let folder = workspace::target()?.join("components");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for component in COMPONENTS {
        let module = compile(component)?;
        make(component, &module, &folder, &args.source)?;
    }
    policies::make(&folder.join("policies"), &args.source)?;
    if args.javascript {
        policies::make_javascript(&args.source)?;
    }
    Ok(())
}

/// Compiles the core module, the same one in whatever folder.
fn compile(component: &Component) -> anyhow::Result<PathBuf> {
    const PROFILE: &str = "component";
    let target = workspace::target()?;
    let flags = [
        format!("--remap-path-prefix={}=", workspace::root().display()),
        // What LLVM copies field by field is a fifth of the code; and the linker leaves five bytes
        // for each number that it fills in, unless it is told not to.
        "-Cllvm-args=-max-store-memcpy=2".to_owned(),
        "-Clink-arg=--compress-relocations".to_owned(),
    ];
    let flags: Vec<_> = flags.iter().map(|flag| format!("{flag:?}")).collect();
    let flags = flags.join(", ");
    program::run(
        program::cargo()
            .args(["build", "--locked", "--quiet", "--package", component.name])
            .args(["--profile", PROFILE, "--target", toolchain::WASM])
            .arg("--config")
            .arg(format!("target.{}.rustflags=[{flags}]", toolchain::WASM))
            // They would come before those.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .arg("--target-dir")
            .arg(&target),
    )?;
    let folder = target.join(toolchain::WASM).join(PROFILE);
    Ok(folder.join(component.module))
}

fn make(component: &Component, module: &Path, folder: &Path, source: &str) -> anyhow::Result<()> {
    let file = folder.join(component.name).with_extension("wasm");
    let mut command = program::cargo();
    command
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "lease-components",
            "--",
        ])
        .arg(module)
        .arg(workspace::root().join(component.contract))
        .arg(&file)
        .args(["--name", component.name])
        .args(["--description", component.description])
        .args(["--source", source]);
    if let Some(revision) = revision() {
        command.args(["--revision", &revision]);
    }
    program::run(&mut command)
}

/// The commit, if this is a checkout; with a mark, if it was changed since.
pub(crate) fn revision() -> Option<String> {
    let describe = [
        "describe",
        "--always",
        "--abbrev=40",
        "--exclude=*",
        "--dirty",
    ];
    program::read_silently(program::git().args(describe)).ok()
}
