//! What each key and message makes of the state.

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use lease_client::Change;
use lease_core::{Timestamp, Uid};

use crate::live::locks::LockId;
use crate::live::message::{Done, Message, Playing, Wish};
use crate::live::scene::{Scene, given};
use crate::live::state::{Connection, Page, Replay};
use crate::lock_row::Column;

fn scene() -> Scene {
    Scene::new(120, 24)
}

fn id(namespace: &str, name: &str) -> LockId {
    LockId {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn notice(scene: &Scene) -> &str {
    scene
        .state
        .notice
        .as_ref()
        .map_or("", |notice| &notice.text)
}

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
fn keys_that_sort() {
    let mut scene = scene();
    for (keys, expected) in [
        ("N", (Column::Name, false)),
        ("N", (Column::Name, true)),
        ("P", (Column::Namespace, false)),
        ("A", (Column::Age, false)),
        ("S", (Column::State, false)),
        (">", (Column::Namespace, false)),
        (">", (Column::Name, false)),
        ("<", (Column::Namespace, false)),
        ("r", (Column::Namespace, true)),
        ("r", (Column::Namespace, false)),
        (":sort transitions\n", (Column::Transitions, false)),
        (":sort EXPIRES\n", (Column::Expires, false)),
        (":sort nothing\n", (Column::Expires, false)),
    ] {
        scene.type_in(keys);
        assert_eq!(scene.sorted_by(), expected, "{keys}");
    }
    assert_eq!(notice(&scene), "no column is called \"nothing\"");
}

/// However a table is sorted, and whatever changes, its order is that of sorting it at once.
#[test]
fn rows_move_to_where_they_belong() {
    for column in Column::ALL {
        let mut scene = scene();
        scene.type_in(&format!(":sort {}", column.title()));
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        for round in 0..40_i64 {
            let names = ["b", "a", "c", "f", "e"];
            let name = names[usize::try_from(round).unwrap() % names.len()];
            let holder = ["x", "", "y"][usize::try_from(round).unwrap() % 3];
            let lasts = [Some(20), None, Some(5)][usize::try_from(round % 7).unwrap() % 3];
            scene.write(&given("n", name, holder, round * 13 % 50, lasts));
            scene.pass(700);
            let moved: Vec<String> = scene.names().into_iter().map(str::to_owned).collect();
            let arrangement = scene.state.locks.arrangement().clone();
            scene.state.locks.arrange(arrangement);
            assert_eq!(moved, scene.names(), "{column:?} in round {round}");
        }
    }
}

#[test]
fn a_filter_is_applied_as_it_is_typed_and_taken_back() {
    let mut scene = scene();
    scene.type_in("/state:");
    assert_eq!(scene.names().len(), 6);
    scene.type_in("expired");
    assert_eq!(scene.names(), ["billing-batch"]);
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(scene.names().len(), 6);
    assert!(scene.state.prompt.is_none());
    for (typed, names) in [
        (
            "!state:held !state:free",
            vec!["lock-tfstate-default", "billing-batch", "report-writer"],
        ),
        ("holder:CONTROL", vec!["kube-scheduler"]),
        // Who has no holder has none of that name either.
        (
            "!holder:writer",
            vec![
                "lock-tfstate-default",
                "billing-batch",
                "kube-scheduler",
                "cache-warmer",
            ],
        ),
        ("payments LED", vec!["ledger-writer"]),
        (
            "!",
            vec![
                "lock-tfstate-default",
                "billing-batch",
                "report-writer",
                "kube-scheduler",
                "ledger-writer",
                "cache-warmer",
            ],
        ),
    ] {
        scene.type_in("/");
        scene.control('u');
        scene.type_in(typed);
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(scene.names(), names, "{typed}");
    }
    scene.type_in("/x");
    scene.control('w');
    scene.press(KeyCode::Backspace, KeyModifiers::NONE);
    assert!(scene.state.prompt.is_none(), "an empty line is left");
    scene.type_in("/payments\n");
    scene.press(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(scene.names().len(), 6, "esc shows all");
}

#[test]
fn commands() {
    for (typed, wishes, told) in [
        ("q", vec![Wish::Quit], ""),
        (
            "ns payments",
            vec![Wish::Namespace(Some("payments".into()))],
            "",
        ),
        ("ns", vec![Wish::Namespace(None)], ""),
        ("ns all", vec![Wish::Namespace(None)], ""),
        ("ctx other", vec![Wish::Context("other".into())], ""),
        ("ns Not_One", vec![], "namespace"),
        ("ns a b", vec![], ":ns takes one word"),
        ("nothing", vec![], "no command is called \"nothing\""),
        ("", vec![], ""),
    ] {
        let mut scene = scene();
        scene.type_in(":");
        assert_eq!(scene.wishes, [Wish::Names]);
        scene.wishes.clear();
        scene.type_in(typed);
        scene.press(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(scene.wishes, wishes, "{typed}");
        assert!(notice(&scene).contains(told), "{typed}: {}", notice(&scene));
    }
    let mut scene = scene();
    scene.type_in("0");
    assert_eq!(scene.wishes, [Wish::Namespace(None)]);
}

#[test]
fn commands_are_completed() {
    let mut scene = scene();
    scene.hear(Message::Done(Done::Names {
        namespaces: vec!["payments".into(), "payroll".into()],
        contexts: vec!["prod-eu".into()],
    }));
    for (typed, completed) in [
        ("n", "ns "),
        ("ns p", "ns pay"),
        ("ns paym", "ns payments"),
        ("ctx p", "ctx prod-eu"),
        ("sort tr", "sort transitions"),
        ("ns x", "ns x"),
    ] {
        scene.type_in(":");
        scene.type_in(typed);
        scene.press(KeyCode::Tab, KeyModifiers::NONE);
        let text = scene
            .state
            .prompt
            .as_ref()
            .map(|prompt| prompt.text.clone());
        assert_eq!(text.as_deref(), Some(completed));
        scene.press(KeyCode::Esc, KeyModifiers::NONE);
    }
}

#[test]
fn another_cluster_or_namespace_begins_anew() {
    let mut scene = scene();
    scene.type_in("d");
    scene.hear(Message::Switched {
        context: "test".into(),
        namespace: Some("web".into()),
    });
    assert_eq!(scene.state.connection, Connection::Opening);
    assert!(scene.names().is_empty() && scene.state.pages.is_empty());
    assert!(!scene.state.visible_columns().contains(&Column::Namespace));
    assert_eq!(
        (
            scene.state.context.as_str(),
            scene.state.namespace.as_deref()
        ),
        ("test", Some("web"))
    );
}

#[test]
fn columns_are_chosen() {
    let mut scene = scene();
    let before = scene.state.columns.clone();
    scene.type_in("c ");
    assert_eq!(scene.state.columns, before[1..]);
    scene.type_in(" ");
    assert_eq!(scene.state.columns.last(), Some(&Column::State));
    for _ in 1..before.len() {
        scene.type_in("<");
    }
    assert_eq!(scene.state.columns, before);
    scene.type_in(">");
    assert_eq!(scene.state.columns[1], Column::State);
    scene.type_in("j ");
    assert!(
        scene.state.columns.contains(&Column::Name),
        "{}",
        notice(&scene)
    );
    scene.press(KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(scene.wishes, [Wish::Columns(scene.state.columns.clone())]);
}

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

fn replay(is_paused: bool) -> Replay {
    Replay {
        played: 1,
        of: 2,
        speed: 64.0,
        is_paused,
        wall: Timestamp::from_micros(0),
        has_ended: false,
        is_cut: false,
    }
}

#[test]
fn keys_that_play_a_recording() {
    for page in ["", "d", "h"] {
        for (key, playing) in [
            (" ", Playing::PauseOrGoOn),
            (".", Playing::Step),
            ("+", Playing::Faster),
            ("=", Playing::Faster),
            ("-", Playing::Slower),
        ] {
            let mut scene = scene();
            scene.type_in(page);
            scene.wishes.clear();
            scene.type_in(key);
            assert!(!scene.wishes.contains(&Wish::Play(playing)), "{page}{key}");
            let mut scene = self::scene();
            scene.state.replay = Some(replay(false));
            scene.type_in(page);
            scene.type_in(key);
            assert_eq!(
                scene.wishes.last(),
                Some(&Wish::Play(playing)),
                "{page}{key}"
            );
            assert!(scene.state.frozen.is_none());
        }
    }
    // Where they mean something else.
    for (page, key) in [("?", " "), ("c", " "), ("/", "."), (":", "-")] {
        let mut scene = scene();
        scene.state.replay = Some(replay(false));
        scene.type_in(page);
        scene.type_in(key);
        let plays = scene
            .wishes
            .iter()
            .any(|wish| matches!(wish, Wish::Play(_)));
        assert!(!plays, "{page}{key}");
    }
}

#[test]
fn notices_of_a_recording_can_be_read() {
    let mut scene = scene();
    scene.state.replay = Some(replay(false));
    scene.choose("payments", "billing-batch");
    scene.type_in("s");
    // Eight seconds of it are an eighth of one.
    scene.pass(8_000);
    assert!(notice(&scene).contains("this is a recording"));
    scene.pass(64 * 8_000);
    assert_eq!(notice(&scene), "");
    // Its clock stands.
    scene.state.replay = Some(replay(true));
    scene.type_in("s");
    assert!(notice(&scene).contains("this is a recording"));
    scene.type_in("j");
    assert_eq!(notice(&scene), "");
}

#[test]
fn nothing_is_changed_in_a_recording() {
    let mut scene = scene();
    scene.state.replay = Some(replay(false));
    scene.choose("payments", "billing-batch");
    for keys in ["s", "F", "0", ":ns web\n", ":ctx a\n"] {
        scene.wishes.clear();
        scene.type_in(keys);
        let is_harmless = scene.wishes.iter().all(|wish| *wish == Wish::Names);
        assert!(
            is_harmless && scene.state.dialog.is_none(),
            "{keys}: {:?}",
            scene.wishes
        );
    }
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
fn time_alone_makes_locks_late_and_expired() {
    let mut scene = scene();
    scene.write(&given(
        "payments",
        "ledger-writer",
        "ledger-writer-0",
        -1,
        Some(15),
    ));
    let states = |scene: &Scene| {
        let lock = scene
            .state
            .locks
            .get(&id("payments", "ledger-writer"))
            .unwrap();
        lock.state().name()
    };
    assert_eq!(states(&scene), "held");
    scene.pass(9_999);
    assert_eq!(states(&scene), "held");
    scene.pass(1);
    assert_eq!(states(&scene), "late");
    scene.pass(4_999);
    assert_eq!(states(&scene), "late");
    scene.pass(1);
    assert_eq!(states(&scene), "expired");
    // One more by its stamp, and its margin; the other is within that still.
    assert_eq!(scene.state.locks.stuck(), 2 + 2);
}

#[test]
fn a_deleted_lock_goes_after_a_while() {
    let mut scene = scene();
    let seen = scene.seen(&given("web", "cache-warmer", "", 90, Some(1)));
    scene.hear(Message::Changed(Change::Deleted(seen)));
    scene.pass(9_000);
    assert!(scene.names().contains(&"cache-warmer"));
    scene.pass(1_000);
    assert!(!scene.names().contains(&"cache-warmer"));
    // What is made anew under its name is another one.
    scene.write(&given("web", "cache-warmer", "x", 0, Some(15)));
    assert!(scene.names().contains(&"cache-warmer"));
}

#[test]
fn a_list_is_the_whole_truth() {
    let mut scene = scene();
    let kept = scene.seen(&given("web", "cache-warmer", "x", 0, Some(15)));
    scene.hear(Message::Changed(Change::Listed {
        leases: vec![kept],
        date: None,
    }));
    scene.pass(11_000);
    assert_eq!(scene.names(), ["cache-warmer"]);
}

#[test]
fn tickets_are_counted_and_not_shown() {
    let mut scene = scene();
    let mut ticket = scene.seen(&given("web", "ticket-1", "waiter", 0, Some(2)));
    ticket.waits_for = Some(Uid::new("ledger-writer-uid"));
    scene.hear(Message::Changed(Change::Applied(ticket.clone())));
    let waiters = |scene: &Scene| {
        let lock = scene
            .state
            .locks
            .get(&id("payments", "ledger-writer"))
            .unwrap();
        lock.waiters
    };
    assert_eq!(waiters(&scene), Some(1));
    assert!(!scene.names().contains(&"ticket-1"));
    scene.hear(Message::Changed(Change::Deleted(ticket)));
    assert_eq!(waiters(&scene), Some(0));
}

#[test]
fn a_notice_goes_by_itself() {
    let mut scene = scene();
    scene.hear(Message::Done(Done::Acted("done".into())));
    assert_eq!(notice(&scene), "done");
    scene.pass(8_000);
    assert_eq!(notice(&scene), "");
}
