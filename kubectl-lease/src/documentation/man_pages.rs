//! Man pages, one for each verb.

use std::io;
use std::path::Path;

use clap_mangen::Man;
use roff::{Roff, bold, roman};

use super::section::{Section, sections};
use super::{command, usage, visible_verbs};

/// Writes `kubectl-lease.1`, `kubectl-lease-ls.1` and so on into a folder, which is made if it is
/// not there.
pub(crate) fn write_man_pages(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    write_all(None, &command(), folder)
}

fn write_all(
    parent: Option<&clap::Command>,
    command: &clap::Command,
    folder: &Path,
) -> io::Result<()> {
    let file = folder.join(format!("{}.1", name(command)));
    std::fs::write(file, page(parent, command)?)?;
    visible_verbs(command).try_for_each(|verb| write_all(Some(command), verb, folder))
}

fn name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(parent: Option<&clap::Command>, command: &clap::Command) -> io::Result<Vec<u8>> {
    let has_verbs = visible_verbs(command).next().is_some();
    // What there is of flags stands below.
    let man = Man::new(command.clone().override_usage(usage(command)))
        .title(name(command).to_uppercase())
        .source(concat!("kubectl-lease ", env!("CARGO_PKG_VERSION")))
        .manual("kubectl lease");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_verbs {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = Roff::default();
    for Section { title, lines } in sections(command) {
        rest.control("SH", [title.to_uppercase().as_str()]);
        // Line by line, as they stand.
        rest.control("nf", []);
        for line in lines {
            rest.text([roman(line)]);
        }
        rest.control("fi", []);
    }
    if let Some(parent) = parent {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold(name(parent)), roman("(1)")]);
    }
    rest.to_writer(&mut page)?;
    Ok(page)
}
