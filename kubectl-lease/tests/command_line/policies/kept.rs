//! Adding, listing, looking at and removing policies.

use std::fs;
use std::os::unix::fs::MetadataExt;

use lease_policy_guests::Guest;
use regex::Regex;

use super::{add, compiled, components, config, files, stuck, write};
use crate::transcript::Transcript;

#[test]
fn a_policy_is_added_shown_and_removed() {
    let sandbox = stuck();
    write(&sandbox, "require-reason", &Guest::require_reason());
    write(
        &sandbox,
        "other",
        &Guest::require_reason().own_version("9.9.9"),
    );
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("plugin ls");
    typed.run("plugin inspect ./require-reason.wasm");
    typed.run("plugin add require-reason.wasm");
    // As it is there already, and as another is.
    assert_eq!(typed.run("plugin add require-reason.wasm").code, Some(0));
    assert_eq!(
        typed
            .run("plugin add require-reason.wasm --mode monitor")
            .code,
        Some(1)
    );
    assert_eq!(typed.run("plugin add other.wasm").code, Some(1));
    assert_eq!(
        typed
            .run("plugin add other.wasm --name another --mode monitor")
            .code,
        Some(0)
    );
    typed.run("plugin ls");
    typed.run("plugin ls -o name");
    typed.run("plugin ls -o json");
    typed.run("plugin inspect another");
    typed.run("plugin inspect require-reason -o yaml");
    assert_eq!(typed.run("plugin add other.wasm --replace").code, Some(0));
    typed.run("plugin rm another");
    typed.run("plugin rm require-reason");
    assert_eq!(typed.run("plugin rm require-reason").code, Some(1));
    typed.run("plugin ls");
    // They are what the tools make that make components.
    let bytes = Regex::new(r"[0-9]{4} bytes|bytes: [0-9]{4}").unwrap();
    let digest = Regex::new(r"force-release   [0-9a-f]{12}").unwrap();
    let text = bytes.replace_all(&typed.end(), "<bytes>").into_owned();
    let text = digest.replace_all(&text, "force-release   <sha256>");
    insta::assert_snapshot!("kept", text);
}

#[test]
fn nobody_else_may_write_where_policies_lie() {
    let sandbox = stuck();
    add(&sandbox, "p", &Guest::new("p"), "");
    for path in [config(&sandbox), components(&sandbox), compiled(&sandbox)] {
        for path in [path.clone(), path.parent().unwrap().to_owned()] {
            let mode = path.metadata().unwrap().mode() & 0o777;
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, expected, "{}", path.display());
        }
    }
    for file in [files(&components(&sandbox)), files(&compiled(&sandbox))].concat() {
        assert_eq!(
            file.metadata().unwrap().mode() & 0o777,
            0o600,
            "{}",
            file.display()
        );
    }
}

#[test]
fn what_is_removed_leaves_nothing() {
    let sandbox = stuck();
    add(&sandbox, "one", &Guest::new("p"), "");
    add(&sandbox, "two", &Guest::new("p"), "");
    // They are one component.
    assert_eq!(files(&components(&sandbox)).len(), 1);
    let other = Guest::new("p").own_version("2.0.0");
    add(&sandbox, "one", &other, "--replace");
    assert_eq!(files(&components(&sandbox)).len(), 2);
    add(&sandbox, "two", &other, "--replace");
    assert_eq!(files(&components(&sandbox)).len(), 1);
    assert_eq!(files(&compiled(&sandbox)).len(), 1);
    sandbox.shell.run("plugin rm one");
    assert_eq!(files(&components(&sandbox)).len(), 1);
    sandbox.shell.run("plugin rm two");
    assert_eq!(
        files(&components(&sandbox)),
        Vec::<std::path::PathBuf>::new()
    );
    assert_eq!(files(&compiled(&sandbox)), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_digest_that_is_expected_has_to_be_that() {
    let sandbox = stuck();
    write(&sandbox, "p", &Guest::new("p"));
    let zeros = "0".repeat(64);
    let said = sandbox
        .shell
        .run(&format!("plugin add p.wasm --sha256 {zeros}"));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr.contains("p.wasm is not what was expected"),
        "{said:?}"
    );
    assert!(!config(&sandbox).exists());
    let listed = sandbox.shell.run("plugin inspect p.wasm -o json").stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let digest = listed["sha256"].as_str().unwrap();
    let said = sandbox
        .shell
        .run(&format!("plugin add p.wasm --sha256 sha256:{digest}"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        sandbox.shell.run("plugin add p.wasm --sha256 abc").code,
        Some(1)
    );
}

#[test]
fn settings_are_taken_by_the_policy_or_not_at_all() {
    let sandbox = stuck();
    let picky = Guest::new("p")
        .example("{\"from\": \"22:00\"}")
        .configure(&format!(
            "(if (i32.gt_u (local.get $length) (i32.const 2)) (then {}))\n{}",
            Guest::abstain(),
            Guest::refuse_settings("no-window", "`from` is missing")
        ));
    write(&sandbox, "picky", &picky);
    fs::write(
        sandbox.shell.home().join("night.yaml"),
        "from: '22:00' # late\n",
    )
    .unwrap();
    fs::write(sandbox.shell.home().join("wrong.yaml"), "from: [\n").unwrap();
    let mut typed = Transcript::new(&sandbox.shell);
    assert_eq!(typed.run("plugin add picky.wasm").code, Some(1));
    assert_eq!(
        typed.run("plugin add picky.wasm --settings {").code,
        Some(1)
    );
    assert_eq!(
        typed
            .run("plugin add picky.wasm --settings @nowhere.yaml")
            .code,
        Some(1)
    );
    assert_eq!(
        typed
            .run("plugin add picky.wasm --settings @wrong.yaml")
            .code,
        Some(1)
    );
    assert!(!config(&sandbox).exists());
    assert_eq!(
        typed
            .run("plugin add picky.wasm --settings @night.yaml")
            .code,
        Some(0)
    );
    insta::assert_snapshot!("settings", typed.end());
    let kept = fs::read_to_string(config(&sandbox)).unwrap();
    assert!(kept.contains("22:00"), "{kept}");
}

/// Whoever edits the file decides what is asked.
#[test]
fn what_is_edited_counts() {
    let sandbox = stuck();
    let denies = Guest::new("p").review(&Guest::deny("no", "never"));
    add(&sandbox, "never", &denies, "");
    let kept = fs::read_to_string(config(&sandbox)).unwrap();
    assert_eq!(sandbox.shell.run("steal stuck --dry-run").code, Some(3));
    fs::write(
        config(&sandbox),
        kept.replace("mode: enforce", "mode: monitor"),
    )
    .unwrap();
    let said = sandbox.shell.run("steal stuck --dry-run");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stderr
            .contains("would deny this, and only monitors: never (no)"),
        "{said:?}"
    );
    let others: String = kept
        .split_inclusive('\n')
        .filter(|line| !line.contains("steal"))
        .collect();
    fs::write(config(&sandbox), others).unwrap();
    let said = sandbox.shell.run("steal stuck --dry-run");
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    fs::write(config(&sandbox), "# none\n").unwrap();
    assert_eq!(sandbox.shell.run("steal stuck --dry-run").code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn they_lie_where_the_environment_says() {
    let sandbox = stuck();
    write(&sandbox, "p", &Guest::new("p"));
    let home = sandbox.shell.home();
    let mut command = sandbox.shell.command(["plugin", "add", "p.wasm"]);
    command
        .env("XDG_CONFIG_HOME", home.join("c"))
        .env("XDG_DATA_HOME", home.join("d"))
        .env("XDG_CACHE_HOME", home.join("e"));
    assert!(command.status().unwrap().success());
    assert!(home.join("c/kubectl-lease/plugins.yaml").exists());
    assert_eq!(files(&home.join("d/kubectl-lease/plugins")).len(), 1);
    assert_eq!(files(&home.join("e/kubectl-lease/plugins")).len(), 1);
    assert!(!config(&sandbox).exists());
}
