//! The real kubectl.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

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

    /// The command behind [`Client::kubectl`], to be changed or started.
    pub fn kubectl_command(&self) -> Command {
        self.command(parts::part("kubectl"))
    }

    /// The command behind [`Client::kubectl_with_plugin`], to be changed or started.
    pub fn kubectl_with_plugin_command(&self) -> Command {
        let folder = self.home().join("plugins");
        link_plugin(&folder);
        let mut command = self.kubectl_command();
        command.env("PATH", format!("{}:{SYSTEM_PATH}", folder.display()));
        command
    }
}

/// Makes a folder for the PATH that holds our plugin alone. Tests do this at the same time.
fn link_plugin(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the home folder is writable");
    match symlink(parts::plugin(), folder.join("kubectl-lease")) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => panic!("cannot link the plugin: {e}"),
        _ => (),
    }
}
