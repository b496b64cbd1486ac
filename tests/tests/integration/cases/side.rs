//! One of the two servers, as a case sees it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lease_tests::{Client, Namespace, Output};
use tempfile::TempDir;

use super::sandbox::Sandbox;

/// A server, a namespace of it that is the case's own and has the same name on both, and a folder
/// for files.
pub(super) struct Side {
    client: Client,
    folder: TempDir,
    kubeconfig: PathBuf,
    namespace: String,
}

/// The program that a command line is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tool {
    Kubectl,
    Plugin,
}

impl Side {
    pub(super) fn real(namespace: &Namespace<'_>) -> Self {
        let client = namespace.admin().clone();
        Self {
            folder: folder(),
            kubeconfig: client.kubeconfig().to_owned(),
            client,
            namespace: namespace.name().to_owned(),
        }
    }

    pub(super) fn imitated(namespace: &Namespace<'_>, sandbox: &Sandbox) -> Self {
        let folder = folder();
        let kubeconfig = folder.path().join("kubeconfig");
        let text = sandbox.kubeconfig(namespace.name());
        std::fs::write(&kubeconfig, text).expect("the folder is writable");
        Self {
            client: namespace.admin().clone(),
            folder,
            kubeconfig,
            namespace: namespace.name().to_owned(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// A call of a program with the arguments of a line, which no quotes can hold together. Files
    /// are looked for in the case's folder.
    pub(super) fn command(&self, tool: Tool, line: &str) -> Command {
        let mut command = match tool {
            Tool::Kubectl => self.client.kubectl_command(),
            Tool::Plugin => self.client.plugin_command(),
        };
        command
            .args(line.split_whitespace())
            .env("KUBECONFIG", &self.kubeconfig)
            .current_dir(self.folder());
        command
    }

    /// Runs it to its end, with a text as its stdin.
    pub(super) fn run(&self, tool: Tool, line: &str, stdin: &str) -> Output {
        let path = self.folder().join("stdin");
        std::fs::write(&path, stdin).expect("the folder is writable");
        let output = self
            .command(tool, line)
            .stdin(Stdio::from(File::open(path).expect("it was written")))
            .output()
            .expect("the programs are built");
        Output {
            code: output.status.code(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        }
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("the folder for temporary files is writable")
}
