//! What the terminal does to programs that are known to behave.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use lease_terminal::{Signal, Terminal};

fn shell(script: &str) -> Terminal {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .env("MINE", "mine");
    Terminal::start(&command, 60, 10)
}

#[test]
fn keys_sizes_and_variables_arrive() {
    let mut terminal = shell("echo $MINE $HOME; read x; echo got $x; read y; stty size; tty");
    terminal.wait_for(|text| text == "mine");
    terminal.press("keys\r");
    terminal.wait_for(|text| text.ends_with("keys\ngot keys"));
    terminal.resize(33, 7);
    terminal.press("\r");
    assert_eq!(terminal.end(), Some(0));
    assert!(
        terminal.text().contains("7 33\n/dev/"),
        "{}",
        terminal.text()
    );
}

#[test]
fn a_resize_and_ctrl_c_reach_the_program_as_signals() {
    let mut terminal = shell("trap 'stty size' WINCH; echo up; while :; do sleep 0.02; done");
    terminal.wait_for(|text| text == "up");
    terminal.resize(44, 5);
    terminal.wait_for(|text| text.contains("5 44"));
    terminal.press("\u{3}");
    assert_eq!(terminal.ended().signal(), Some(2));
}

#[test]
fn a_closed_window_hangs_the_program_up() {
    let mut terminal = shell("echo up; while :; do sleep 0.02; done");
    terminal.wait_for(|text| text == "up");
    terminal.close();
    assert_eq!(terminal.ended().signal(), Some(Signal::HUP.as_raw()));
}

#[test]
fn what_is_left_behind_is_told() {
    let mut terminal = shell("stty raw -echo; printf '\\033[?1000h\\033[?25l'; printf done");
    assert_eq!(terminal.end(), Some(0));
    let left = terminal.left_behind();
    assert_eq!(left.len(), 5, "{left:?}");
    assert_eq!(left[0], "the cursor is off");
    let mut terminal = shell("before=$(stty -g); stty raw -echo; stty $before; printf done");
    assert_eq!(terminal.end(), Some(0));
    assert_eq!(terminal.left_behind(), [""; 0]);
}

#[test]
fn a_moment_is_that_of_the_bytes_which_made_it_so() {
    let mut terminal = shell("read x; printf one; sleep 0.2; printf two; read y");
    terminal.press("\r");
    let one = terminal.wait_until(|screen| screen.contents().ends_with("one"));
    // However late one looks.
    let looking = Instant::now();
    terminal.watch(Duration::from_secs(2));
    let two = terminal.wait_until(|screen| screen.contents().ends_with("two"));
    assert!(one < two && two - looking < Duration::from_millis(1500));
    assert!(terminal.usage().cpu < Duration::from_millis(200));
}
