//! Files and folders that nobody else may write to.

use std::fs::{DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

/// Those who are not us and may write.
const OTHERS_WRITE: u32 = 0o022;
/// Ours alone.
const OURS: u32 = 0o700;

/// Why a file or folder is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum Distrust {
    /// It cannot be looked at.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is not of the kind that it has to be.
    #[error("{} is no {kind}", path.display())]
    Kind {
        /// What.
        path: PathBuf,
        /// What it has to be.
        kind: &'static str,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to another user, of the id {owner}", path.display())]
    Owner {
        /// What.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Others may write to it.
    #[error("others may write to {} (its mode is {mode:03o})", path.display())]
    Writable {
        /// What.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

impl Distrust {
    /// The file or folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. }
            | Self::Kind { path, .. }
            | Self::Owner { path, .. }
            | Self::Writable { path, .. } => path,
        }
    }

    /// The command that, with the path after it, mends this, if there is one that asks for nothing.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Writable { .. } => Some("chmod go-w"),
            _ => None,
        }
    }

    /// Whether there is no such file.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Unreadable { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Checks that a file is ours or root's, and that nobody else may write to it.
///
/// # Errors
/// That it is not so.
pub fn check_file(path: &Path) -> Result<Metadata, Distrust> {
    let metadata = look(path)?;
    if !metadata.is_file() {
        return Err(kind(path, "file"));
    }
    check(path, &metadata)?;
    Ok(metadata)
}

/// Checks that a folder is ours or root's, and that nobody else may write to it.
///
/// # Errors
/// That it is not so.
pub fn check_folder(path: &Path) -> Result<(), Distrust> {
    let metadata = look(path)?;
    if !metadata.is_dir() {
        return Err(kind(path, "folder"));
    }
    check(path, &metadata)
}

/// Makes a folder that is ours alone, if it is not there, with those above it; and checks it.
///
/// # Errors
/// It cannot be made, or there is one that others may write to.
pub fn make_folder(path: &Path) -> Result<(), Distrust> {
    let made = DirBuilder::new().recursive(true).mode(OURS).create(path);
    made.map_err(|error| unreadable(path, error))?;
    check_folder(path)
}

fn look(path: &Path) -> Result<Metadata, Distrust> {
    path.metadata().map_err(|error| unreadable(path, error))
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), Distrust> {
    let path = path.to_owned();
    let owner = metadata.uid();
    // Whatever root does, nobody is safe from.
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(Distrust::Owner { path, owner });
    }
    let mode = metadata.mode() & 0o777;
    if mode & OTHERS_WRITE != 0 {
        return Err(Distrust::Writable { path, mode });
    }
    Ok(())
}

fn unreadable(path: &Path, error: io::Error) -> Distrust {
    let path = path.to_owned();
    Distrust::Unreadable { path, error }
}

fn kind(path: &Path, kind: &'static str) -> Distrust {
    let path = path.to_owned();
    Distrust::Kind { path, kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_others_may_write_to_is_not_trusted() {
        let place = tempfile::tempdir().unwrap();
        let (folder, file) = (place.path().join("a/b"), place.path().join("a/b/c"));
        make_folder(&folder).unwrap();
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
        assert!(check_file(&file).unwrap_err().is_absent());
        fs::write(&file, "").unwrap();
        for (mode, is_trusted) in [
            (0o600, true),
            (0o644, true),
            (0o400, true),
            (0o620, false),
            (0o602, false),
        ] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(check_file(&file).is_ok(), is_trusted, "{mode:o}");
        }
        let told = check_file(&file).unwrap_err();
        assert_eq!(told.remedy(), Some("chmod go-w"));
        assert_eq!(
            told.to_string(),
            format!("others may write to {} (its mode is 602)", file.display())
        );
        assert!(matches!(check_file(&folder), Err(Distrust::Kind { .. })));
        fs::set_permissions(&folder, Permissions::from_mode(0o770)).unwrap();
        assert!(check_folder(&folder).is_err() && make_folder(&folder).is_err());
        assert!(matches!(check_folder(&file), Err(Distrust::Kind { .. })));
    }
}
