//! Saying who one is: credential plugins, files and certificates; and keeping what nobody may see.

mod certificates;
mod plugin;
mod plugins;
mod secrets;
mod token_files;

use lease_tests::{Client, Output};
use serde_json::{Value, json};

use crate::lock::LIMIT;

/// The administrator's token, as the server has it.
const TOKEN: &str = "admin-token";

/// The same home and cluster, with these credentials.
pub(crate) fn with(client: &Client, credentials: &Value) -> Client {
    client.changed(|config| {
        for user in config["users"].as_array_mut().unwrap() {
            user["user"] = credentials.clone();
        }
    })
}

/// An `ExecCredential` with this status, as a line for a shell that prints it.
fn prints(status: &Value) -> String {
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": status,
    });
    format!("printf '%s' '{credential}'")
}

fn run(client: &Client, line: &str) -> Output {
    let mut command = client.plugin_command();
    Output::within(command.args(line.split_whitespace()), LIMIT)
}
