//! Terminals of all sizes and abilities.

use std::process::Command;

use lease_tests::{ApiServer, Color, Namespace, Screen, Terminal};

use super::{COLUMNS, CTRL_C, ESC, LINES, command, row, stands};
use crate::lock::{create_expired, held};

/// Keys that open pages over the table.
const PAGES: [&str; 5] = ["?", "d", "y", "h", "c"];

/// A lock for each state that is easily made; the names of two holders are more than ASCII.
fn some_locks<'a>() -> Namespace<'a> {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    client.create(&held("free", "", 600));
    client.create(&held("kept", "holder", 600));
    client.create(&held("wide", "主从-한국-e\u{301}-é", 600));
    create_expired(client, "over", "gone", 15);
    namespace
}

fn start(command: &mut Command, columns: u16, lines: u16) -> Terminal {
    Terminal::start(command, columns, lines)
}

fn ends(mut table: Terminal) {
    table.press(CTRL_C);
    assert_eq!(table.end(), Some(0));
    assert_eq!(table.left_behind(), [""; 0]);
}

#[test]
fn it_fits_terminals_of_every_size() {
    let namespace = some_locks();
    for (columns, lines) in [(80, 24), (200, 50)] {
        let mut table = start(&mut command(namespace.admin(), ""), columns, lines);
        table.wait_for(|text| stands(text, "kept", "held") && stands(text, "over", "expired"));
        ends(table);
    }
    let mut small = start(&mut command(namespace.admin(), ""), 20, 5);
    small.wait_for(|text| text.contains("!expired"));
    ends(small);
    let mut smallest = start(&mut command(namespace.admin(), ""), 1, 1);
    smallest.wait_for(|text| !text.is_empty());
    smallest.resize(100, 20);
    let is_there = |text: &str| stands(text, "kept", "held");
    smallest.wait_for(is_there);
    // Every page is drawn on the smallest one, too.
    for key in PAGES {
        smallest.press(key);
        smallest.wait_for(|text| !is_there(text));
        smallest.resize(1, 1);
        smallest.wait_for(|text| text.len() == 1);
        smallest.resize(100, 20);
        smallest.wait_for(|text| text.len() > 1);
        smallest.press(ESC);
        smallest.wait_for(is_there);
    }
    ends(smallest);
}

/// The colours that cells have.
fn colours(screen: &Screen) -> Vec<Color> {
    let (lines, columns) = screen.size();
    let cells = (0..lines.get()).flat_map(|line| (0..columns.get()).map(move |at| (line, at)));
    let cells = cells.filter_map(|(line, column)| screen.cell(line, column));
    let mut colours: Vec<Color> = Vec::new();
    for colour in cells.flat_map(|cell| [cell.fgcolor(), cell.bgcolor()]) {
        if colour != Color::Default && !colours.contains(&colour) {
            colours.push(colour);
        }
    }
    colours
}

#[test]
fn colours_are_those_that_the_terminal_has() {
    let namespace = some_locks();
    for term in ["xterm", "xterm-256color"] {
        let mut table = start(
            command(namespace.admin(), "").env("TERM", term),
            COLUMNS,
            LINES,
        );
        table.wait_for(|text| stands(text, "over", "expired") && stands(text, "kept", "held"));
        let colours = colours(table.screen());
        assert!(!colours.is_empty());
        if term == "xterm" {
            let is_one_of_sixteen = |colour: &Color| matches!(colour, Color::Idx(0..=15));
            assert!(colours.iter().all(is_one_of_sixteen), "{colours:?}");
        }
        ends(table);
    }
    let mut plain = start(
        command(namespace.admin(), "").env("NO_COLOR", "1"),
        COLUMNS,
        LINES,
    );
    let text =
        plain.wait_for(|text| stands(text, "over", "expired") && stands(text, "kept", "held"));
    assert_eq!(colours(plain.screen()), []);
    // The sign tells what colours would.
    assert!(stands(&text, "over", "!expired"), "{text}");
    ends(plain);
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_gets_lines() {
    let namespace = some_locks();
    let mut dumb = start(
        command(namespace.admin(), "").env("TERM", "dumb"),
        COLUMNS,
        LINES,
    );
    dumb.wait_for(|text| text.contains("kept"));
    namespace.admin().create(&held("new", "another", 600));
    dumb.wait_for(|text| text.contains("another"));
    dumb.press(CTRL_C);
    dumb.ended();
    let written = String::from_utf8_lossy(dumb.written()).into_owned();
    assert!(!written.contains('\u{1b}'), "{written:?}");
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let namespace = some_locks();
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "POSIX"),
        ("LC_CTYPE", "en_GB.ISO-8859-1"),
    ] {
        let mut command = command(namespace.admin(), "");
        let mut table = start(command.env_remove("LANG").env(name, value), COLUMNS, LINES);
        table.wait_for(|text| stands(text, "over", "expired") && row(text, "wide").is_some());
        for key in PAGES {
            table.press(key);
            table.wait_for(|text| row(text, "wide").is_none());
            table.press(ESC);
            table.wait_for(|text| row(text, "wide").is_some());
        }
        let others: String = String::from_utf8_lossy(table.written())
            .chars()
            .filter(|c| !c.is_ascii())
            .collect();
        assert_eq!(others, "", "{name}={value}");
        ends(table);
    }
}

/// Names of holders that would ring, clear the screen, or turn the row around.
#[test]
fn what_a_cluster_says_is_harmless() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    let hostile = [
        ("bell", "ding\u{7}dong"),
        ("bidi", "safe\u{202e}gnihton\u{2066}"),
        ("c1", "a\u{9b}31mb\u{85}c"),
        ("clearing", "x\u{1b}[2J\u{1b}]0;owned\u{7}y"),
        ("joined", "👩\u{200d}👧 e\u{301} \u{fe0f}"),
        ("lines", "one\ntwo\r\nthree\tfour"),
        ("wide", "主从 ｆｕｌｌ 한국"),
    ];
    for (name, holder) in hostile {
        let mut lease = held(name, holder, 600);
        lease["metadata"]["annotations"] = serde_json::json!({"note": holder});
        client.create(&lease);
    }
    let mut table = start(&mut command(client, ""), COLUMNS, LINES);
    let all = |text: &str| hostile.iter().all(|(name, _)| stands(text, name, "held"));
    let text = table.wait_for(all);
    assert!(stands(&text, "wide", "主从"), "{text}");
    assert!(stands(&text, "joined", "e\u{301}"), "{text}");
    // What stands behind a name stands in its column, whatever is in the name.
    let columns: Vec<u16> = hostile
        .iter()
        .filter_map(|(name, _)| super::words::after_holder(table.screen(), name))
        .collect();
    assert_eq!(columns.len(), hostile.len(), "{text}");
    assert!(
        columns.iter().all(|column| *column == columns[0]),
        "{columns:?}\n{text}"
    );
    for _ in hostile {
        for key in ["d", "y", "h"] {
            table.press(key);
            table.wait_for(|text| !all(text));
            table.press(ESC);
            table.wait_for(all);
        }
        table.press("j");
    }
    let written = String::from_utf8(table.written().to_vec()).unwrap();
    for harmful in [
        "\u{7}",
        "\u{9b}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{200d}",
        "[2J\u{1b}]",
        "owned\u{7}",
        "\u{1b}]",
    ] {
        assert!(!written.contains(harmful), "{harmful:?}");
    }
    ends(table);
}
