//! A policy's component, and what has to be true of it.

use anyhow::{Context, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::Metadata;
use crate::component::described;

/// All that a policy may ask its host for.
const HAS: [&str; 2] = ["lease:policy/log", "lease:policy/types"];

/// What it has to offer.
const OFFERS: &str = "lease:policy/policy";

/// How WebAssembly begins.
const MAGIC: &[u8] = b"\0asm";

/// How a core module begins.
const CORE: &[u8] = b"\0asm\x01\0\0\0";

/// Makes a component of a policy's core module, which carries the description of its world, as
/// wit-bindgen leaves it. A component, which other tools made, is looked at and described.
///
/// # Errors
/// What is no such module, what is no policy, and what asks its host for more than its log.
pub fn make_policy(wasm: &[u8], metadata: &Metadata) -> anyhow::Result<Vec<u8>> {
    if !wasm.starts_with(MAGIC) {
        bail!("it is no WebAssembly");
    }
    let component = if wasm.starts_with(CORE) {
        ComponentEncoder::default()
            .validate(true)
            .module(wasm)
            .and_then(ComponentEncoder::encode)
            .context("cannot make a component of the module")?
    } else {
        wasm.to_vec()
    };
    check_policy(&component)?;
    described(&component, metadata)
}

/// Looks whether a component is a policy that `kubectl lease` can run.
///
/// # Errors
/// What is no component, what is no policy, and what asks its host for more than its log.
pub fn check_policy(component: &[u8]) -> anyhow::Result<()> {
    let decoded = wit_component::decode(component).context("cannot read the component")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("it is no component");
    };
    let world = &resolve.worlds[world];
    let without_version = |name: &str| name.split('@').next().unwrap_or(name).to_owned();
    for key in world.imports.keys() {
        let name = resolve.name_world_key(key);
        if !HAS.contains(&&*without_version(&name)) {
            bail!("it asks its host for {name}; a policy has nothing but lease:policy/log");
        }
    }
    let mut offers = world.exports.keys().map(|key| resolve.name_world_key(key));
    if !offers.any(|name| without_version(&name) == OFFERS) {
        bail!("it is no policy: it does not offer {OFFERS}");
    }
    Ok(())
}
