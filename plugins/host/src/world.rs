//! What a component says of itself before it is compiled: what it asks for, what it offers.

use wasmparser::{Encoding, Parser, Payload};

use crate::{Error, limits};

/// The version of the contract that this program speaks, without its patch: those are compatible.
pub const SPOKEN: &str = "0.1";

/// The interface that makes a component a policy.
const POLICY: &str = "lease:policy/policy";
/// What a policy is given. Of `types`, it is given nothing but the names.
const GIVEN: [&str; 2] = ["lease:policy/log", "lease:policy/types"];
/// What a component begins with.
const MAGIC: &[u8] = b"\0asm";
/// What machine code begins with, in the form that wasmtime keeps it in.
const ELF: &[u8] = b"\x7fELF";

/// The world of a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct World {
    /// What it asks for, with versions.
    pub imports: Vec<String>,
    /// The version of the contract that it was made for.
    pub version: String,
}

impl World {
    /// Reads the world of a component, of which nothing is run or compiled.
    ///
    /// # Errors
    /// What is no component, none of this contract, or asks for what no policy is given.
    pub fn of(component: &[u8]) -> Result<Self, Error> {
        if component.len() as u64 > limits::COMPONENT_BYTES {
            return Err(Error::TooLarge);
        }
        if component.starts_with(ELF) {
            return Err(Error::Compiled);
        }
        if !component.starts_with(MAGIC) {
            return Err(Error::NoComponent);
        }
        let (imports, exports) = names(component)?;
        let version = exports
            .iter()
            .filter_map(|name| version_of(name, POLICY))
            .max_by_key(|version| is_spoken(version))
            .ok_or(Error::AnotherWorld)?
            .to_owned();
        if !is_spoken(&version) {
            return Err(Error::AnotherVersion(short(&version)));
        }
        for import in &imports {
            check(import)?;
        }
        Ok(Self { imports, version })
    }
}

/// The names of what a component imports and exports.
fn names(component: &[u8]) -> Result<(Vec<String>, Vec<String>), Error> {
    let invalid = |error: wasmparser::BinaryReaderError| Error::Invalid(error.message().to_owned());
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    // Of components in it, the names are their own affair.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(invalid)? {
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } if depth == 0 => return Err(Error::CoreModule),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

/// The version of an interface, if a name is that of the interface.
fn version_of<'a>(name: &'a str, interface: &str) -> Option<&'a str> {
    name.strip_prefix(interface)?.strip_prefix('@')
}

/// Whether versions of the contract are compatible: before 1.0, as long as the minor one is the same.
fn is_spoken(version: &str) -> bool {
    version
        .strip_prefix(SPOKEN)
        .is_some_and(|rest| rest.starts_with('.') && !rest.contains('-'))
}

/// A version without its patch, if that says enough.
fn short(version: &str) -> String {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    match version.rsplit_once('.') {
        Some((short, patch)) if short != SPOKEN && !short.contains('-') && digits(patch) => {
            short.to_owned()
        }
        _ => version.to_owned(),
    }
}

fn check(import: &str) -> Result<(), Error> {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    if GIVEN.contains(&name) {
        return if is_spoken(version) {
            Ok(())
        } else {
            Err(Error::AnotherVersion(short(version)))
        };
    }
    // Whatever else it asks for, these say most.
    Err(if name.starts_with("wasi:") {
        Error::AsksForSystem(name.to_owned())
    } else {
        Error::AsksForMore(import.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_compatible_and_nothing_else_is() {
        for version in ["0.1.0", "0.1.7", "0.1.12+build"] {
            assert!(is_spoken(version), "{version}");
        }
        for version in ["0.2.0", "0.10.0", "1.0.0", "0.1", "0.1.0-rc.1", ""] {
            assert!(!is_spoken(version), "{version}");
        }
        assert_eq!(short("0.2.0"), "0.2");
        assert_eq!(short("0.1.0-rc.1"), "0.1.0-rc.1");
    }
}
