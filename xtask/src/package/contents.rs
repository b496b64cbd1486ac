//! What an archive holds beside the program.

use std::path::Path;

use anyhow::Context;

use super::archive::Entry;
use crate::{program, workspace};

/// Everything but the program. It is the same for every platform.
///
/// Man pages and completions are the program's own words; `own` is one that runs on this machine.
pub(crate) fn documents(own: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for name in ["CHANGELOG.md", "LICENSE", "README.md"] {
        entries.push(file(&workspace::root().join(name), name.to_owned(), false)?);
    }
    for (shell, path, executable) in [
        ("bash", "completions/kubectl-lease.bash", false),
        ("fish", "completions/kubectl-lease.fish", false),
        ("zsh", "completions/_kubectl-lease", false),
        ("kubectl", "kubectl_complete-lease", true),
    ] {
        let script = program::read(program::at(own).args(["completion", shell]))?;
        entries.push(Entry {
            path: path.to_owned(),
            executable,
            bytes: (script + "\n").into_bytes(),
        });
    }
    entries.extend(man_pages(own)?);
    Ok(entries)
}

fn man_pages(own: &Path) -> anyhow::Result<Vec<Entry>> {
    let folder = workspace::target()?.join("man");
    // Pages of verbs that are no more would stay otherwise.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    program::run(program::at(own).args(["docs", "--man"]).arg(&folder))?;
    let listed =
        std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    listed
        .map(|page| {
            let page = page.with_context(|| format!("cannot list {}", folder.display()))?;
            let name = page.file_name().to_string_lossy().into_owned();
            file(&page.path(), format!("man/man1/{name}"), false)
        })
        .collect()
}

/// A file of this machine, as `path` in the archive.
pub(crate) fn file(source: &Path, path: String, executable: bool) -> anyhow::Result<Entry> {
    let bytes =
        std::fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    Ok(Entry {
        path,
        executable,
        bytes,
    })
}
