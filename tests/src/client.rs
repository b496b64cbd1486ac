//! Somebody at a shell: a kubeconfig, and a home folder with nothing in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Where programs of the system are. Neither a machine's kubectl nor its plugins are meant to be.
pub(crate) const SYSTEM_PATH: &str = "/usr/bin:/bin";

/// One user in one namespace of a server. Runs kubectl and our plugin as that user.
#[derive(Clone, Debug)]
pub struct Client {
    home: PathBuf,
    kubeconfig: PathBuf,
}

impl Client {
    /// Writes a kubeconfig into `home` that differs from `base` in its current context (the user's
    /// name) and in the namespace.
    pub(crate) fn new(home: &Path, base: &Value, user: &str, namespace: &str) -> Self {
        let mut config = base.clone();
        config["current-context"] = user.into();
        let contexts = config["contexts"]
            .as_array_mut()
            .expect("a kubeconfig has contexts");
        assert!(
            contexts.iter().any(|context| context["name"] == user),
            "the server was started without a user {user}"
        );
        for context in contexts {
            context["context"]["namespace"] = namespace.into();
        }
        // JSON is YAML, too.
        let kubeconfig = home.join(format!("kubeconfig-{user}-{namespace}"));
        std::fs::write(&kubeconfig, config.to_string()).expect("the home folder is writable");
        Self {
            home: home.to_owned(),
            kubeconfig,
        }
    }

    /// The path of the kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The home folder, the server's own: kubectl keeps its discovery cache there.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// A command that sees this client's kubeconfig and nothing of the machine's own settings.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("LANG", "C.UTF-8")
            .env("PATH", SYSTEM_PATH)
            .env("TZ", "UTC")
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }
}
