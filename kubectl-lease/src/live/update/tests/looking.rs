//! Moving, opening pages, pausing and leaving.

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{id, notice, scene};
use crate::live::message::{Done, Message, Wish};
use crate::live::scene::{Scene, given};
use crate::live::state::Page;
use crate::lock_row::Column;

#[test]
fn what_needs_a_person_comes_first() {
    let scene = scene();
    assert_eq!(
        scene.names(),
        [
            "lock-tfstate-default",
            "billing-batch",
            "report-writer",
            "kube-scheduler",
            "ledger-writer",
            "cache-warmer"
        ]
    );
    assert_eq!(scene.state.locks.stuck(), 2);
}

#[test]
fn keys_that_move() {
    let mut scene = scene();
    for (key, row) in [
        (KeyCode::Down, 1),
        (KeyCode::Char('j'), 2),
        (KeyCode::Up, 1),
        (KeyCode::Char('k'), 0),
        (KeyCode::Up, 0),
        (KeyCode::End, 5),
        (KeyCode::Down, 5),
        (KeyCode::Home, 0),
        (KeyCode::Char('G'), 5),
        (KeyCode::Char('g'), 0),
        (KeyCode::PageDown, 5),
        (KeyCode::PageUp, 0),
    ] {
        scene.press(key, KeyModifiers::NONE);
        assert_eq!(scene.state.cursor.row, row, "{key:?}");
    }
    scene.hear(Message::Resized {
        columns: 80,
        lines: 7,
    });
    scene.control('f');
    assert_eq!(scene.state.cursor.row, 3);
    assert_eq!(scene.state.cursor.top, 1);
    scene.control('b');
    assert_eq!((scene.state.cursor.row, scene.state.cursor.top), (0, 0));
}

#[test]
fn the_cursor_stays_on_its_lock() {
    let mut scene = scene();
    scene.choose("payments", "ledger-writer");
    scene.write(&given("a", "stuck-too", "gone", 900, Some(10)));
    assert_eq!(scene.chosen(), "ledger-writer");
    assert_eq!(scene.state.cursor.row, 5);
    scene.type_in("/led\n");
    assert_eq!(
        (scene.chosen(), scene.state.cursor.row),
        ("ledger-writer", 0)
    );
}

#[test]
fn keys_that_open_pages() {
    for (key, expected) in [
        (KeyCode::Enter, "detail"),
        (KeyCode::Char('d'), "detail"),
        (KeyCode::Char('h'), "queue"),
        (KeyCode::Char('w'), "why"),
        (KeyCode::Char('?'), "help"),
        (KeyCode::Char('c'), "chooser"),
    ] {
        for back in [KeyCode::Esc, KeyCode::Char('q')] {
            let mut scene = scene();
            scene.press(key, KeyModifiers::NONE);
            let page = match scene.state.pages.last().unwrap() {
                Page::Chooser { .. } => "chooser",
                Page::Detail { .. } => "detail",
                Page::Help { .. } => "help",
                Page::Queue { .. } => "queue",
                Page::Text { .. } => "text",
                Page::Why { .. } => "why",
            };
            assert_eq!(page, expected);
            scene.press(back, KeyModifiers::NONE);
            assert!(scene.state.pages.is_empty(), "{key:?} {back:?}");
            assert!(!scene.wishes.contains(&Wish::Quit));
        }
    }
    let mut scene = scene();
    scene.type_in("y");
    assert_eq!(
        scene.wishes,
        [Wish::Yaml(id("infra", "lock-tfstate-default"))]
    );
}

#[test]
fn pages_are_scrolled_as_far_as_they_go() {
    let mut scene = Scene::new(80, 10);
    scene.type_in("?");
    let scroll = |scene: &Scene| match scene.state.pages.last() {
        Some(Page::Help { scroll }) => *scroll,
        other => panic!("{other:?}"),
    };
    scene.press(KeyCode::End, KeyModifiers::NONE);
    let most = scroll(&scene);
    assert!(most > 10);
    scene.type_in("jj");
    assert_eq!(scroll(&scene), most);
    scene.type_in("k");
    assert_eq!(scroll(&scene), most - 1);
    scene.type_in("g");
    assert_eq!(scroll(&scene), 0);
    scene.type_in(" ");
    assert_eq!(scroll(&scene), 6);
    scene.press(KeyCode::PageUp, KeyModifiers::NONE);
    assert_eq!(scroll(&scene), 0);
}

#[test]
fn what_is_around_a_lock_is_read_while_it_is_looked_at() {
    let mut scene = scene();
    scene.type_in("d");
    let wish = Wish::Surroundings(id("infra", "lock-tfstate-default"));
    assert_eq!(scene.wishes, std::slice::from_ref(&wish));
    scene.pass(1900);
    assert_eq!(scene.wishes.len(), 1);
    scene.pass(200);
    assert_eq!(scene.wishes, [wish.clone(), wish]);
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    scene.pass(9000);
    assert_eq!(scene.wishes.len(), 2);
}

#[test]
fn a_pause_freezes_the_picture_and_nothing_is_lost() {
    let mut scene = scene();
    scene.type_in(" ");
    scene.write(&given("a", "new", "x", 1, Some(15)));
    assert!(!scene.names().contains(&"new"));
    scene.type_in("/kube\n");
    assert_eq!(
        scene.names(),
        ["kube-scheduler"],
        "what is frozen can be filtered"
    );
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    scene.type_in(" ");
    assert!(scene.names().contains(&"new"));
}

#[test]
fn keys_that_end_it() {
    for (key, modifiers, wish) in [
        (KeyCode::Char('q'), KeyModifiers::NONE, Wish::Quit),
        (KeyCode::Char('c'), KeyModifiers::CONTROL, Wish::Quit),
        (KeyCode::Char('z'), KeyModifiers::CONTROL, Wish::Suspend),
    ] {
        let mut scene = scene();
        scene.press(key, modifiers);
        assert_eq!(scene.wishes, [wish]);
    }
    // Whatever is open.
    for keys in ["d", "F", "/", ":", "c"] {
        let mut scene = scene();
        scene.type_in(keys);
        scene.wishes.clear();
        scene.control('c');
        assert_eq!(scene.wishes, [Wish::Quit], "{keys}");
    }
}

#[test]
fn the_mouse_chooses_rows_and_sorts() {
    let mut scene = scene();
    let click = |scene: &mut Scene, kind, column, row| {
        let modifiers = KeyModifiers::NONE;
        scene.hear(Message::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers,
        }));
    };
    let left = MouseEventKind::Down(MouseButton::Left);
    click(&mut scene, left, 30, 4);
    assert_eq!(scene.state.cursor.row, 2);
    click(&mut scene, left, 30, 20);
    assert_eq!(scene.state.cursor.row, 2, "there is no row");
    click(&mut scene, left, 13, 1);
    assert_eq!(scene.sorted_by(), (Column::Namespace, false));
    click(&mut scene, left, 13, 1);
    assert_eq!(scene.sorted_by(), (Column::Namespace, true));
    scene.state.move_to(0);
    click(&mut scene, MouseEventKind::ScrollDown, 5, 5);
    assert_eq!(scene.state.cursor.row, 3);
    click(&mut scene, MouseEventKind::ScrollUp, 5, 5);
    assert_eq!(scene.state.cursor.row, 0);
    scene.choose("infra", "lock-tfstate-default");
    let row = scene.state.cursor.row;
    scene.type_in("F");
    click(&mut scene, left, 30, 2);
    assert_eq!(scene.state.cursor.row, row, "a question is in the way");
}

#[test]
fn a_notice_goes_by_itself() {
    let mut scene = scene();
    scene.hear(Message::Done(Done::Acted("done".into())));
    assert_eq!(notice(&scene), "done");
    scene.pass(8_000);
    assert_eq!(notice(&scene), "");
}
