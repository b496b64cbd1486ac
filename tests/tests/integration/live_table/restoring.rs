//! However the table ends, the terminal is as before.

use std::os::unix::process::ExitStatusExt;

use lease_tests::{ApiServer, Namespace, Signal, Terminal};

use super::{COLUMNS, CTRL_C, LINES, command, open, stands};
use crate::lock::held;

fn one_lock<'a>() -> Namespace<'a> {
    let namespace = ApiServer::shared().namespace("table");
    namespace.admin().create(&held("door", "holder", 600));
    namespace
}

fn opened(namespace: &Namespace<'_>) -> Terminal {
    let mut table = open(namespace.admin(), "");
    table.wait_for(|text| stands(text, "door", "holder"));
    assert!(!table.is_restored());
    assert_ne!(table.left_behind(), [""; 0]);
    table
}

#[test]
fn keys_end_it() {
    let namespace = one_lock();
    // Pages and prompts that are open do not keep it.
    for keys in [
        "q",
        CTRL_C,
        ":q\r",
        "\u{3}",
        "/hol\u{3}",
        "?\u{3}",
        "d\u{3}",
    ] {
        let mut table = opened(&namespace);
        table.press(keys);
        assert_eq!(table.end(), Some(0), "{keys:?}");
        assert_eq!(table.left_behind(), [""; 0], "{keys:?}");
        assert!(table.is_restored(), "{keys:?}");
        // What was on the first screen is what is there: nothing.
        assert_eq!(table.text(), "", "{keys:?}");
    }
}

#[test]
fn signals_end_it() {
    let namespace = one_lock();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut table = opened(&namespace);
        table.signal(signal);
        let status = table.ended();
        // As it was asked to end, it did; or it tells by which signal.
        let is_told = status.code() == Some(0)
            || status.code() == Some(128 + signal.as_raw())
            || status.signal() == Some(signal.as_raw());
        assert!(is_told, "{signal:?}: {status:?}");
        assert_eq!(table.left_behind(), [""; 0], "{signal:?}");
        assert_eq!(table.text(), "", "{signal:?}");
    }
}

/// What the panic says is to be read, on the terminal as it was before.
#[test]
fn a_panic_ends_it() {
    let namespace = one_lock();
    let mut command = command(namespace.admin(), "");
    command.env("KUBECTL_LEASE_PANIC", "1");
    let mut table = Terminal::start(&command, COLUMNS, LINES);
    table.wait_for(|text| stands(text, "door", "holder"));
    table.press("!");
    assert_eq!(table.end(), Some(101));
    assert_eq!(table.left_behind(), [""; 0]);
    assert!(table.is_restored());
    let text = table.text();
    assert!(text.contains("asked to panic"), "{text}");
}

/// There is no terminal any more to write to, or to wait for keys from.
#[test]
fn it_ends_with_its_window() {
    let namespace = one_lock();
    let mut table = opened(&namespace);
    table.close();
    table.ended();
}

#[test]
fn it_is_suspended_and_goes_on_as_a_job_of_a_shell() {
    let namespace = one_lock();
    let mut shell = namespace.admin().command("bash");
    let table = command(namespace.admin(), "");
    shell
        .args(["--norc", "-i"])
        .env("PS1", "$ ")
        .env("TABLE", table.get_program());
    let mut terminal = Terminal::start(&shell, COLUMNS, LINES);
    terminal.wait_for(|text| text.trim_end().ends_with('$'));
    terminal.press("echo before; $TABLE watch\r");
    terminal.wait_for(|text| stands(text, "door", "holder"));
    for round in 0..3 {
        terminal.press("\u{1a}");
        let text =
            terminal.wait_for(|text| text.contains("Stopped") && text.trim_end().ends_with('$'));
        assert!(text.contains("before"), "{text}");
        assert!(terminal.is_restored());
        // Keys are shown again, and lines read by the shell.
        terminal.press(&format!(
            "stty -a | grep -o ' .\\?echo '; echo round $(({round}))\r"
        ));
        terminal.wait_for(|text| text.contains(&format!(" echo \nround {round}\n$")));
        terminal.press("fg\r");
        terminal.wait_for(|text| stands(text, "door", "holder"));
        assert!(!terminal.is_restored());
        // Keys reach it again.
        terminal.press("?");
        terminal.wait_for(|text| !stands(text, "door", "holder"));
        terminal.press("\u{1b}");
        terminal.wait_for(|text| stands(text, "door", "holder"));
    }
    terminal.press("q");
    terminal.wait_for(|text| text.contains("before") && text.trim_end().ends_with('$'));
    terminal.press("exit\r");
    terminal.end();
    assert_eq!(terminal.left_behind(), [""; 0]);
}
