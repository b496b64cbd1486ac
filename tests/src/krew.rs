//! The real krew, kubectl's plugin manager.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::client::SYSTEM_PATH;
use crate::{Client, Output, parts};

/// Somebody who installs plugins: a krew with nothing installed, and a folder for all of it.
#[derive(Debug)]
pub struct Krew {
    folder: TempDir,
}

impl Krew {
    /// A krew with an empty index of its own instead of the public one.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lease-krew-")
            .tempdir()
            .expect("the folder for temporary files is writable");
        for name in ["home", "index", "tools"] {
            std::fs::create_dir(folder.path().join(name)).expect("the folder is new");
        }
        let tools = folder.path().join("tools");
        for (part, name) in [("kubectl", "kubectl"), ("krew", "kubectl-krew")] {
            symlink(parts::part(part), tools.join(name)).expect("the folder is new");
        }
        let krew = Self { folder };
        krew.git(["init", "--quiet"]);
        krew
    }

    /// Puts a manifest into the index, in place of the plugin's one before.
    pub fn publish(&self, plugin: &str, manifest: &str) {
        let plugins = self.index().join("plugins");
        std::fs::create_dir_all(&plugins).expect("the index is writable");
        std::fs::write(plugins.join(format!("{plugin}.yaml")), manifest)
            .expect("the index is writable");
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message", plugin]);
    }

    /// Runs `kubectl krew`.
    pub fn krew<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        let tools = self.folder.path().join("tools");
        let mut command = self.command(tools.join("kubectl"));
        command
            .arg("krew")
            .args(args)
            .env("KREW_ROOT", self.root())
            .env("KREW_DEFAULT_INDEX_URI", self.index());
        Output::of(&mut command)
    }

    /// Runs what the public index runs on a manifest: its form, and an installation for each of its
    /// platforms. The file is named after the plugin.
    pub fn validate(&self, manifest: &Path) -> Output {
        let mut command = self.command(parts::part("validate-krew-manifest"));
        Output::of(command.arg("-manifest").arg(manifest))
    }

    /// Runs kubectl as this user, with nothing on the PATH but what krew has installed.
    pub fn kubectl<A: AsRef<OsStr>>(
        &self,
        client: &Client,
        args: impl IntoIterator<Item = A>,
    ) -> Output {
        let mut command = client.kubectl_command();
        Output::of(command.args(args).env("PATH", self.bin()))
    }

    /// Where the installed plugins are.
    pub fn store(&self) -> PathBuf {
        self.root().join("store")
    }

    fn bin(&self) -> PathBuf {
        self.root().join("bin")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("krew")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// A command that finds kubectl, krew, its plugins and git.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let tools = self.folder.path().join("tools");
        let path = format!("{}:{}:{SYSTEM_PATH}", tools.display(), self.bin().display());
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .env("LANG", "C.UTF-8")
            .env("PATH", path)
            .current_dir(self.folder.path());
        command
    }

    fn git<'a>(&self, args: impl IntoIterator<Item = &'a str>) {
        let mut command = self.command("git");
        command
            .args(["-c", "user.name=index", "-c", "user.email=index@localhost"])
            .arg("-C")
            .arg(self.index())
            .args(args)
            .env("GIT_CONFIG_NOSYSTEM", "1");
        Output::of(&mut command).success();
    }
}

impl Default for Krew {
    fn default() -> Self {
        Self::new()
    }
}
