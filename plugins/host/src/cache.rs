//! Policies as machine code, kept so that each is compiled once.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use wasmtime::component::Component;

use crate::trust::{self, Distrust};
use crate::{Digest, Error, Host, Policy};

/// What the names of files in it end in.
const ENDING: &str = "compiled";

/// A folder that only we write to. What lies in it is run as it is.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// Others may write to it, or it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Distrust> {
        trust::make_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The component of this digest, if this very host compiled it before.
    ///
    /// # Errors
    /// It was compiled, and is not as the contract says.
    pub fn find(&self, host: &Host, digest: Digest) -> Result<Option<Policy>, Error> {
        let file = self.file(host, digest);
        // Somebody may have made the folder theirs, or the file another's.
        if trust::check_folder(&self.folder).is_err() || trust::check_file(&file).is_err() {
            return Ok(None);
        }
        #[allow(
            unsafe_code,
            reason = "wasmtime cannot tell machine code that it did not make"
        )]
        // SAFETY: the file was written by `keep` with what wasmtime had compiled, as a whole or not
        // at all, in a folder that is ours and that nobody else may write to.
        let component = unsafe { Component::deserialize_file(host.engine(), &file) };
        match component {
            Ok(component) => Policy::of(host, &component).map(Some),
            // It is compiled once more.
            Err(_) => Ok(None),
        }
    }

    /// Keeps what a host compiled of the component of this digest.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, host: &Host, digest: Digest, compiled: &[u8]) -> Result<(), Distrust> {
        let file = self.file(host, digest);
        let write = || {
            let mut new = NamedTempFile::new_in(&self.folder)?;
            new.write_all(compiled)?;
            // As a whole, or not at all, even after a crash: it is run as it is.
            new.as_file().sync_all()?;
            new.persist(&file)?;
            Ok(())
        };
        write().map_err(|error| Distrust::Unreadable {
            path: file.clone(),
            error,
        })
    }

    /// Removes all that was compiled of the component of this digest.
    pub fn forget(&self, digest: Digest) {
        let prefix = digest.to_string();
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // Whatever is left of it is only space.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn file(&self, host: &Host, digest: Digest) -> PathBuf {
        self.folder
            .join(format!("{digest}-{}.{ENDING}", host.fingerprint()))
    }
}
