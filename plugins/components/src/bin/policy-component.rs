//! Makes a policy's component: `cargo xtask components` calls it, and whoever writes a policy.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use lease_components::{Metadata, make_policy};
use sha2::{Digest, Sha256};

/// Make a policy's component, and print its SHA-256
///
/// What asks its host for more than its log, WASI say, is refused: kubectl lease would refuse it too.
#[derive(Parser)]
struct Args {
    /// The core module that cargo made for wasm32-unknown-unknown; or a component, which other tools
    /// made
    module: PathBuf,
    /// The file to write
    component: PathBuf,
    /// The policy's name, if it is not that of the file to write
    #[arg(long)]
    name: Option<String>,
    /// Its version
    #[arg(long, default_value = "0.1.0")]
    version: String,
    /// What it is, in a sentence
    #[arg(long, default_value = "A policy of kubectl lease")]
    description: String,
    /// Its licence, as an SPDX expression
    #[arg(long)]
    licence: Option<String>,
    /// Where its source is
    #[arg(long)]
    source: Option<String>,
    /// The commit that it is made of
    #[arg(long)]
    revision: Option<String>,
}

fn main() -> ExitCode {
    let Err(error) = run(Args::parse()) else {
        return ExitCode::SUCCESS;
    };
    // Causes on one line, and never a trace: what is wrong is the policy.
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn run(args: Args) -> anyhow::Result<()> {
    let Args {
        module,
        component,
        name,
        version,
        description,
        licence,
        source,
        revision,
    } = args;
    let shown = module.display();
    let wasm = std::fs::read(&module).with_context(|| format!("cannot read {shown}"))?;
    let of_file = component.file_stem().unwrap_or_default().to_string_lossy();
    let metadata = Metadata {
        name: name.unwrap_or_else(|| of_file.into_owned()),
        version,
        description,
        licence,
        source,
        revision,
    };
    let made = make_policy(&wasm, &metadata).with_context(|| format!("{shown} is not taken"))?;
    let shown = component.display();
    std::fs::write(&component, &made).with_context(|| format!("cannot write {shown}"))?;
    for byte in Sha256::digest(&made) {
        print!("{byte:02x}");
    }
    println!("  {shown} ({} bytes)", made.len());
    Ok(())
}
