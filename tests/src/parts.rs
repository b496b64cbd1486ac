//! Where the built programs are.

use std::path::{Path, PathBuf};

/// The path of a Go part: in the nearest `parts` folder above the test executable, which is in
/// cargo's target folder.
pub(crate) fn part(name: &str) -> PathBuf {
    let own = own_executable();
    own.ancestors()
        .map(|folder| folder.join("parts").join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("the part {name} is not built; build it with: cargo xtask parts"))
}

/// The path of something else that is made in cargo's target folder, and by what.
pub(crate) fn in_target(path: &str, maker: &str) -> PathBuf {
    let own = own_executable();
    own.ancestors()
        .map(|folder| folder.join(path))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{path} is not there; it is made by: {maker}"))
}

/// The path of our own command line, built in the same profile as the test.
pub(crate) fn plugin() -> PathBuf {
    let name = format!("kubectl-lease{}", std::env::consts::EXE_SUFFIX);
    in_profile(&name, "cargo build -p kubectl-lease")
}

/// The path of something that is built in the same profile as the test, and by what.
pub(crate) fn in_profile(name: &str, maker: &str) -> PathBuf {
    let own = own_executable();
    own.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is not built; build it with: {maker}"))
}

fn own_executable() -> PathBuf {
    let path = std::env::current_exe().expect("the system knows the running executable");
    path.canonicalize()
        .unwrap_or_else(|_| Path::new(&path).to_owned())
}
