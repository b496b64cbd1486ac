//! How the program was called, so that help, errors and hints can be typed as they stand.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

/// `kubectl lease` if kubectl (or a program like it) started us as its plugin, else
/// `kubectl-lease`.
pub(crate) static NAME: LazyLock<&str> = LazyLock::new(|| {
    let this = std::env::args_os().next().unwrap_or_default();
    name(
        &this,
        std::env::var_os("_").as_deref(),
        std::env::var_os("PATH").as_deref(),
    )
});

/// The flags that said which cluster, as they have to be typed again, each after a space.
static CLUSTER_FLAGS: OnceLock<String> = OnceLock::new();
/// Those of them that do not say in whose name.
static FLAGS_OF_ONESELF: OnceLock<String> = OnceLock::new();

/// Remembers the flags that said which cluster: a command that is offered to be pasted has to reach
/// the same one.
pub(crate) fn remember_cluster_flags(flags: String, of_oneself: String) {
    // Only one command line is the process's own.
    let _ = CLUSTER_FLAGS.set(flags);
    let _ = FLAGS_OF_ONESELF.set(of_oneself);
}

/// The flags that said which cluster, each after a space.
pub(crate) fn cluster_flags() -> &'static str {
    CLUSTER_FLAGS.get().map_or("", String::as_str)
}

/// The same, but for those that say in whose name.
pub(crate) fn cluster_flags_without_impersonation() -> &'static str {
    FLAGS_OF_ONESELF.get().map_or("", String::as_str)
}

/// A command, as it can be typed, with the flags that said which cluster.
pub(crate) fn line(arguments: &str) -> String {
    format!("{} {arguments}{}", *NAME, cluster_flags())
}

/// A command on one lock, as it can be typed.
pub(crate) fn command(verb: &str, name: &str, namespace: &str) -> String {
    line(&format!("{verb} {name} -n {namespace}"))
}

/// A text as one word for a shell. Holders come from the cluster: what is pasted must not run.
pub(crate) fn quoted(text: &str) -> String {
    match shlex::try_quote(text) {
        Ok(quoted) => quoted.into_owned(),
        // It holds a NUL, which no shell can take.
        Err(_) => "''".to_owned(),
    }
}

const PLUGIN: &str = "kubectl lease";
const PROGRAM: &str = "kubectl-lease";

/// kubectl replaces itself by the plugin, so no process tells of it. But it starts the plugin by
/// the path at which it found it in `PATH`, while a shell passes on what was typed, and says in
/// `_` which program it started.
fn name(this: &OsStr, shell_started: Option<&OsStr>, path: Option<&OsStr>) -> &'static str {
    let this = Path::new(this);
    let Some(folder) = this.parent().filter(|folder| folder.is_absolute()) else {
        return PROGRAM;
    };
    let typed_ourselves = shell_started
        .and_then(|started| Path::new(started).file_stem())
        .is_some_and(|stem| Some(stem) == this.file_stem());
    let found_in_path =
        path.is_some_and(|path| std::env::split_paths(path).any(|entry| entry == folder));
    if found_in_path && !typed_ourselves {
        PLUGIN
    } else {
        PROGRAM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(this: &str, shell_started: Option<&str>) -> &'static str {
        name(
            OsStr::new(this),
            shell_started.map(OsStr::new),
            Some(OsStr::new("/usr/bin:/opt/bin")),
        )
    }

    #[test]
    fn the_way_of_calling_is_told_apart() {
        assert_eq!(
            called("kubectl-lease", Some("/opt/bin/kubectl-lease")),
            PROGRAM
        );
        assert_eq!(called("./target/kubectl-lease", None), PROGRAM);
        assert_eq!(
            called("/opt/bin/kubectl-lease", Some("/usr/bin/kubectl")),
            PLUGIN
        );
        assert_eq!(
            called("/opt/bin/kubectl-lease", Some("/usr/bin/python3")),
            PLUGIN
        );
        assert_eq!(called("/opt/bin/kubectl-lease", None), PLUGIN);
        assert_eq!(
            called("/opt/bin/kubectl-lease", Some("/opt/bin/kubectl-lease")),
            PROGRAM
        );
        assert_eq!(called("/elsewhere/kubectl-lease", None), PROGRAM);
    }
}
