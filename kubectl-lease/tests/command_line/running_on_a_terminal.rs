//! `run` on a terminal, under a shell.

use lease_terminal::Terminal;

use crate::cluster::Sandbox;
use crate::running::{another_program, holder};

/// The command reads from the terminal and gets what its keys send; it can be stopped and go on
/// as any other job of a shell.
#[test]
fn the_terminal_is_the_commands_own() {
    let sandbox = Sandbox::new();
    let mut shell = another_program(&sandbox, "bash");
    shell.args(["--norc", "-i"]).env("PS1", "$ ");
    let mut terminal = Terminal::start(&shell, 100, 30);
    terminal.wait_for(|text| text.contains("$ "));

    terminal.press("kubectl-lease run lock -- bash -c 'read -p name? x; echo hello $x'\r");
    terminal.wait_for(|text| text.contains("\nname?"));
    terminal.press("bob\r");
    terminal.wait_for(|text| text.contains("\nhello bob\n$"));

    terminal.press("kubectl-lease run lock -- bash -c 'trap \"echo INT; exit 4\" INT; echo up; while :; do sleep 0.05; done'; echo code=$?\r");
    terminal.wait_for(|text| text.ends_with("\nup"));
    terminal.press("\u{3}");
    terminal.wait_for(|text| text.contains("INT\ncode=4\n$"));

    // What is interrupted ends a loop, and gives the lock back.
    let again = "while :; do kubectl-lease run lock -- cat; done";
    for line in [again.to_owned(), format!("sh -c \"{again}\"; clear")] {
        terminal.press(&format!("clear; {line}\r"));
        // Until it reads, this is read by the shell.
        sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] != "");
        terminal.press("in\r");
        terminal.wait_for(|text| text.ends_with("in\nin"));
        terminal.press("\u{3}");
        terminal.wait_for(|text| text.trim_end().ends_with('$'));
        assert_eq!(holder(&sandbox), "");
    }

    terminal.press("clear; kubectl-lease run lock --identity me -- cat\r");
    sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] == "me");
    terminal.press("one\r");
    terminal.wait_for(|text| text.contains("one\none"));
    terminal.press("\u{1a}");
    terminal.wait_for(|text| text.contains("Stopped") && text.trim_end().ends_with('$'));
    assert_eq!(holder(&sandbox), "me");
    terminal.press("fg\r");
    terminal.wait_for(|text| {
        text.contains("\nkubectl-lease run lock --identity me -- cat\n")
            || text.ends_with("me -- cat")
    });
    terminal.press("two\r");
    terminal.wait_for(|text| text.contains("\ntwo\ntwo"));
    terminal.press("\u{4}");
    sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] == "");

    // Unlike a shell, xargs ends by a key at once, and what it runs may have to clear up.
    let worker =
        "trap 'sleep 0.5; kubectl-lease check; exit' INT; echo up; while :; do sleep 0.05; done";
    std::fs::write(sandbox.shell.home().join("worker"), worker).unwrap();
    terminal.press("clear; kubectl-lease run lock -- xargs -a /dev/null sh worker\r");
    terminal.wait_for(|text| text.ends_with("up"));
    terminal.press("\u{3}");
    let text =
        terminal.wait_for(|text| text.contains("lease/lock is") && text.trim_end().ends_with('$'));
    assert!(text.contains("lease/lock is healthy"), "{text}");
    assert_eq!(holder(&sandbox), "");

    // Whoever writes in the background is stopped there; we are not.
    terminal.press("clear; stty tostop; kubectl-lease run lock --identity me -- cat\r");
    sandbox.wait_for("lock", |lease| lease["spec"]["holderIdentity"] == "me");
    terminal.press("three\r");
    terminal.wait_for(|text| text.ends_with("three\nthree"));
    let said = sandbox.shell.run("release lock --identity me --timeout 5s");
    assert_eq!(said.code, Some(0), "{said:?}");
    terminal.wait_for(|text| text.contains("somebody asked") && text.trim_end().ends_with('$'));
    terminal.press("exit\r");
    terminal.end();
}
