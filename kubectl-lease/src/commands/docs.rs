use std::path::PathBuf;

use crate::documentation::{findings, reference, write_man_pages};
use crate::failure::Failure;
use crate::ui::Ui;

/// Write the documentation that is made of what this program says
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Args {
    /// A file for the findings of `doctor`
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    /// A folder for man pages, one for each verb
    #[arg(long, value_name = "DIR")]
    man: Option<PathBuf>,
    /// A file for the reference
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args {
        findings: page,
        man,
        markdown,
    } = args;
    let cannot = |path: &PathBuf, error: std::io::Error| {
        Failure::error(format!("cannot write {}", path.display())).cause(error.to_string())
    };
    if let Some(folder) = man {
        write_man_pages(&folder).map_err(|error| cannot(&folder, error))?;
        ui.note(&format!("man pages written to {}", folder.display()));
    }
    if let Some(file) = page {
        std::fs::write(&file, findings()).map_err(|error| cannot(&file, error))?;
        ui.note(&format!("findings written to {}", file.display()));
    }
    if let Some(file) = markdown {
        std::fs::write(&file, reference()).map_err(|error| cannot(&file, error))?;
        ui.note(&format!("reference written to {}", file.display()));
    }
    Ok(())
}
