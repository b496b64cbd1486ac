//! Asking why a lock is as it is.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{id, scene};
use crate::live::message::{Done, Message, Verdict, Wish};
use crate::live::scene::{Scene, given};
use crate::live::state::Page;

fn asked(scene: &Scene) -> usize {
    let wishes = scene.wishes.iter();
    wishes.filter(|wish| matches!(wish, Wish::Why(_))).count()
}

fn answer(scene: &mut Scene) {
    let verdict = Verdict {
        who: None,
        findings: Vec::new(),
        unread: None,
    };
    scene.hear(Message::Done(Done::Verdict {
        lock: id("payments", "ledger-writer"),
        verdict: Ok(verdict),
    }));
}

fn looking() -> Scene {
    let mut scene = scene();
    scene.choose("payments", "ledger-writer");
    scene.type_in("w");
    assert_eq!(scene.wishes, [Wish::Why(id("payments", "ledger-writer"))]);
    scene
}

fn renewed(scene: &mut Scene, holder: &str, by: i64) {
    let renewed = given("payments", "ledger-writer", holder, -by, Some(15));
    scene.write(&renewed);
}

const HOLDER: &str = "ledger-writer-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa";

#[test]
fn it_is_asked_once_and_again_when_the_lock_has_changed() {
    let mut scene = looking();
    answer(&mut scene);
    // It is renewed, which says nothing new.
    for second in 1..12 {
        scene.pass(1000);
        renewed(&mut scene, HOLDER, second);
    }
    assert_eq!(asked(&scene), 1);
    renewed(&mut scene, "another", 12);
    assert_eq!(asked(&scene), 2);
    answer(&mut scene);
    // Nobody renews it any more, so it gets late, and then expires.
    scene.pass(13_000);
    assert_eq!(asked(&scene), 3);
    answer(&mut scene);
    scene.pass(13_000);
    assert_eq!(asked(&scene), 4);
}

#[test]
fn one_question_is_put_at_a_time_and_not_too_often() {
    let mut scene = looking();
    for round in 1..20 {
        scene.pass(1000);
        renewed(&mut scene, &format!("holder-{round}"), round);
    }
    assert_eq!(asked(&scene), 1, "the first is not answered yet");
    answer(&mut scene);
    assert_eq!(asked(&scene), 2);
    answer(&mut scene);
    for round in 20..24 {
        scene.pass(1000);
        renewed(&mut scene, &format!("holder-{round}"), round);
    }
    assert_eq!(asked(&scene), 2, "it was asked just now");
    scene.pass(1000);
    assert_eq!(asked(&scene), 3);
}

#[test]
fn a_key_asks_again_at_once() {
    let mut scene = looking();
    scene.type_in("r");
    assert_eq!(asked(&scene), 1, "the first is not answered yet");
    answer(&mut scene);
    assert_eq!(asked(&scene), 2);
    answer(&mut scene);
    scene.type_in("r");
    assert_eq!(asked(&scene), 3);
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    scene.pass(60_000);
    assert_eq!(asked(&scene), 3, "nobody looks any more");
}

#[test]
fn it_is_asked_from_each_page_of_a_lock() {
    for key in ["d", "h"] {
        let mut scene = scene();
        scene.choose("payments", "ledger-writer");
        scene.type_in(key);
        scene.type_in("w");
        assert_eq!(asked(&scene), 1, "{key}");
        // It is there already.
        scene.type_in("w");
        assert_eq!(scene.state.pages.len(), 2, "{key}");
        scene.press(KeyCode::Esc, KeyModifiers::NONE);
        let page = scene.state.pages.last();
        assert!(
            matches!(page, Some(Page::Detail { .. } | Page::Queue { .. })),
            "{page:?}"
        );
    }
    let mut scene = scene();
    scene.type_in("?w");
    assert_eq!((asked(&scene), scene.state.pages.len()), (0, 1));
}

/// An answer that comes when the page is closed opens none.
#[test]
fn an_answer_that_nobody_waits_for_any_more_is_dropped() {
    let mut scene = looking();
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    answer(&mut scene);
    assert!(scene.state.pages.is_empty());
}
