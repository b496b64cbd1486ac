//! Makes a component of a core module: `cargo xtask components` calls it.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use lease_components::{Contract, Metadata, make};
use sha2::{Digest, Sha256};

/// Make a component of a core module, and print its SHA-256
#[derive(Parser)]
struct Args {
    /// The core module
    module: PathBuf,
    /// The folder of the contract that it follows
    contract: PathBuf,
    /// The file to write
    component: PathBuf,
    /// The component's name
    #[arg(long)]
    name: String,
    /// What it is, in a sentence
    #[arg(long)]
    description: String,
    /// Where its source is
    #[arg(long)]
    source: String,
    /// The commit that it is made of
    #[arg(long)]
    revision: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let shown = args.module.display();
    let core = std::fs::read(&args.module).with_context(|| format!("cannot read {shown}"))?;
    let metadata = Metadata {
        name: args.name,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: args.description,
        licence: Some(env!("CARGO_PKG_LICENSE").to_owned()),
        source: Some(args.source),
        revision: args.revision,
    };
    let component = make(&core, &Contract::read(&args.contract)?, &metadata)?;
    let shown = args.component.display();
    std::fs::write(&args.component, &component).with_context(|| format!("cannot write {shown}"))?;
    for byte in Sha256::digest(&component) {
        print!("{byte:02x}");
    }
    println!("  {shown} ({} bytes)", component.len());
    Ok(())
}
