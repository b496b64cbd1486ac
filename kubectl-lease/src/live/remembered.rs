//! Which columns were chosen the last time.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::lock_row::Column;

#[derive(Debug, Deserialize, Serialize)]
struct Remembered {
    /// What stands over them, in their order.
    columns: Vec<String>,
}

/// The columns that were chosen, if some were, or why that is not known.
pub(super) fn columns() -> Result<Option<Vec<Column>>, String> {
    // Who has no home has nothing there.
    match file() {
        Ok(file) => read(&file),
        Err(_) => Ok(None),
    }
}

/// Remembers these columns, or says why it cannot.
pub(super) fn keep(columns: &[Column]) -> Result<(), String> {
    let cannot = |why: String| format!("the columns cannot be remembered: {why}");
    let file = file().map_err(cannot)?;
    write(&file, columns).map_err(|error| cannot(format!("{}: {error}", file.display())))
}

/// Where it is kept. It is no choice that anybody would carry to another machine, as those among
/// the configuration are, but how the program was left: the XDG specification names "view, layout"
/// as what its state folder is for. Other platforms have none and keep it among the data.
fn file() -> Result<PathBuf, String> {
    let folders = etcetera::base_strategy::choose_native_strategy();
    let folders = folders.map_err(|error| error.to_string())?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Ok(folder.join("kubectl-lease").join("table.json"))
}

fn read(file: &Path) -> Result<Option<Vec<Column>>, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(not_known(file, &error.to_string())),
    };
    let remembered: Remembered =
        serde_json::from_str(&text).map_err(|error| not_known(file, &error.to_string()))?;
    let mut columns = Vec::new();
    for title in remembered.columns {
        match Column::ALL
            .into_iter()
            .find(|column| column.title() == title)
        {
            Some(column) if columns.contains(&column) => {
                return Err(not_known(file, &format!("{title} is there twice")));
            }
            Some(column) => columns.push(column),
            None => return Err(not_known(file, &format!("no column is called \"{title}\""))),
        }
    }
    if !columns.contains(&Column::Name) {
        return Err(not_known(file, "there is no NAME"));
    }
    Ok(Some(columns))
}

fn not_known(file: &Path, why: &str) -> String {
    format!(
        "the usual columns, since {} cannot be used: {why}",
        file.display()
    )
}

/// Replaces the file as a whole, so that a table that is opened just then reads one or the other.
fn write(file: &Path, columns: &[Column]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let remembered = Remembered {
        columns: columns
            .iter()
            .map(|column| column.title().to_owned())
            .collect(),
    };
    let mut new = NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut new, &remembered)?;
    new.write_all(b"\n")?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("not/yet/there.json");
        assert_eq!(read(&file), Ok(None));
        for columns in [
            vec![Column::LastWriter, Column::Name, Column::State],
            Column::ALL.to_vec(),
        ] {
            write(&file, &columns).unwrap();
            assert_eq!(read(&file), Ok(Some(columns)));
        }
    }

    #[test]
    fn what_makes_no_table_is_not_used_and_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.json");
        for (text, why) in [
            ("", "EOF while parsing"),
            ("{\"columns\": 7}", "invalid type"),
            (
                "{\"columns\": [\"NAME\", \"MOOD\"]}",
                "no column is called \"MOOD\"",
            ),
            ("{\"columns\": [\"NAME\", \"NAME\"]}", "NAME is there twice"),
            ("{\"columns\": [\"STATE\"]}", "there is no NAME"),
        ] {
            fs::write(&file, text).unwrap();
            let told = read(&file).unwrap_err();
            assert!(told.contains(why), "{told}");
            assert!(told.contains(&file.display().to_string()), "{told}");
        }
        let told = read(folder.path()).unwrap_err();
        assert!(told.starts_with("the usual columns, since "), "{told}");
    }
}
