//! What `cargo xtask package` makes is what krew, its index and people with `tar` can use.

mod downloads;
mod package;

use std::path::Path;
use std::process::Command;

use lease_tests::{ApiServer, Client, Krew, Output};

use self::package::Package;
use crate::lock::held;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn krew_installs_upgrades_and_removes() {
    let namespace = ApiServer::shared().namespace("krew");
    let client = namespace.admin();
    client.create(&held("nightly", "runner-3", 600));
    let manifest = std::fs::read_to_string(Package::get().manifest()).unwrap();
    let version = format!("version: v{VERSION}\n");
    assert!(manifest.contains(&version), "{manifest}");
    let krew = Krew::new();

    // The release before, as far as krew can tell.
    krew.publish("lease", &manifest.replace(&version, "version: v0.0.1\n"));
    let installed = krew.krew(["install", "lease"]).success();
    assert!(
        installed
            .stderr
            .contains("kubectl lease completion kubectl"),
        "no caveats: {installed:?}"
    );
    assert_eq!(kept(&krew), ["v0.0.1"]);
    works(&krew, client);
    let files = names(&krew.store().join("lease/v0.0.1"));
    assert_eq!(files, ["LICENSE", "kubectl-lease"]);

    krew.publish("lease", &manifest);
    krew.krew(["upgrade", "lease"]).success();
    assert_eq!(kept(&krew), [format!("v{VERSION}")]);
    works(&krew, client);

    krew.krew(["uninstall", "lease"]).success();
    let gone = krew.kubectl(client, ["lease", "version"]);
    assert!(gone.stderr.contains("unknown command"), "{gone:?}");
}

/// The versions of the plugin that krew keeps.
fn kept(krew: &Krew) -> Vec<String> {
    names(&krew.store().join("lease"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The plugin that krew has installed runs and lists what is in the cluster.
fn works(krew: &Krew, client: &Client) {
    let version = krew.kubectl(client, ["lease", "version"]).success();
    assert_eq!(version.stdout, format!("kubectl-lease {VERSION}\n"));
    let list = krew.kubectl(client, ["lease", "ls"]).success().stdout;
    let lock = list.lines().find(|line| line.contains("nightly"));
    assert!(
        lock.is_some_and(|line| line.contains("held") && line.contains("runner-3")),
        "{list}"
    );
}

#[test]
fn the_index_accepts_the_manifest_and_every_platform_installs() {
    let manifest = Package::get().for_all_platforms();
    let said = Krew::new().validate(&manifest).success().stderr;
    assert!(
        said.contains("all 4 spec.platforms installed fine"),
        "{said}"
    );

    // What is committed was written by the same code, for another release.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let committed = std::fs::read_to_string(root.join("krew-manifest.yaml")).unwrap();
    let written = std::fs::read_to_string(manifest).unwrap();
    assert_eq!(
        without_release(&committed),
        without_release(&written),
        "write krew-manifest.yaml anew with: cargo xtask package"
    );
}

/// A manifest without what differs from one release of a version to another: where it can be had,
/// and what exactly was built.
fn without_release(manifest: &str) -> String {
    let kept = manifest.lines().filter_map(|line| {
        let (key, value) = line.trim_start().split_once(": ").unwrap_or((line, ""));
        match key {
            "sha256" | "homepage" => None,
            "uri" => Some(value.rsplit('/').next().unwrap().to_owned()),
            _ if line.starts_with('#') => None,
            _ => Some(line.to_owned()),
        }
    });
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_archive_is_whole_without_krew() {
    let archive = Package::get().archive();
    let folder = tempfile::tempdir().unwrap();
    let mut unpack = Command::new("tar");
    unpack
        .arg("-xzf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path());
    Output::of(&mut unpack).success();
    for name in [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "completions/_kubectl-lease",
        "completions/kubectl-lease.bash",
        "completions/kubectl-lease.fish",
        "man/man1/kubectl-lease.1",
        "man/man1/kubectl-lease-steal.1",
    ] {
        let length = std::fs::metadata(folder.path().join(name)).map(|file| file.len());
        assert!(
            length.as_ref().is_ok_and(|&length| length > 0),
            "{name}: {length:?}"
        );
    }

    // With the folder on the PATH, kubectl runs the plugin, and completes with its help.
    let namespace = ApiServer::shared().namespace("archive");
    let client = namespace.admin();
    client.create(&held("nightly", "runner-3", 600));
    let kubectl = |args: &[&str]| {
        let mut command = client.kubectl_command();
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        Output::of(command.args(args).env("PATH", path))
            .success()
            .stdout
    };
    assert_eq!(
        kubectl(&["lease", "version"]),
        format!("kubectl-lease {VERSION}\n")
    );
    let completed = kubectl(&["__complete", "lease", "describe", "nigh"]);
    assert!(completed.starts_with("nightly"), "{completed}");
}
