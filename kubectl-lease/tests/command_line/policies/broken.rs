//! Policies that should be asked and cannot be: what takes from others is refused, the rest goes on.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lease_policy_guests::Guest;

use super::{add, compiled, components, config, files, holder, in_words, refused, stuck};
use crate::cluster::Sandbox;

/// That `steal` and `force-release` are refused, and that the others go on, with this said.
#[track_caller]
fn fails_closed(sandbox: &Sandbox, why: &str) {
    let said = sandbox.shell.run("steal stuck");
    refused(sandbox, &said, why);
    let said = sandbox.shell.run("force-release stuck --dry-run");
    refused(sandbox, &said, why);
    for line in [
        "acquire new --dry-run",
        "run new -- true",
        "acquire taken --identity me",
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        assert!(said.stderr.contains(why), "{line}: {said:?}");
        assert!(said.stderr.contains("goes on without"), "{line}: {said:?}");
        in_words(&said);
    }
    let said = sandbox.shell.run("release taken --identity me");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains(why), "{said:?}");
}

/// That all goes on again.
#[track_caller]
fn goes_on(sandbox: &Sandbox) {
    let said = sandbox.shell.run("steal stuck --identity me");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(holder(sandbox, "stuck"), "me");
}

fn allowing() -> Sandbox {
    let sandbox = stuck();
    add(
        &sandbox,
        "fine",
        &Guest::new("p").review(&Guest::allow()),
        "",
    );
    sandbox
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Else it would never be asked.
#[test]
fn one_whose_verb_is_typed_wrongly() {
    let sandbox = allowing();
    let text = fs::read_to_string(config(&sandbox)).unwrap();
    let wrong = text.replace("- steal", "- stael");
    assert_ne!(wrong, text);
    fs::write(config(&sandbox), wrong).unwrap();
    let why = "policy fine is to be asked about \"stael\", which is none of acquire, force-release, \
               release, run, steal";
    fails_closed(&sandbox, why);
    fs::write(config(&sandbox), text).unwrap();
    goes_on(&sandbox);
}

#[test]
fn one_that_is_missing() {
    let sandbox = allowing();
    fs::remove_file(&files(&components(&sandbox))[0]).unwrap();
    fails_closed(&sandbox, "policy fine is not there: ");
    let said = sandbox.shell.run("steal stuck");
    assert!(
        said.stderr.contains("`kubectl-lease plugin rm fine`"),
        "{said:?}"
    );
    assert_eq!(sandbox.shell.run("plugin rm fine").code, Some(0));
    goes_on(&sandbox);
}

#[test]
fn one_whose_digest_has_changed() {
    let sandbox = allowing();
    let file = &files(&components(&sandbox))[0];
    fs::write(file, Guest::new("evil").component()).unwrap();
    fails_closed(
        &sandbox,
        "policy fine is not what was added: the SHA-256 of ",
    );
    let listed = sandbox.shell.run("plugin ls");
    assert!(
        listed.stdout.contains("is not what was added"),
        "{listed:?}"
    );
    assert_eq!(sandbox.shell.run("plugin inspect fine").code, Some(1));
    // What was added is put back by adding it again, and is asked about as little as before.
    let kept = fs::read_to_string(config(&sandbox)).unwrap();
    let fewer = kept.replacen("  - release\n", "", 1);
    assert_ne!(fewer, kept, "{kept}");
    fs::write(config(&sandbox), &fewer).unwrap();
    let restored = sandbox.shell.run("plugin add fine.wasm --name fine");
    assert_eq!(restored.stdout, "plugin/fine restored\n", "{restored:?}");
    assert_eq!(fs::read_to_string(config(&sandbox)).unwrap(), fewer);
    goes_on(&sandbox);
}

#[test]
fn one_that_fails_or_takes_too_long() {
    for (body, why) in [
        (
            "(unreachable)",
            "policy bad failed: it panicked, or gave up on purpose",
        ),
        (
            "(loop $again (br $again))",
            "policy bad took longer than 100 ms",
        ),
    ] {
        let sandbox = stuck();
        add(&sandbox, "bad", &Guest::new("p").review(body), "");
        fails_closed(&sandbox, why);
    }
}

#[test]
fn one_that_does_not_take_its_settings_any_more() {
    let sandbox = stuck();
    let picky = Guest::new("p").configure(&format!(
        "(if (i32.eq (local.get $length) (i32.const 2)) (then {}))\n{}",
        Guest::abstain(),
        Guest::refuse_settings("no-window", "what is that?")
    ));
    add(&sandbox, "picky", &picky, "");
    let kept = fs::read_to_string(config(&sandbox)).unwrap();
    fs::write(
        config(&sandbox),
        kept.replace("settings: {}", "settings: {a: 1}"),
    )
    .unwrap();
    fails_closed(
        &sandbox,
        "policy picky does not take its settings: what is that? (no-window)",
    );
    let listed = sandbox.shell.run("plugin ls");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(
        listed.stdout.contains("does not take its settings"),
        "{listed:?}"
    );
}

/// A monitor never blocks.
#[test]
fn one_that_only_monitors() {
    let sandbox = stuck();
    add(
        &sandbox,
        "bad",
        &Guest::new("p").review("(unreachable)"),
        "--mode monitor",
    );
    let said = sandbox.shell.run("steal stuck --dry-run");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("policy bad failed: "), "{said:?}");
    goes_on(&sandbox);
}

#[test]
fn a_file_that_says_nothing_that_can_be_understood() {
    let sandbox = allowing();
    let kept = fs::read_to_string(config(&sandbox)).unwrap();
    for (text, why) in [
        ("plugins: [".to_owned(), "plugins.yaml: "),
        ("plugins: 7".to_owned(), "plugins.yaml: "),
        (kept.replace("mode: enforce", "mode: monitr"), "monitr"),
        (kept.replace("mode: ", "mood: "), "mood"),
        (kept.replace("sha256: ", "sha256: 0"), "is no SHA-256"),
        (
            format!("{kept}{}", kept.split_once("plugins:").unwrap().1),
            "two policies are called",
        ),
        ("\u{0}\u{1b}[31m".to_owned(), "plugins.yaml: "),
    ] {
        fs::write(config(&sandbox), &text).unwrap();
        fails_closed(&sandbox, why);
        let said = sandbox.shell.run("plugin ls");
        assert!(!said.stderr.contains('\u{1b}'), "{said:?}");
    }
    fs::write(config(&sandbox), kept).unwrap();
    goes_on(&sandbox);
}

/// Neither what a crash may leave nor a link to a folder that is not mounted says that there are none.
#[test]
fn a_file_that_is_empty_or_a_link_that_leads_nowhere() {
    let sandbox = allowing();
    let file = config(&sandbox);
    fs::write(&file, "").unwrap();
    fails_closed(&sandbox, "it is empty");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("nowhere.yaml", &file).unwrap();
    fails_closed(&sandbox, "it is a link to what is not there");
    fs::remove_file(&file).unwrap();
    goes_on(&sandbox);
}

#[test]
fn files_and_folders_that_others_may_write_to() {
    let sandbox = allowing();
    let (config, components, compiled) =
        (config(&sandbox), components(&sandbox), compiled(&sandbox));
    let component = files(&components)[0].clone();
    for (path, mode, usual) in [
        (config.as_path(), 0o622, 0o600),
        (config.parent().unwrap(), 0o777, 0o700),
        (&component, 0o660, 0o600),
        (&components, 0o770, 0o700),
        (&compiled, 0o777, 0o700),
    ] {
        permit(path, mode);
        let why = format!(
            "others may write to {} (its mode is {mode:o})",
            path.display()
        );
        fails_closed(&sandbox, &why);
        let said = sandbox.shell.run("steal stuck");
        let hint = format!("`chmod go-w {}`", path.display());
        assert!(said.stderr.contains(&hint), "{said:?}");
        // What is typed as it stands mends it, as far as that is wanted.
        permit(path, usual);
    }
    goes_on(&sandbox);
}

/// The lock changes hands while a policy is asked about it: the verdict is not about that.
#[test]
fn what_was_judged_is_what_is_written() {
    let sandbox = stuck();
    // It computes for a while, and is not asked a second time.
    let slow = Guest::new("p").review(&format!(
        "(loop $again (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (br_if $again (i32.lt_u (local.get $i) (i32.const 20000000)))) {}",
        Guest::allow()
    ));
    add(&sandbox, "slow", &slow, "");
    let mut steal = sandbox
        .shell
        .command(["steal", "stuck", "--identity", "me"]);
    let mut steal = steal
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Whoever comes in between, at whatever moment, is not stolen from on an old verdict.
    let taken = sandbox.record("bob", 15, 600);
    sandbox.change("stuck", |lease| lease["spec"] = taken);
    let status = steal.wait().unwrap();
    match status.code() {
        // It was read after bob came, and stolen from bob.
        Some(0) => assert_eq!(holder(&sandbox, "stuck"), "me"),
        code => {
            assert_eq!(code, Some(3));
            assert_eq!(holder(&sandbox, "stuck"), "bob");
        }
    }
}
