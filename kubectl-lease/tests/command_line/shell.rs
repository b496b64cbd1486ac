//! Somebody at a shell, with a home folder of their own and nothing of this machine's settings.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A clean environment. Its temporary files lie in its home folder too.
pub(crate) struct Shell {
    home: TempDir,
}

/// What the program said, and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) stdout: String,
}

impl Shell {
    /// One whose KUBECONFIG leads to the server at `url`, in the namespace `work`.
    pub(crate) fn at(url: &str) -> Self {
        let shell = Self {
            home: tempfile::tempdir().unwrap(),
        };
        let config = lease_sandbox::kubeconfig(url, "work");
        std::fs::write(shell.kubeconfig(), config).unwrap();
        shell
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.home.path().join("kubeconfig")
    }

    /// A kubeconfig for the same server, with another namespace.
    pub(crate) fn elsewhere(&self) -> PathBuf {
        let config = std::fs::read_to_string(self.kubeconfig()).unwrap();
        let path = self.home.path().join("elsewhere");
        std::fs::write(&path, config.replace("work", "elsewhere")).unwrap();
        path
    }

    /// A call of the program, to be changed or started.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-lease"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home())
            .env("KUBECONFIG", self.kubeconfig())
            .env("TMPDIR", self.home())
            .env("USER", "somebody")
            .current_dir(self.home())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program with the arguments of a line, which no quotes can hold together.
    pub(crate) fn run(&self, line: &str) -> Said {
        Said::of(&mut self.command(line.split_whitespace()))
    }
}

impl Said {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code(),
            // All that it says is text: a byte that is none is a fault.
            stderr: String::from_utf8(output.stderr).unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
        }
    }
}
