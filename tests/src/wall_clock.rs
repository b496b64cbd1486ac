//! A wall clock that is set for one program while that runs.

use std::process::Command;

use tempfile::TempDir;

use crate::parts;

/// A wall clock that some programs go by.
#[derive(Debug)]
pub struct WallClock {
    folder: TempDir,
}

impl WallClock {
    /// One that is right so far.
    pub fn new() -> Self {
        let clock = Self {
            folder: tempfile::tempdir().expect("a folder can be made"),
        };
        clock.set(0);
        clock
    }

    /// Lets it jump to so many seconds ahead of the machine's clock; behind it if negative.
    pub fn set(&self, ahead: i64) {
        // It is read at any time, and then as a whole.
        let new = self.folder.path().join("new");
        std::fs::write(&new, ahead.to_string()).expect("it can be written");
        std::fs::rename(new, self.file()).expect("it can be replaced");
    }

    /// Has a program go by it, and all that this starts.
    pub fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let library =
            parts::in_profile("liblease_wall_clock.so", "cargo build -p lease-wall-clock");
        command
            .env("LD_PRELOAD", library)
            .env("LEASE_WALL_CLOCK", self.file())
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("ahead")
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}
