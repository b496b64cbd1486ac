//! What `cargo xtask package` makes of this tree, quickly: for this machine, unoptimized.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use lease_tests::Output;

use super::downloads;

/// The archive of this machine's platform, to be downloaded, and the manifest.
pub(crate) struct Package {
    folder: PathBuf,
    url: String,
}

impl Package {
    /// Makes it once for all tests.
    pub(crate) fn get() -> &'static Self {
        static PACKAGE: LazyLock<Package> = LazyLock::new(Package::make);
        &PACKAGE
    }

    fn make() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        // Archives of another version would stay otherwise.
        let _ = std::fs::remove_dir_all(&folder);
        let url = downloads::serve(&folder);
        let package = Self { folder, url };
        package.package(
            &package.manifest(),
            &["--profile", "dev", "--target", "host"],
        );
        package
    }

    /// Runs `cargo xtask package`.
    fn package(&self, manifest: &Path, args: &[&str]) {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap())
            .args(["xtask", "package", "--base-url", &self.url, "--out"])
            .arg(&self.folder)
            .arg("--manifest")
            .arg(manifest)
            .args(args);
        // These describe the package of this test; build scripts that look at one would run again.
        for (name, _) in std::env::vars() {
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        Output::of(&mut command).success();
    }

    /// The manifest, for this machine's platform alone.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.join("lease.yaml")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        let mut found: Vec<_> = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// A folder beside it with the archive under the names of all platforms, so that all can be
    /// installed here, and the manifest for them.
    pub(crate) fn for_all_platforms(&self) -> PathBuf {
        let archive = self.archive();
        let name = archive.file_name().unwrap().to_str().unwrap();
        let (start, _) = name
            .rsplit_once("-linux-")
            .or_else(|| name.rsplit_once("-darwin-"))
            .unwrap();
        let folder = self.folder.join("all");
        std::fs::create_dir_all(&folder).unwrap();
        for platform in ["darwin-amd64", "darwin-arm64", "linux-amd64", "linux-arm64"] {
            let copy = folder.join(format!("{start}-{platform}.tar.gz"));
            std::fs::hard_link(&archive, copy).unwrap();
        }
        let all = Self {
            url: format!("{}/all", self.url),
            folder,
        };
        all.package(&all.manifest(), &["--manifest-only"]);
        all.manifest()
    }
}
