//! Somebody at a shell: a kubeconfig, and a home folder with nothing in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Authority;

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
        Self::with(home, &format!("{user}-{namespace}"), &config)
    }

    /// Puts a kubeconfig in place at once: another program may be reading the same one.
    fn with(home: &Path, name: &str, config: &Value) -> Self {
        let kubeconfig = home.join(format!("kubeconfig-{name}"));
        let begun = home.join(format!("begun-{}", number()));
        // JSON is YAML, too.
        std::fs::write(&begun, config.to_string()).expect("the home folder is writable");
        std::fs::rename(&begun, &kubeconfig).expect("the home folder is writable");
        Self {
            home: home.to_owned(),
            kubeconfig,
        }
    }

    /// The same home with another kubeconfig: this one, changed.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Value)) -> Self {
        let text = std::fs::read_to_string(&self.kubeconfig).expect("it was written");
        let mut config: Value = serde_json::from_str(&text).expect("it is JSON");
        change(&mut config);
        Self::with(&self.home, &format!("changed-{}", number()), &config)
    }

    /// The same user, who thinks that the server is at this address. Still, only what the real
    /// server's authority signed is trusted.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        self.changed(|config| config["clusters"][0]["cluster"]["server"] = url.into())
    }

    /// The same user, who thinks that the server is at this address, and trusts what this
    /// authority signed.
    #[must_use]
    pub fn trusting(&self, url: &str, authority: &Authority) -> Self {
        self.changed(|config| {
            let cluster = &mut config["clusters"][0]["cluster"];
            cluster["server"] = url.into();
            cluster["certificate-authority-data"] = STANDARD.encode(authority.pem()).into();
        })
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

/// Another one each time.
fn number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);

    LAST.fetch_add(1, Ordering::Relaxed)
}
