//! What a person does with a program, with and without `run` before it: they see the same.

use std::process::Command;

use lease_terminal::Terminal;

use crate::cluster::Sandbox;
use crate::running::{another_program, holder};

/// What is typed before a program to have it run under a lock.
const RUN: &str = "kubectl-lease run lock -- ";

/// What `run` says then.
const STOPPED: &str =
    "stopped; the lock is not renewed meanwhile, and lost unless this goes on soon\n";

/// A step: what is typed, and what is to be seen then.
type Step<'a> = (&'a str, &'a dyn Fn(&str) -> bool);

fn shell(sandbox: &Sandbox) -> Command {
    let mut shell = another_program(sandbox, "bash");
    shell.args(["--norc", "-i"]).env("PS1", "$ ");
    shell
}

/// What is seen after each step, where `p` is what is typed into a shell: `line`, in which `RUN` is
/// put before the program.
fn seen(sandbox: &Sandbox, line: &str, run: &str, steps: &[Step<'_>]) -> Vec<String> {
    let mut terminal = Terminal::start(&shell(sandbox), 100, 12);
    terminal.wait_for(|text| text.contains("$ "));
    // The line itself would tell the two apart.
    let line = line.replace("RUN ", run);
    terminal.press(&format!("p() {{ {line}; }}; clear; echo ready\r"));
    terminal.wait_for(|text| text.trim_end() == "ready\n$");
    let mut screens = Vec::new();
    for (keys, is_there) in steps {
        terminal.press(keys);
        let text = terminal.wait_for(|text| is_there(text.trim_end()));
        // The shell names what was stopped, in columns; and that is when there is something to say.
        let text = text.replace(RUN, "").replace(STOPPED, "");
        let words: Vec<_> = text.lines().map(words).collect();
        screens.push(words.join("\n"));
    }
    terminal.press("exit\r");
    terminal.end();
    assert_eq!(terminal.left_behind(), [""; 0], "{line}");
    screens
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does all of that twice.
fn compare(line: &str, steps: &[Step<'_>]) -> Vec<String> {
    let sandbox = Sandbox::new();
    let without = seen(&sandbox, line, "", steps);
    let with = seen(&sandbox, line, RUN, steps);
    assert_eq!(with, without, "{line}");
    // It was taken, and given back.
    assert_eq!(holder(&sandbox), "", "{line}");
    with
}

/// The editor that this machine has.
fn editor() -> &'static str {
    let is_there = |name: &&str| {
        let found = Command::new("which").arg(name).output();
        found.is_ok_and(|output| output.status.success())
    };
    let editors = ["vim -u NONE -N", "vi"];
    let found = editors
        .into_iter()
        .find(|line| is_there(&line.split(' ').next().unwrap()));
    found.expect("neither vim nor vi is on the PATH: install one of them")
}

/// It draws all of the screen, reads single keys, is stopped by ctrl-z and goes on by `fg`.
#[test]
fn an_editor() {
    let line = format!("RUN {} note", editor());
    let screens = compare(
        &line,
        &[
            ("p\r", &|text| text.contains("\n~")),
            ("idear diary\u{1b}", &|text| {
                text.starts_with("dear diary\n~")
            }),
            ("\u{1a}", &|text| {
                text.contains("Stopped") && text.ends_with('$')
            }),
            ("jobs\r", &|text| {
                text.matches("Stopped").count() == 2 && text.ends_with('$')
            }),
            ("fg\r", &|text| text.starts_with("dear diary\n~")),
            ("o3\u{1b}:wq\r", &|text| text.ends_with("note\n$")),
            ("clear; cat note; rm note\r", &|text| {
                text == "dear diary\n3\n$"
            }),
        ],
    );
    assert_eq!(screens.last().unwrap(), "dear diary\n3\n$");
}

/// It has jobs of its own, to which it lends the terminal.
#[test]
fn a_shell() {
    compare(
        "RUN bash --norc -i; echo code=$?",
        &[
            ("p\r", &|text| text.ends_with("$ p\n$")),
            ("echo $((6*7))\r", &|text| text.ends_with("\n42\n$")),
            // What is typed before it reads, the shell may read.
            ("clear; echo up; cat\r", &|text| text == "up"),
            ("meow\r", &|text| text.ends_with("meow\nmeow")),
            ("\u{1a}", &|text| {
                text.contains("Stopped") && text.ends_with('$')
            }),
            ("clear; fg\r", &|text| text == "cat"),
            ("again\r", &|text| text == "cat\nagain\nagain"),
            ("\u{3}", &|text| text.ends_with("^C\n$")),
            ("stty size\r", &|text| text.ends_with("\n12 100\n$")),
            ("exit 3\r", &|text| text.ends_with("exit\ncode=3\n$")),
        ],
    );
}

/// It asks whoever is at the terminal, wherever its input comes from, and does not show what they
/// type: as ssh and sudo do.
#[test]
fn a_prompt_for_a_password() {
    let ask = "read -rsp password: it </dev/tty; read -r data; echo; echo ${#it} $data";
    compare(
        &format!("echo data | RUN bash -c '{ask}'"),
        &[
            ("p\r", &|text| text.ends_with("password:")),
            ("geheim\r", &|text| text.ends_with("\n6 data\n$")),
            // Keys are shown again.
            ("echo seen\r", &|text| {
                text.ends_with("$ echo seen\nseen\n$")
            }),
        ],
    );
    compare(
        "RUN bash -c 'read -rsp password: it </dev/tty'",
        &[
            ("p\r", &|text| text.ends_with("password:")),
            ("\u{3}", &|text| text.ends_with("password:\n$")),
            // Keys are shown again.
            ("echo seen\r", &|text| {
                text.ends_with("$ echo seen\nseen\n$")
            }),
        ],
    );
}

#[test]
fn a_pipe() {
    compare(
        "printf 'b\\na\\n' | RUN sort | tr a-z A-Z",
        &[("p\r", &|text| text.ends_with("A\nB\n$"))],
    );
    // Whoever writes into a pipe that nobody reads is ended by it, and that is its exit code.
    compare(
        "RUN yes | head -n 1; echo ${PIPESTATUS[*]}",
        &[("p\r", &|text| text.ends_with("y\n141 0\n$"))],
    );
    compare(
        "seq 3 | RUN cat - note 2>&1 | wc -l; echo ${PIPESTATUS[*]}",
        &[("p\r", &|text| text.ends_with("4\n0 1 0\n$"))],
    );
}
