//! Policies: keeping them, asking them, and those that mean no good.

mod asked;
mod attacks;
mod broken;
mod compiling;
mod kept;
mod table;
mod tested;

use std::fs;
use std::path::PathBuf;

use lease_policy_guests::Guest;

use crate::cluster::Sandbox;
use crate::shell::Said;

/// A folder of the user, by what it is on this platform.
fn folder(sandbox: &Sandbox, linux: &str, macos: &str) -> PathBuf {
    let folder = if cfg!(target_os = "macos") {
        macos
    } else {
        linux
    };
    sandbox.shell.home().join(folder).join("kubectl-lease")
}

/// Where it says which policies there are.
fn config(sandbox: &Sandbox) -> PathBuf {
    folder(sandbox, ".config", "Library/Preferences").join("plugins.yaml")
}

/// Where components are kept.
fn components(sandbox: &Sandbox) -> PathBuf {
    folder(sandbox, ".local/share", "Library/Application Support").join("plugins")
}

/// Where machine code is kept.
fn compiled(sandbox: &Sandbox) -> PathBuf {
    folder(sandbox, ".cache", "Library/Caches").join("plugins")
}

/// The files of a folder, but for the lock.
fn files(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()));
    let files = entries.into_iter().flatten();
    files
        .filter(|path| path.file_name().unwrap() != "lock")
        .collect()
}

/// Writes a policy to the home folder.
fn write(sandbox: &Sandbox, name: &str, guest: &Guest) {
    let file = sandbox.shell.home().join(format!("{name}.wasm"));
    fs::write(file, guest.component()).unwrap();
}

/// Adds a policy.
#[track_caller]
fn add(sandbox: &Sandbox, name: &str, guest: &Guest, flags: &str) {
    write(sandbox, name, guest);
    let said = sandbox
        .shell
        .run(&format!("plugin add {name}.wasm --name {name} {flags}"));
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// A cluster with a lock that is over, whose holder is `alice`.
fn stuck() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("stuck", "alice", 15, 600);
    sandbox
}

/// Who holds a lock.
fn holder(sandbox: &Sandbox, lock: &str) -> String {
    let lease = sandbox.cluster.get("work", lock).unwrap();
    lease["spec"]["holderIdentity"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// That it was refused, and the lock is as it was.
#[track_caller]
fn refused(sandbox: &Sandbox, said: &Said, why: &str) {
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains(why), "{why}: {said:?}");
    assert_eq!(holder(sandbox, "stuck"), "alice");
    in_words(said);
}

/// That people are told in words: no addresses, no backtraces, no names of types.
#[track_caller]
fn in_words(said: &Said) {
    for word in [
        "0x",
        "backtrace",
        "panicked at",
        "Error {",
        "wasm trap",
        "wasmtime",
        "!<wasm",
    ] {
        assert!(!said.stderr.contains(word), "{word}: {said:?}");
    }
}
