//! A credential plugin that keeps count.

use std::fs;

use lease_tests::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::with;

/// Notes what it was asked, and goes on as it was told for this run.
const SCRIPT: &str = r#"
folder=$(dirname "$0")
echo >> "$folder/runs"
run=$(wc -l < "$folder/runs")
printf '%s' "$KUBERNETES_EXEC_INFO" > "$folder/asked-$run"
[ -e "$folder/$run" ] || run=last
. "$folder/$run"
"#;

/// A program that a kubeconfig names for credentials.
pub(super) struct Plugin {
    folder: TempDir,
}

impl Plugin {
    /// Each run does what one of these lines of shell does; further runs, what the last one does.
    pub(super) fn running(lines: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("plugin", SCRIPT);
        for (index, line) in lines.iter().enumerate() {
            write(&(index + 1).to_string(), line);
        }
        write("last", lines.last().unwrap());
        Self { folder }
    }

    /// The `exec` of a kubeconfig.
    pub(super) fn exec(&self) -> Value {
        json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": [self.folder.path().join("plugin")],
            "command": "sh",
            "interactiveMode": "Never",
        })
    }

    /// Somebody whose kubeconfig names this plugin.
    pub(super) fn client(&self, client: &Client) -> Client {
        with(client, &json!({ "exec": self.exec() }))
    }

    /// How often it ran.
    pub(super) fn runs(&self) -> usize {
        let runs = fs::read_to_string(self.folder.path().join("runs"));
        runs.map_or(0, |runs| runs.lines().count())
    }

    /// What it was asked the first time: the `ExecCredential` of `KUBERNETES_EXEC_INFO`.
    pub(super) fn asked(&self) -> Value {
        let asked = fs::read_to_string(self.folder.path().join("asked-1")).unwrap();
        serde_json::from_str(&asked).unwrap()
    }
}
