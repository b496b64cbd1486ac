//! docs/policies.md, typed as it stands there.

use std::path::{Path, PathBuf};
use std::process::Command;

use lease_tests::{ApiServer, Client, Output, hosts};

/// A shell as somebody has it who writes policies: cargo and kubectl, and a home of their own.
fn shell(client: &Client, folder: &Path, script: &str) -> Command {
    let home = std::env::home_dir().unwrap();
    let of_rust =
        |name, folder| std::env::var_os(name).map_or_else(|| home.join(folder), PathBuf::from);
    let plugin = client.plugin_command();
    let ours = Path::new(plugin.get_program()).parent().unwrap();
    let path = hosts::path_with_kubectl();
    let path = std::iter::once(ours.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new("bash");
    command
        .args(["-euc", script])
        .current_dir(folder)
        .env("LEASE", hosts::source("").canonicalize().unwrap())
        .env("KUBECONFIG", client.kubeconfig())
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("CARGO_HOME", of_rust("CARGO_HOME", ".cargo"))
        .env("RUSTUP_HOME", of_rust("RUSTUP_HOME", ".rustup"))
        .env("HOME", folder)
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_DATA_HOME");
    command
}

fn script() -> String {
    let page = std::fs::read_to_string(hosts::source("docs/policies.md")).unwrap();
    let blocks = page.split("```bash\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split_once("\n```").unwrap().0)
        .collect();
    assert_eq!(blocks.len(), 6);
    blocks.join("\n")
}

/// From nothing to a policy that denies; and the template itself is one.
#[test]
fn the_page_works_in_an_empty_folder() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let folder = tempfile::tempdir().unwrap();
    let output = Output::of(&mut shell(client, folder.path(), &script())).success();
    let denies = "policy hands-off denies it: ci@runner wants to be asked first (hands-off)";
    assert!(output.stdout.contains(denies), "{output:?}");
    assert_eq!(
        output.stdout.matches("exit code 3").count(),
        2,
        "{output:?}"
    );
    assert!(
        output.stderr.contains("\"nightly\" is left as it is"),
        "{output:?}"
    );
    assert!(output.stdout.contains("plugin/hands-off"), "{output:?}");

    let folder = folder.path().join("hands-off");
    let template = r#"
        cp "$LEASE/plugins/template/src/lib.rs" src/lib.rs
        cargo test --quiet
        cargo build --quiet --release --target wasm32-unknown-unknown
        cargo run --quiet --manifest-path "$LEASE/Cargo.toml" -p lease-components \
          --bin policy-component -- \
          target/wasm32-unknown-unknown/release/hands_off.wasm template.wasm
        kubectl lease plugin test ./template.wasm --settings '{"minutes": 30}' \
          --request "$LEASE/plugins/policies/requests/steal-on-saturday.json"
    "#;
    let output = Output::of(&mut shell(client, &folder, template)).success();
    assert!(
        output.stdout.contains("has nothing against it"),
        "{output:?}"
    );
}
