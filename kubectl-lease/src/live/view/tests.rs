//! What each view shows, on a small terminal and on a large one.

use lease_client::Change;
use ratatui::style::Color;

use crate::failure::Failure;
use crate::live::locks::LockId;
use crate::live::message::{Done, Message, Surroundings};
use crate::live::scene::{Scene, given};

const SIZES: [(u16, u16); 2] = [(80, 24), (132, 32)];

/// Plays a story on terminals of both sizes, and compares what is then to be seen.
pub(super) fn show(name: &str, play: impl Fn(&mut Scene)) {
    for (columns, lines) in SIZES {
        let mut scene = Scene::new(columns, lines);
        play(&mut scene);
        insta::assert_snapshot!(format!("{name}_{columns}x{lines}"), scene.drawn());
    }
}

/// Another holder takes over, and then renews, once late.
fn live_through(scene: &mut Scene) {
    let mut renewed = 0;
    for (holder, after) in [
        ("ledger-writer-0", 2),
        ("ledger-writer-0", 2),
        ("ledger-writer-1", 3),
        ("ledger-writer-1", 2),
        ("ledger-writer-1", 2),
        ("ledger-writer-1", 11),
        ("ledger-writer-1", 2),
        ("ledger-writer-1", 3),
    ] {
        renewed -= i64::try_from(after).unwrap();
        scene.pass(after * 1000);
        scene.write(&given(
            "payments",
            "ledger-writer",
            holder,
            renewed,
            Some(15),
        ));
    }
    scene.pass(4500);
}

fn surroundings(scene: &mut Scene) {
    let surroundings = Surroundings {
        queue: Ok(vec![
            "1. backup-7_0a1b2c3d, for 12s".into(),
            "2. vi\u{1b}[2Jl, for 3s".into(),
        ]),
        events: Err("no right to list events".into()),
    };
    scene.hear(Message::Done(Done::Surroundings {
        lock: LockId {
            namespace: "payments".into(),
            name: "ledger-writer".into(),
        },
        surroundings,
    }));
}

#[test]
fn the_table() {
    show("table", |scene| {
        scene.write(&given(
            "payments",
            "ledger-writer",
            "ledger-writer-0",
            -1,
            Some(15),
        ));
        live_through(scene);
        scene.choose("payments", "ledger-writer");
    });
}

#[test]
fn a_deleted_lock_lingers() {
    show("deleted", |scene| {
        let seen = scene.seen(&given("web", "cache-warmer", "", 90, Some(1)));
        scene.hear(Message::Changed(Change::Deleted(seen)));
        scene.pass(1000);
    });
}

#[test]
fn nothing_heard_yet() {
    for (columns, lines) in SIZES {
        let scene = Scene::empty(columns, lines);
        insta::assert_snapshot!(format!("opening_{columns}x{lines}"), scene.drawn());
    }
}

#[test]
fn nothing_that_matches() {
    show("no_match", |scene| scene.type_in("/nothing\n"));
}

#[test]
fn the_filter_while_it_is_typed() {
    show("filter", |scene| scene.type_in("/!state:free led"));
    show("wrong_filter", |scene| scene.type_in("/state:stuck"));
}

#[test]
fn commands_that_can_be_typed() {
    show("command", |scene| {
        scene.hear(Message::Done(Done::Names {
            namespaces: vec!["payments".into(), "prod".into(), "web".into()],
            contexts: vec!["prod".into()],
        }));
        scene.type_in(":ns p");
    });
}

#[test]
fn one_lock() {
    show("detail", |scene| {
        live_through(scene);
        scene.choose("payments", "ledger-writer");
        scene.type_in("d");
        surroundings(scene);
    });
}

#[test]
fn holders_and_queue() {
    show("queue", |scene| {
        live_through(scene);
        scene.choose("payments", "ledger-writer");
        scene.type_in("h");
        surroundings(scene);
    });
}

#[test]
fn a_text() {
    show("text", |scene| {
        let text = "apiVersion: v1\nspec:\n  holderIdentity: a\u{1b}]0;b\n".to_owned();
        scene.hear(Message::Done(Done::Text {
            title: "web/cache-warmer".into(),
            text,
        }));
    });
}

#[test]
fn the_help() {
    show("help", |scene| scene.type_in("?"));
}

#[test]
fn the_columns_to_choose_from() {
    show("chooser", |scene| scene.type_in("cjj "));
}

#[test]
fn questions() {
    show("steal", |scene| {
        scene.choose("payments", "billing-batch");
        scene.type_in("s");
    });
    show("force_release", |scene| {
        scene.choose("payments", "ledger-writer");
        scene.type_in("Fledg");
    });
    show("force_release_unbounded", |scene| {
        scene.choose("infra", "lock-tfstate-default");
        scene.type_in("F");
    });
}

#[test]
fn what_is_told() {
    show("read_only", |scene| {
        scene.state.settings.allow_changes = false;
        scene.type_in("s");
    });
    show("failed", |scene| {
        let lines = ["error: it is held", "  because: it is"].map(str::to_owned);
        scene.hear(Message::Done(Done::Failed(lines.to_vec())));
    });
}

#[test]
fn the_status_tells_how_old_all_is() {
    show("lost", |scene| {
        scene.lose();
        scene.pass(42_000);
    });
    show("refused", |scene| {
        let why = "no right to watch leases in all namespaces";
        scene.hear(Message::Refused(Failure::refused(why)));
        scene.pass(3000);
    });
    show("quiet", |scene| scene.pass(80_000));
    show("paused", |scene| {
        scene.type_in(" ");
        scene.pass(20_000);
    });
}

/// While nothing is heard a holder may renew unseen, so no lock gets older.
#[test]
fn time_stands_still_while_nothing_is_heard() {
    let mut scene = Scene::new(80, 24);
    scene.lose();
    let before = scene.drawn();
    scene.pass(100_000);
    let rows = |text: &str| text.lines().take(20).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&before), rows(&scene.drawn()));
    // What was missed comes a moment later than the connection.
    scene.hear(Message::Changed(Change::Resumed));
    scene.pass(900);
    assert_eq!(rows(&before), rows(&scene.drawn()));
    scene.write(&given(
        "payments",
        "ledger-writer",
        "ledger-writer-0",
        -100,
        Some(15),
    ));
    scene.pass(1000);
    assert!(
        scene
            .drawn()
            .contains(" held       payments     ledger-writer"),
        "{}",
        scene.drawn()
    );
    assert!(
        scene.drawn().contains("!expired    kube-system"),
        "{}",
        scene.drawn()
    );
}

#[test]
fn hostile_and_wide_names_stay_in_their_cells() {
    show("hostile", |scene| {
        scene.write(&given("web", "a", "\u{1b}[31mred\u{7}\nnext", 1, Some(15)));
        scene.write(&given(
            "web",
            "b",
            "主機〇〇一_コンテナ_0a1b2c3d-5b4a-4938-8271-605f4e3d2caa",
            1,
            Some(15),
        ));
        scene.write(&given("web", "c", "e\u{301}\u{202e}gnirts", 1, Some(15)));
    });
}

#[test]
fn a_terminal_without_unicode_shows_ascii_only() {
    for keys in ["", "d", "w", "F", "?", "c", "/x", ":ns "] {
        let mut scene = Scene::new(132, 32);
        scene.state.settings.theme.unicode = false;
        scene.write(&given("web", "主", "é", 1, Some(15)));
        live_through(&mut scene);
        scene.choose("payments", "ledger-writer");
        scene.type_in(keys);
        let drawn = scene.drawn();
        assert!(drawn.is_ascii(), "{keys}: {drawn}");
    }
}

#[test]
fn every_size_can_be_drawn() {
    for keys in ["", "d", "h", "w", "F", "s", "?", "c", "/abc", ":ns "] {
        let mut scene = Scene::new(80, 24);
        live_through(&mut scene);
        scene.type_in(keys);
        for columns in (0..30).chain([200]) {
            for lines in (0..12).chain([50]) {
                scene.hear(Message::Resized { columns, lines });
                scene.terminal();
            }
        }
    }
    let mut scene = Scene::new(20, 5);
    scene.choose("payments", "billing-batch");
    insta::assert_snapshot!("tiny", scene.drawn());
}

#[test]
fn no_colour_means_none() {
    for keys in ["", "d", "w", "F", "?"] {
        let mut scene = Scene::new(80, 24);
        scene.state.settings.theme.colour = false;
        live_through(&mut scene);
        scene.type_in(keys);
        let terminal = scene.terminal();
        let cells = &terminal.backend().buffer().content;
        let is_plain =
            |cell: &ratatui::buffer::Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
        assert!(cells.iter().all(is_plain), "{keys}");
    }
}

/// The terminal's own sixteen colours, which its user chose, and never a background: so it can be
/// read on a light screen as on a dark one.
#[test]
fn only_the_terminal_s_own_colours_are_used() {
    for keys in ["", "d", "w", "F", "?", "/x"] {
        let mut scene = Scene::new(132, 32);
        live_through(&mut scene);
        scene.type_in(keys);
        let terminal = scene.terminal();
        for cell in &terminal.backend().buffer().content {
            assert_eq!(cell.bg, Color::Reset, "{keys}");
            let is_own = matches!(
                cell.fg,
                Color::Reset
                    | Color::Red
                    | Color::Green
                    | Color::Yellow
                    | Color::Magenta
                    | Color::Cyan
            );
            assert!(is_own, "{keys}: {:?}", cell.fg);
        }
    }
}
