//! What the parts of a component call each other.
//!
//! A component is a core module, with a nested component or two that give its functions their types.
//! The names by which these find each other are nobody else's, and `wit-component` makes them long:
//! `lease:lock/rules@0.1.0#[method]contender.poll-request`, `import-method-contender-poll-request`.
//! Here they become as short as can be. What a host sees keeps its name.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::Context;
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils, utils};
use wasm_encoder::{Alias, Import};
use wasmparser::Parser;

/// The same component with short names between its parts, and without names for whoever debugs it.
pub(crate) fn shortened(component: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut short = wasm_encoder::Component::new();
    Links::default()
        .parse_component(&mut short, Parser::new(0), component)
        .context("cannot read the component")?;
    Ok(short.finish())
}

#[derive(Default)]
struct Links {
    short: HashMap<String, String>,
    /// How deep in nested parts it is.
    depth: u32,
}

impl Links {
    /// The short name for a name, always the same.
    fn short(&mut self, name: &str) -> String {
        let next = self.short.len();
        let short = self.short.entry(name.to_owned());
        short.or_insert_with(|| letters(next)).clone()
    }
}

/// A name of letters only, which may stand anywhere: `a` to `z`, `aa`, and so on.
fn letters(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.insert(0, char::from(b"abcdefghijklmnopqrstuvwxyz"[number % 26]));
        if number < 26 {
            return name;
        }
        number = number / 26 - 1;
    }
}

type Result = std::result::Result<(), Error<Infallible>>;

impl Reencode for Links {
    type Error = Infallible;

    fn parse_export(
        &mut self,
        exports: &mut wasm_encoder::ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Result {
        let name = &self.short(export.name);
        utils::parse_export(self, exports, wasmparser::Export { name, ..export })
    }

    fn parse_imports(
        &mut self,
        section: &mut wasm_encoder::ImportSection,
        imports: wasmparser::Imports<'_>,
    ) -> Result {
        for import in imports {
            let (_, import) = import?;
            let (module, name) = (self.short(import.module), self.short(import.name));
            section.imports(wasm_encoder::Imports::Single(Import {
                module: &module,
                name: &name,
                ty: self.entity_type(import.ty)?,
            }));
        }
        Ok(())
    }
}

impl ReencodeComponent for Links {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn parse_component_custom_section(
        &mut self,
        component: &mut wasm_encoder::Component,
        section: wasmparser::CustomSectionReader<'_>,
    ) -> Result {
        if section.name() == "component-name" {
            return Ok(());
        }
        component_utils::parse_component_custom_section(self, component, section)
    }

    fn parse_component_import_section(
        &mut self,
        section: &mut wasm_encoder::ComponentImportSection,
        imports: wasmparser::ComponentImportSectionReader<'_>,
    ) -> Result {
        for import in imports {
            let import = import?;
            let ty = self.component_type_ref(import.ty)?;
            if self.depth == 0 {
                section.import(import.name, ty);
            } else {
                section.import(self.short(import.name.name), ty);
            }
        }
        Ok(())
    }

    fn parse_component_instance(
        &mut self,
        instances: &mut wasm_encoder::ComponentInstanceSection,
        instance: wasmparser::ComponentInstance<'_>,
    ) -> Result {
        let wasmparser::ComponentInstance::Instantiate {
            component_index,
            args,
        } = instance
        else {
            return component_utils::parse_component_instance(self, instances, instance);
        };
        let args: Vec<_> = args
            .iter()
            .map(|arg| {
                (
                    self.short(arg.name),
                    arg.kind.into(),
                    self.component_external_index(arg.kind, arg.index),
                )
            })
            .collect();
        let component = self.component_index(component_index);
        instances.instantiate(component, args);
        Ok(())
    }

    fn parse_instance(
        &mut self,
        instances: &mut wasm_encoder::InstanceSection,
        instance: wasmparser::Instance<'_>,
    ) -> Result {
        match instance {
            wasmparser::Instance::Instantiate { module_index, args } => {
                let args: Vec<_> = args
                    .iter()
                    .map(|arg| {
                        let index = self.instance_index(arg.index);
                        let arg_is = wasm_encoder::ModuleArg::Instance(index);
                        (self.short(arg.name), arg_is)
                    })
                    .collect();
                let module = self.module_index(module_index);
                instances.instantiate(module, args.iter().map(|(name, arg)| (&**name, *arg)));
            }
            wasmparser::Instance::FromExports(exports) => {
                let mut items = Vec::new();
                for export in exports {
                    let kind = self.export_kind(export.kind)?;
                    let index = self.external_index(export.kind, export.index)?;
                    items.push((self.short(export.name), kind, index));
                }
                let items = items.iter();
                instances.export_items(items.map(|(name, kind, index)| (&**name, *kind, *index)));
            }
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        section: &mut wasm_encoder::ComponentAliasSection,
        aliases: wasmparser::ComponentAliasSectionReader<'_>,
    ) -> Result {
        for alias in aliases {
            let alias = self.component_alias(alias?)?;
            if let Alias::CoreInstanceExport {
                instance,
                kind,
                name,
            } = alias
            {
                let name = &self.short(name);
                section.alias(Alias::CoreInstanceExport {
                    instance,
                    kind,
                    name,
                });
            } else {
                section.alias(alias);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_always_the_same_and_nobody_else_s() {
        let mut links = Links::default();
        let long: Vec<_> = (0..2000).map(|number| format!("name-{number}")).collect();
        let short: Vec<_> = long.iter().map(|name| links.short(name)).collect();
        assert_eq!(
            [&*short[0], &short[25], &short[26], &short[701], &short[702]],
            ["a", "z", "aa", "zz", "aaa"]
        );
        let each: std::collections::HashSet<_> = short.iter().collect();
        assert_eq!(each.len(), long.len());
        assert_eq!(links.short("name-26"), "aa");
    }
}
