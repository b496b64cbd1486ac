//! A contract in WIT, and what has to be true of it.

use std::path::Path;

use anyhow::{Context, bail};
use wit_component::{StringEncoding, embed_component_metadata, semver_check};
use wit_parser::{
    Docs, Function, PackageId, Resolve, Stability, Type, TypeDef, TypeDefKind, TypeOwner, WorldId,
    WorldItem,
};

/// A package in WIT with one world.
#[derive(Clone, Debug)]
pub struct Contract {
    text: String,
}

impl Contract {
    /// Reads all files of a folder.
    ///
    /// # Errors
    /// A folder that cannot be read or holds nothing.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let shown = folder.display();
        let files = std::fs::read_dir(folder).with_context(|| format!("cannot read {shown}"))?;
        let mut paths = Vec::new();
        for file in files {
            paths.push(file?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|end| end == "wit"));
        // Read in any order, it would not be the same text twice.
        paths.sort();
        let mut text = String::new();
        let mut package = None;
        for path in &paths {
            let file = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            // Each file says whose it is; one text says so once.
            let (line, rest) = file.split_once('\n').unwrap_or((&file, ""));
            package = package.or_else(|| Some(line.to_owned()));
            text += rest;
        }
        let package = package.with_context(|| format!("there is no contract in {shown}"))?;
        Ok(Self {
            text: format!("{package}\n{text}"),
        })
    }

    /// A contract of this text.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What has no documentation, or does not say since when it is there.
    ///
    /// # Errors
    /// A contract that cannot be read.
    pub fn gaps(&self) -> anyhow::Result<Vec<String>> {
        let mut resolve = Resolve::default();
        let package = self.push(&mut resolve, None)?;
        let mut gaps = Gaps::default();
        for (name, interface) in &resolve.packages[package].interfaces {
            let interface = &resolve.interfaces[*interface];
            gaps.item(name, &interface.docs, &interface.stability);
            for (of, id) in &interface.types {
                gaps.of_type(&resolve, &format!("{name}/{of}"), &resolve.types[*id]);
            }
            for (
                of,
                Function {
                    docs, stability, ..
                },
            ) in &interface.functions
            {
                gaps.item(&format!("{name}/{of}"), docs, stability);
            }
        }
        for (name, world) in &resolve.packages[package].worlds {
            let world = &resolve.worlds[*world];
            gaps.item(name, &world.docs, &world.stability);
            for (key, item) in world.imports.iter().chain(&world.exports) {
                if let WorldItem::Interface { stability, .. } = item {
                    let of = format!("{name}/{}", resolve.name_world_key(key));
                    gaps.since(&of, stability);
                }
            }
        }
        Ok(gaps.0)
    }

    /// Fails if a host that was made for a released contract could not use a component of this one.
    ///
    /// # Errors
    /// What does not fit any more, in the words of the one who found it.
    pub fn serves(&self, released: &Self) -> anyhow::Result<()> {
        let mut resolve = Resolve::default();
        let new = self.push(&mut resolve, Some("+new"))?;
        let old = released.push(&mut resolve, Some("+released"))?;
        let (new, old) = (world(&resolve, new)?, world(&resolve, old)?);
        // It asks whether a component of the first kind can stand where the second is expected.
        semver_check(resolve, new, old)
    }

    /// Puts the description of the contract's world into a core module, by which a component is made
    /// of it.
    ///
    /// # Errors
    /// A contract that cannot be read.
    pub(crate) fn describe(&self, module: &mut Vec<u8>) -> anyhow::Result<()> {
        let mut resolve = Resolve::default();
        let package = self.push(&mut resolve, None)?;
        let world = world(&resolve, package)?;
        embed_component_metadata(module, &resolve, world, StringEncoding::UTF8, false)
    }

    fn push(&self, resolve: &mut Resolve, suffix: Option<&str>) -> anyhow::Result<PackageId> {
        let text = match (suffix, self.text.split_once(';')) {
            // One set of packages holds each version once.
            (Some(suffix), Some((package, rest))) => format!("{package}{suffix};{rest}"),
            _ => self.text.clone(),
        };
        resolve
            .push_str("contract.wit", &text)
            .context("cannot read the contract")
    }
}

fn world(resolve: &Resolve, package: PackageId) -> anyhow::Result<WorldId> {
    let worlds: Vec<_> = resolve.packages[package].worlds.values().collect();
    match worlds.as_slice() {
        [world] => Ok(**world),
        worlds => bail!("a contract has one world, not {}", worlds.len()),
    }
}

#[derive(Default)]
struct Gaps(Vec<String>);

impl Gaps {
    fn item(&mut self, name: &str, docs: &Docs, stability: &Stability) {
        self.docs(name, docs);
        self.since(name, stability);
    }

    fn docs(&mut self, name: &str, docs: &Docs) {
        let is_told = docs
            .contents
            .as_ref()
            .is_some_and(|text| !text.trim().is_empty());
        if !is_told {
            self.0.push(format!("{name}: no documentation"));
        }
    }

    fn since(&mut self, name: &str, stability: &Stability) {
        if !matches!(stability, Stability::Stable { .. }) {
            self.0.push(format!("{name}: no @since"));
        }
    }

    fn of_type(&mut self, resolve: &Resolve, name: &str, of: &TypeDef) {
        if let TypeDefKind::Type(Type::Id(used)) = &of.kind {
            let is_elsewhere = resolve.types[*used].owner != of.owner;
            if is_elsewhere && matches!(of.owner, TypeOwner::Interface(_)) {
                // A name that is used here, and told of where it comes from.
                return;
            }
        }
        self.item(name, &of.docs, &of.stability);
        let mut parts: Vec<(&str, &Docs)> = Vec::new();
        match &of.kind {
            TypeDefKind::Record(record) => {
                parts.extend(
                    record
                        .fields
                        .iter()
                        .map(|field| (&*field.name, &field.docs)),
                );
            }
            TypeDefKind::Variant(variant) => {
                parts.extend(variant.cases.iter().map(|case| (&*case.name, &case.docs)));
            }
            TypeDefKind::Enum(cases) => {
                parts.extend(cases.cases.iter().map(|case| (&*case.name, &case.docs)));
            }
            TypeDefKind::Flags(flags) => {
                parts.extend(flags.flags.iter().map(|flag| (&*flag.name, &flag.docs)));
            }
            _ => {}
        }
        for (part, docs) in parts {
            self.docs(&format!("{name}.{part}"), docs);
        }
    }
}
