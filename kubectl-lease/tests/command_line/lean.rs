//! The program that is built without policies.

use std::process::Command;

/// What the program is made of, with these flags.
fn tree(flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "-p",
            "kubectl-lease",
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none"])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_of_what_runs_policies_is_in_it() {
    let is_of_policies = |line: &&str| {
        ["wasm", "cranelift", "wit-", "lease-policy"]
            .iter()
            .any(|part| line.contains(part))
    };
    let lean = tree(&["--no-default-features"]);
    assert_eq!(lean.lines().find(is_of_policies), None);
    // Else it would say nothing.
    assert!(lean.contains("lease-client"), "{lean}");
    assert!(tree(&[]).contains("wasmtime v"));
}

/// Somebody had the other program before, and has rules.
#[cfg(not(feature = "plugins"))]
#[test]
fn rules_that_are_there_are_not_passed_over() {
    use crate::cluster::Sandbox;

    let sandbox = Sandbox::new();
    sandbox.lock("stuck", "alice", 15, 600);
    let (linux, macos) = (".config", "Library/Preferences");
    let folder = if cfg!(target_os = "macos") {
        macos
    } else {
        linux
    };
    let folder = sandbox.shell.home().join(folder).join("kubectl-lease");
    std::fs::create_dir_all(&folder).unwrap();
    let entry = "plugins:\n- name: p\n  sha256: ''\n  verbs: [steal, run]\n";
    for (text, is_asked) in [
        (entry, true),
        ("plugins: [", true),
        ("plugins: []\n", false),
    ] {
        std::fs::write(folder.join("plugins.yaml"), text).unwrap();
        let steal = sandbox.shell.run("steal stuck --dry-run");
        let run = sandbox.shell.run("run lock -- true");
        let told = "this program was built without policies, and some are configured";
        assert_eq!(steal.code, Some(if is_asked { 3 } else { 0 }), "{steal:?}");
        assert_eq!(run.code, Some(0), "{run:?}");
        for said in [steal, run] {
            assert_eq!(said.stderr.contains(told), is_asked, "{said:?}");
        }
    }
    assert_eq!(sandbox.shell.run("plugin ls").code, Some(1));
}
