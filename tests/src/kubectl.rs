//! The real kubectl.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::SYSTEM_PATH;
use crate::{Client, Output, parts};

impl Client {
    /// Runs kubectl.
    pub fn kubectl<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        Output::of(self.kubectl_command().args(args))
    }

    /// Creates an object from its JSON, and returns it as the server does.
    pub fn create(&self, object: &Value) -> Value {
        let mut command = self.kubectl_command();
        command.args(["create", "-o", "json", "-f", "-"]);
        Output::with_stdin(&mut command, &object.to_string()).json()
    }

    /// Creates objects from their JSON.
    pub fn create_all(&self, objects: &[Value]) {
        self.give_all("create", objects);
    }

    /// Replaces objects by their JSON.
    pub fn replace_all(&self, objects: &[Value]) {
        self.give_all("replace", objects);
    }

    fn give_all(&self, verb: &str, objects: &[Value]) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let mut command = self.kubectl_command();
        command.args([verb, "-f", "-"]);
        Output::with_stdin(&mut command, &list.to_string()).success();
    }

    /// Runs kubectl with our plugin where kubectl finds it, so that `kubectl lease` is ours.
    pub fn kubectl_with_plugin<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Output {
        Output::of(self.kubectl_with_plugin_command().args(args))
    }

    /// Types a line into a shell that finds kubectl, and our plugin as kubectl does. It must end by
    /// itself within `limit`.
    pub fn shell(&self, line: &str, limit: Duration) -> Output {
        let mut shell = self.command("sh");
        let folder = self.find_plugins(&mut shell);
        link(&parts::part("kubectl"), &folder.join("kubectl"));
        Output::within(shell.args(["-c", line]), limit)
    }

    /// What kubectl offers to its shell scripts for these words, the last being completed, where
    /// our program for that is installed as its help says: the candidates with their descriptions,
    /// and the directive.
    pub fn kubectl_completion<A: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = A>,
    ) -> (Vec<String>, String) {
        self.install_completer();
        let mut command = self.kubectl_with_plugin_command();
        let output = Output::of(command.arg("__complete").args(words)).success();
        let mut lines: Vec<String> = output.stdout.lines().map(ToOwned::to_owned).collect();
        let directive = lines.pop().expect("kubectl ends with a directive");
        (lines, directive)
    }

    /// The command behind [`Client::kubectl`], to be changed or started.
    pub fn kubectl_command(&self) -> Command {
        self.command(parts::part("kubectl"))
    }

    /// The command behind [`Client::kubectl_with_plugin`], to be changed or started.
    pub fn kubectl_with_plugin_command(&self) -> Command {
        let mut command = self.kubectl_command();
        self.find_plugins(&mut command);
        command
    }

    fn install_completer(&self) {
        let mut shell = self.command("sh");
        let folder = self.find_plugins(&mut shell);
        // Tests do this at the same time, so it appears whole and at once. A shell does it, since a
        // file that this process has open for writing cannot be run by another of its threads.
        let lines = "kubectl-lease completion kubectl > $$
            chmod +x $$
            mv $$ kubectl_complete-lease";
        shell.args(["-e", "-c", lines]).current_dir(folder);
        Output::of(&mut shell).success();
    }

    /// Has a command find our plugin on its PATH, and tells in which folder.
    fn find_plugins(&self, command: &mut Command) -> PathBuf {
        let folder = self.home().join("plugins");
        link_plugin(&folder);
        command.env("PATH", format!("{}:{SYSTEM_PATH}", folder.display()));
        folder
    }
}

/// Makes a folder for the PATH that holds our plugin.
fn link_plugin(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the home folder is writable");
    link(&parts::plugin(), &folder.join("kubectl-lease"));
}

/// Tests do this at the same time.
fn link(program: &Path, at: &Path) {
    match symlink(program, at) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => {
            panic!("cannot link {}: {e}", at.display())
        }
        _ => (),
    }
}
