//! A component made of a core module, and what has to be true of it.

use std::collections::HashSet;

use anyhow::{Context, bail};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wasmparser::{Chunk, Parser, Payload};
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::Contract;

/// The most bytes that a component may have: every host downloads, keeps and compiles it.
pub const MOST_BYTES: usize = 72_000;

/// What a component says of itself.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is.
    pub description: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// Where its source is, as an address.
    pub source: String,
    /// The commit that it was made of, if that is known.
    pub revision: Option<String>,
}

/// Makes a component of a core module that follows a contract.
///
/// # Errors
/// What is no such module, and a component that asks its host for anything or is too large.
pub fn make(core: &[u8], contract: &Contract, metadata: &Metadata) -> anyhow::Result<Vec<u8>> {
    let mut core = core.to_vec();
    contract.describe(&mut core)?;
    let component = ComponentEncoder::default()
        .validate(true)
        .debug_names(false)
        .module(&core)
        .and_then(ComponentEncoder::encode)
        .context("cannot make a component of the module")?;
    let component = described(&without_names(&component)?, metadata)?;
    check(&component)?;
    Ok(component)
}

/// Leaves out what its parts are called for whoever debugs it.
fn without_names(component: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut parser = Parser::new(0);
    let mut kept = Vec::with_capacity(component.len());
    let mut rest = component;
    while !rest.is_empty() {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            bail!("the component ends too early");
        };
        let mut length = consumed;
        let mut is_kept = true;
        match payload {
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                length += usize::try_from(unchecked_range.end - unchecked_range.start)?;
            }
            Payload::CustomSection(section) => is_kept = section.name() != "component-name",
            _ => {}
        }
        let (part, after) = rest
            .split_at_checked(length)
            .context("the component ends too early")?;
        if is_kept {
            kept.extend_from_slice(part);
        }
        rest = after;
    }
    Ok(kept)
}

fn described(component: &[u8], metadata: &Metadata) -> anyhow::Result<Vec<u8>> {
    let mut add = AddMetadata::default();
    add.name = AddMetadataField::Set(metadata.name.clone());
    add.description = field(&metadata.description)?;
    add.licenses = field(&metadata.licence)?;
    add.source = field(&metadata.source)?;
    add.version = field(&metadata.version)?;
    if let Some(revision) = &metadata.revision {
        add.revision = field(revision)?;
    }
    add.to_wasm(component).context("cannot describe it")
}

fn field<T>(text: &str) -> anyhow::Result<AddMetadataField<T>>
where
    T: std::str::FromStr<Err = anyhow::Error> + Clone + std::fmt::Debug,
{
    let value = text.parse().with_context(|| format!("cannot say {text}"))?;
    Ok(AddMetadataField::Set(value))
}

/// Reads it again as any host would.
fn check(component: &[u8]) -> anyhow::Result<()> {
    let decoded = wit_component::decode(component).context("cannot read what was made")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("what was made is no component");
    };
    let world = &resolve.worlds[world];
    let asks: HashSet<String> = world
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    if !asks.is_empty() {
        bail!("it asks its host for {asks:?}; a host has nothing to give");
    }
    if component.len() > MOST_BYTES {
        let length = component.len();
        bail!("it has {length} bytes, of {MOST_BYTES} at most");
    }
    Ok(())
}
