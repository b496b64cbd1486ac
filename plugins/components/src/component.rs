//! A component made of a core module, and what has to be true of it.

use std::collections::HashSet;

use anyhow::{Context, bail};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::{Contract, links};

/// The most bytes that a component may have: every host downloads, keeps and compiles it.
pub const MOST_BYTES: usize = 65_535;

/// What a component says of itself.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is.
    pub description: String,
    /// Its licence, as an SPDX expression, if it has one.
    pub licence: Option<String>,
    /// Where its source is, as an address, if that is known.
    pub source: Option<String>,
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
    let component = described(&links::shortened(&component)?, metadata)?;
    check(&component)?;
    Ok(component)
}

pub(crate) fn described(component: &[u8], metadata: &Metadata) -> anyhow::Result<Vec<u8>> {
    let mut add = AddMetadata::default();
    add.name = AddMetadataField::Set(metadata.name.clone());
    add.description = field(&metadata.description)?;
    add.version = field(&metadata.version)?;
    if let Some(licence) = &metadata.licence {
        add.licenses = field(licence)?;
    }
    if let Some(source) = &metadata.source {
        add.source = field(source)?;
    }
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
    wasmparser::validate(component).context("what was made is not valid")?;
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
