//! Kubeconfigs and flags that name no cluster.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::expected::Expected;
use super::fault::{Fault, Way};

pub(super) const FAULTS: &[Fault] = &[
    Fault::for_all(
        "no kubeconfig",
        Way::Command(|command| {
            command.env_remove("KUBECONFIG");
        }),
        Expected::fails(&["no kubeconfig", "--kubeconfig"]),
    ),
    Fault::for_all(
        "an empty kubeconfig",
        Way::Command(|command| from_file(command, "")),
        Expected::fails(&["kubeconfig"]),
    ),
    Fault::for_all(
        "a broken kubeconfig",
        Way::Command(|command| from_file(command, "clusters: [")),
        Expected::fails(&["kubeconfig-odd-", "line 1"]),
    ),
    Fault::for_all(
        "a kubeconfig that is not there",
        Way::Command(|command| {
            command.args(["--kubeconfig", "not-there"]);
        }),
        Expected::fails(&["not-there", "No such file"]),
    ),
    Fault::for_all(
        "a kubeconfig without a current context",
        Way::Kubeconfig(|config| config["current-context"] = json!("")),
        Expected::fails(&["context"]),
    ),
    Fault::for_all(
        "an unknown context",
        Way::Command(|command| {
            command.args(["--context", "elsewhere"]);
        }),
        Expected::fails(&["context", "elsewhere"]),
    ),
    Fault::for_all(
        "an unknown cluster in the context",
        Way::Kubeconfig(|config| contexts(config, "cluster")),
        Expected::fails(&["cluster", "elsewhere"]),
    ),
    Fault::for_all(
        "an unknown user in the context",
        Way::Kubeconfig(|config| contexts(config, "user")),
        Expected::fails(&["user", "elsewhere"]),
    ),
    Fault::for_all(
        "an unknown cluster",
        Way::Command(|command| {
            command.args(["--cluster", "elsewhere"]);
        }),
        Expected::fails(&["cluster", "elsewhere"]),
    ),
    Fault::for_all(
        "an unknown user",
        Way::Command(|command| {
            command.args(["--user", "elsewhere"]);
        }),
        Expected::fails(&["user", "elsewhere"]),
    ),
    Fault::for_all(
        "a server that is no address",
        Way::Kubeconfig(|config| cluster(config)["server"] = json!("https://[half")),
        Expected::fails(&["https://[half"]),
    ),
    Fault::for_all(
        "an authority file that is not there",
        Way::Kubeconfig(|config| {
            let cluster = cluster(config);
            cluster["certificate-authority-data"].take();
            cluster["certificate-authority"] = json!("/no-such-file/ca.crt");
        }),
        Expected::fails(&["/no-such-file/ca.crt"]),
    ),
    Fault::for_all(
        "an authority that is no certificate",
        Way::Kubeconfig(|config| {
            cluster(config)["certificate-authority-data"] = json!("bm8gY2VydGlmaWNhdGU=");
        }),
        Expected::fails(&["certificate"]),
    ),
    Fault::for_all(
        "a token file that is not there",
        Way::Kubeconfig(|config| user(config, json!({"tokenFile": "/no-such-file/token"}))),
        Expected::fails(&["/no-such-file/token"]),
    ),
    Fault::for_all(
        "a client key that is not there",
        Way::Kubeconfig(|config| {
            let files = json!({
                "client-certificate": "/no-such-file/user.crt",
                "client-key": "/no-such-file/user.key",
            });
            user(config, files);
        }),
        Expected::fails(&["/no-such-file/user."]),
    ),
    Fault::for_all(
        "an exec plugin that is not there",
        Way::Kubeconfig(|config| plugin(config, "no-such-plugin", &[])),
        Expected::fails(&["no-such-plugin"]),
    ),
    Fault::for_all(
        "an exec plugin that fails",
        Way::Kubeconfig(|config| plugin(config, "sh", &["-c", "echo log in first >&2; exit 7"])),
        Expected::fails(&["log in first", "7"]),
    ),
    Fault::for_all(
        "an exec plugin that says nothing",
        Way::Kubeconfig(|config| plugin(config, "true", &[])),
        Expected::fails(&["true"]),
    ),
];

/// Names a kubeconfig that says this.
fn from_file(command: &mut Command, text: &str) {
    static MADE: AtomicU32 = AtomicU32::new(1);

    let folder = command.get_current_dir().unwrap();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("kubeconfig-odd-{number}"));
    std::fs::write(&path, text).unwrap();
    command.arg("--kubeconfig").arg(path);
}

fn cluster(config: &mut Value) -> &mut Value {
    &mut config["clusters"][0]["cluster"]
}

/// Has the context in use name what there is not.
fn contexts(config: &mut Value, field: &str) {
    for context in config["contexts"].as_array_mut().unwrap() {
        context["context"][field] = json!("elsewhere");
    }
}

fn user(config: &mut Value, credentials: Value) {
    for user in config["users"].as_array_mut().unwrap() {
        user["user"] = credentials.clone();
    }
}

fn plugin(config: &mut Value, program: &str, args: &[&str]) {
    let plugin = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "args": args,
        "command": program,
        "interactiveMode": "Never",
    });
    user(config, json!({ "exec": plugin }));
}
