//! Stealing and breaking locks.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{id, notice, scene};
use crate::live::message::Wish;
use crate::live::scene::given;

#[test]
fn nothing_is_changed_without_leave() {
    let mut scene = scene();
    scene.state.settings.allow_changes = false;
    for key in ["s", "F"] {
        scene.choose("payments", "billing-batch");
        scene.type_in(key);
        assert!(scene.state.dialog.is_none());
        assert!(
            notice(&scene).contains("--allow-changes"),
            "{}",
            notice(&scene)
        );
    }
}

#[test]
fn only_what_is_over_is_stolen() {
    let mut scene = scene();
    for (namespace, name, told) in [
        (
            "payments",
            "ledger-writer",
            "a live holder is never stolen from",
        ),
        (
            "reporting",
            "report-writer",
            "a live holder is never stolen from",
        ),
        ("infra", "lock-tfstate-default", "F breaks it"),
        ("web", "cache-warmer", "nobody holds"),
    ] {
        scene.choose(namespace, name);
        scene.type_in("s");
        assert!(scene.state.dialog.is_none(), "{name}");
        assert!(notice(&scene).contains(told), "{name}: {}", notice(&scene));
    }
    for (key, take) in [("f", false), ("t", true)] {
        scene.choose("payments", "billing-batch");
        scene.type_in("s");
        // Nothing else does anything.
        scene.type_in("xyq");
        scene.wishes.clear();
        scene.type_in(key);
        let lock = id("payments", "billing-batch");
        // By the stamp, since nothing was seen to change.
        assert_eq!(
            scene.wishes,
            [Wish::Steal {
                lock,
                observed: None,
                take
            }]
        );
        assert!(scene.state.dialog.is_none());
    }
    scene.type_in("s");
    scene.wishes.clear();
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    assert!(scene.state.dialog.is_none() && scene.wishes.is_empty());
}

/// What was seen to change is stolen by what was seen.
#[test]
fn a_steal_carries_what_was_observed() {
    let mut scene = scene();
    scene.write(&given(
        "payments",
        "ledger-writer",
        "ledger-writer-0",
        -1,
        Some(15),
    ));
    scene.pass(16_000);
    scene.choose("payments", "ledger-writer");
    scene.type_in("sf");
    let [
        Wish::Steal {
            observed: Some(observed),
            ..
        },
    ] = scene.wishes.as_slice()
    else {
        panic!("{:?}", scene.wishes);
    };
    assert_eq!(
        observed.remaining(scene.now),
        Some(std::time::Duration::ZERO)
    );
}

#[test]
fn a_lock_is_broken_only_once_its_name_is_typed() {
    let mut scene = scene();
    scene.choose("payments", "ledger-writer");
    scene.type_in("Fledger");
    scene.press(KeyCode::Enter, KeyModifiers::NONE);
    assert!(scene.wishes.is_empty());
    assert!(notice(&scene).contains("not its name"));
    scene.type_in("F");
    scene.type_in("wrong");
    scene.control('u');
    scene.type_in("ledger-writerr");
    scene.press(KeyCode::Backspace, KeyModifiers::NONE);
    scene.press(KeyCode::Enter, KeyModifiers::NONE);
    let lock = id("payments", "ledger-writer");
    let holder = Some("ledger-writer-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa".to_owned());
    assert_eq!(scene.wishes, [Wish::ForceRelease { lock, holder }]);
    scene.wishes.clear();
    scene.choose("payments", "ledger-writer");
    scene.type_in("F");
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    scene.choose("web", "cache-warmer");
    scene.type_in("F");
    assert!(scene.state.dialog.is_none() && scene.wishes.is_empty());
}

#[test]
fn a_question_that_stands_while_its_lock_changes_hands() {
    let mut scene = scene();
    scene.choose("payments", "ledger-writer");
    scene.type_in("F");
    scene.write(&given("payments", "ledger-writer", "another", -1, Some(15)));
    scene.type_in("ledger-writer");
    scene.press(KeyCode::Enter, KeyModifiers::NONE);
    let [Wish::ForceRelease { holder, .. }] = scene.wishes.as_slice() else {
        panic!("{:?}", scene.wishes);
    };
    // Whom the user saw, not who holds it by now.
    assert!(holder.as_deref().unwrap().starts_with("ledger-writer-0_"));
}
