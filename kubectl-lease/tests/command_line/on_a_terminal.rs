//! `ls` on a terminal, and progress.

use std::time::Duration;

use lease_terminal::{Signal, Terminal};

use crate::cluster::Sandbox;

const UUID: &str = "0a1b2c3d-5b4a-4938-8271-605f4e3d2caa";

fn start(sandbox: &Sandbox, line: &str, columns: u16, lines: u16) -> Terminal {
    let mut command = sandbox.shell.command(line.split_whitespace());
    // So that what is seen is text alone.
    Terminal::start(command.env("NO_COLOR", "1"), columns, lines)
}

fn hold(sandbox: &Sandbox, name: &str, holder: &str) {
    sandbox.change(name, |lease| lease["spec"] = sandbox.record(holder, 600, 0));
}

#[test]
fn a_narrow_terminal_is_told_what_is_missing() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", &format!("node-7_{UUID}"), 60, 3);
    let mut wide = start(&sandbox, "ls", 200, 10);
    assert_eq!(wide.end(), Some(0));
    assert!(wide.text().contains(UUID), "{}", wide.text());
    let mut narrow = start(&sandbox, "ls", 74, 10);
    assert_eq!(narrow.end(), Some(0));
    insta::assert_snapshot!("narrow", narrow.text());
    let mut all = start(&sandbox, "ls -o wide", 74, 10);
    assert_eq!(all.end(), Some(0));
    assert!(
        all.text().replace('\n', "").contains(UUID),
        "{}",
        all.text()
    );
}

#[test]
fn the_table_is_drawn_in_place() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", &format!("node-7_{UUID}"), 600, 3);
    sandbox.lock("two", "bob", 600, 3);
    let mut terminal = start(&sandbox, "ls -w", 130, 10);
    let first = terminal.wait_for(|text| text.contains("bob"));
    assert_eq!(first.lines().count(), 3, "{first}");
    assert!(first.contains("node-7_0a1b2c3d-"), "{first}");

    // Ages move without a change.
    terminal.wait_for(|text| text.contains("5s ago") && !text.contains("3s ago"));
    hold(&sandbox, "two", "carol");
    let changed = terminal.wait_for(|text| text.contains("carol"));
    assert!(!changed.contains("bob"), "{changed}");
    assert_eq!(changed.lines().count(), 3, "{changed}");
    sandbox.lock("three", "dave", 600, 0);
    terminal.wait_for(|text| text.lines().count() == 4 && text.contains("dave"));

    terminal.resize(70, 10);
    let narrow = terminal.wait_for(|text| text.contains("to fit the terminal"));
    assert!(narrow.contains("node-7_0a1b2c3d…"), "{narrow}");
    terminal.resize(70, 3);
    let low = terminal.wait_for(|text| text.contains("more"));
    assert!(low.lines().count() <= 3, "{low}");
    terminal.resize(1, 1);
    terminal.wait_for(|text| text.len() <= 1);
    terminal.resize(150, 12);
    terminal.wait_for(|text| text.lines().count() == 4 && text.contains(UUID));

    terminal.press("q");
    assert_eq!(terminal.end(), Some(0));
    assert!(terminal.is_restored());
    assert_eq!(terminal.text(), "");
}

#[test]
fn however_it_ends_the_terminal_is_as_before() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    for end in ["q", "\u{3}", "a signal"] {
        let mut terminal = start(&sandbox, "ls one -w", 100, 10);
        terminal.wait_for(|text| text.contains("alice"));
        assert!(!terminal.is_restored());
        match end {
            "a signal" => terminal.signal(Signal::TERM),
            key => terminal.press(key),
        }
        assert_eq!(terminal.end(), Some(0), "{end:?}");
        assert!(terminal.is_restored(), "{end:?}");
        assert_eq!(terminal.left_behind(), [""; 0], "{end:?}");
    }
    let mut terminal = start(&sandbox, "ls missing -w", 100, 10);
    assert_eq!(terminal.end(), Some(1));
    assert!(terminal.is_restored());
    assert!(
        terminal
            .text()
            .starts_with("error: there is no lease \"missing\"")
    );
}

/// A lock that nobody holds looks the same for a while, so there is nothing to draw.
#[test]
fn nothing_is_drawn_where_nothing_has_changed() {
    let sandbox = Sandbox::new();
    sandbox.lock("free", "", 1, 86_400 * 30);
    let mut terminal = start(&sandbox, "ls -w", 100, 10);
    terminal.wait_for(|text| text.contains("free"));
    let drawn = terminal.written().len();
    terminal.watch(Duration::from_secs(3));
    assert_eq!(terminal.written().len(), drawn, "{}", terminal.text());
    sandbox.lock("held", "alice", 600, 0);
    terminal.wait_for(|text| text.contains("alice"));
}

#[test]
fn what_is_known_stands_still_while_there_is_no_connection() {
    let mut sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let mut terminal = start(&sandbox, "ls -w", 120, 10);
    terminal.wait_for(|text| text.contains("alice"));
    sandbox.unplug();
    terminal.wait_for(|text| text.contains("this is what was known then"));
    let row = |text: &str| text.lines().nth(1).unwrap().to_owned();
    let before = row(&terminal.text());
    // Time passes, but not for the lock.
    let seconds = |text: &str| -> Option<u32> {
        let (before, _) = text.split_once("s ago: this is what was known then")?;
        before.rsplit_once(' ')?.1.parse().ok()
    };
    let later = terminal.wait_for(|text| seconds(text).is_some_and(|seconds| seconds >= 2));
    assert_eq!(row(&later), before);
    sandbox.plug_in();
    terminal.wait_for(|text| text.lines().count() == 2 && row(text) != before);
}

/// A line that does not fit would go on in the next one, and be left there each time.
#[test]
fn progress_is_one_line_however_narrow_the_terminal() {
    let sandbox = Sandbox::new();
    let holder = format!("deploy-runner-3_{UUID}");
    sandbox.lock("release-train", &holder, 600, 3);
    let mut terminal = start(&sandbox, "acquire release-train --timeout 60s", 80, 10);
    for second in 2..4 {
        let moved = format!("{second}s of 60s");
        let text = terminal.wait_for(|text| text.contains(&moved));
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("held by dep"), "{text}");
        assert!(text.contains(", we are next; "), "{text}");
    }
    terminal.press("\u{3}");
    terminal.end();
}
