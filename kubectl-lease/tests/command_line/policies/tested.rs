//! `plugin test`: asking without doing, and recording what was asked.

use std::fs;

use lease_policy_guests::Guest;

use super::{add, holder, stuck, write};
use crate::transcript::Transcript;

#[test]
fn a_policy_is_asked_and_nothing_is_done() {
    let sandbox = stuck();
    write(&sandbox, "require-reason", &Guest::require_reason());
    add(&sandbox, "added", &Guest::require_reason(), "");
    let mut typed = Transcript::new(&sandbox.shell);
    for (line, code) in [
        ("plugin test require-reason.wasm --verb steal stuck", 3),
        (
            "plugin test require-reason.wasm --verb steal stuck --reason x",
            0,
        ),
        ("plugin test added --verb force-release stuck -o name", 3),
        ("plugin test added --verb run stuck", 3),
        ("plugin test added --verb acquire missing --reason x", 0),
        ("plugin test added --verb renew stuck", 1),
        ("plugin test added --verb steal", 1),
        ("plugin test added", 1),
        ("plugin test nobody --verb steal stuck", 1),
        ("plugin test added --request nowhere.json", 1),
    ] {
        assert_eq!(typed.run(line).code, Some(code), "{line}");
    }
    assert_eq!(holder(&sandbox, "stuck"), "alice");
    insta::assert_snapshot!("tested", typed.end());
}

#[test]
fn what_was_asked_is_asked_again() {
    let sandbox = stuck();
    let body = Guest::log(1, "looked") + "\n" + &Guest::warn("late", "it is late");
    add(&sandbox, "careful", &Guest::new("p").review(&body), "");
    let said = sandbox
        .shell
        .run("plugin test careful --verb steal stuck --reason x -o json");
    assert_eq!(said.code, Some(0), "{said:?}");
    let file = sandbox.shell.home().join("asked.json");
    fs::write(&file, &said.stdout).unwrap();
    let again = sandbox
        .shell
        .run("plugin test careful --request asked.json -o json");
    assert_eq!(again.stdout, said.stdout);
    // The request alone, too, as somebody wrote it.
    let told: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["log"][0]["message"], "looked");
    fs::write(&file, told["request"].to_string()).unwrap();
    let again = sandbox
        .shell
        .run("plugin test careful --request asked.json -o json");
    assert_eq!(again.stdout, said.stdout);
    for (text, why) in [
        ("{", "is no request"),
        ("{\"verb\": \"steal\"}", "missing field"),
        ("[]", "is no request"),
    ] {
        fs::write(&file, text).unwrap();
        let said = sandbox
            .shell
            .run("plugin test careful --request asked.json");
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.stderr.contains(why), "{said:?}");
    }
}

/// With settings for once, of which nothing is kept.
#[test]
fn settings_can_be_tried() {
    let sandbox = stuck();
    let picky = Guest::new("p").configure(&format!(
        "(if (i32.eq (local.get $length) (i32.const 2)) (then {}))\n{}",
        Guest::abstain(),
        Guest::refuse_settings("no-window", "what is that?")
    ));
    add(&sandbox, "picky", &picky, "");
    let said = sandbox
        .shell
        .run("plugin test picky --settings {\"a\":1} --verb steal stuck");
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr
            .contains("does not take its settings: what is that?"),
        "{said:?}"
    );
    assert_eq!(
        sandbox
            .shell
            .run("plugin test picky --verb steal stuck")
            .code,
        Some(0)
    );
}
