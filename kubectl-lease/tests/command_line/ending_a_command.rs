//! `run`: how its command is ended, and how long the lock is held then.

use std::io::Write as _;
use std::process::Stdio;

use rustix::process::{Pid, Signal};
use serde_json::Value;

use crate::cluster::Sandbox;
use crate::running::{another_program, holder, script};
use crate::shell::Said;
use crate::watched::{Stream, Watched};

/// Says `ready`, and then goes on until a trap ends it, without a word from the shell.
pub(crate) const GO_ON: &str =
    "(trap '' USR1 TERM; echo ready; exec sleep 1000) & while :; do wait $!; done";

#[test]
fn signals_are_passed_on_and_the_lock_is_held_until_the_command_has_ended() {
    let sandbox = Sandbox::new();
    // Nobody else gets the lock while it clears up.
    let text = &format!(
        "trap 'echo usr1' USR1; \
         trap 'kubectl-lease check; kubectl-lease run lock --try true 2>/dev/null; \
               echo others get $?; kill -9 $!; exit 5' TERM; {GO_ON}"
    );
    let mut running = Watched::start(&mut script(&sandbox, "--identity me", text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    running.signal(Signal::USR1);
    assert_eq!(running.line(Stream::Stdout), "usr1");
    running.signal(Signal::TERM);
    assert!(
        running
            .line(Stream::Stdout)
            .starts_with("lease/lock is healthy")
    );
    assert_eq!(running.line(Stream::Stdout), "others get 124");
    let said = running.end();
    assert_eq!((said.code, said.stderr.as_str()), (Some(5), ""), "{said:?}");
    assert_eq!(holder(&sandbox), "");
}

/// What is ignored where `run` is called from (nohup, a shell's `&`) stays so.
#[test]
#[cfg(target_os = "linux")]
fn what_is_ignored_stays_ignored() {
    let sandbox = Sandbox::new();
    let program = env!("CARGO_BIN_EXE_kubectl-lease");
    let line = format!("trap '' HUP; exec {program} run lock -- cat");
    let mut command = another_program(&sandbox, "sh");
    command.args(["-c", &line]).stdin(Stdio::piped());
    let mut running = Watched::start(&mut command);
    let mut stdin = running.stdin();
    writeln!(stdin, "one").unwrap();
    assert_eq!(running.line(Stream::Stdout), "one");
    running.signal(Signal::HUP);
    writeln!(stdin, "two").unwrap();
    assert_eq!(running.line(Stream::Stdout), "two");
    drop(stdin);
    assert_eq!(running.end().code, Some(0));
}

/// A shell ends by SIGTERM at once, and what it runs may have to clear up.
#[test]
fn the_lock_is_held_until_all_that_was_told_to_end_has_ended() {
    let sandbox = Sandbox::new();
    let worker = "trap 'sleep 1.2; kubectl-lease check; exit' TERM; echo ready; \
                  while :; do sleep 0.05; done";
    let text = format!("sh -c \"{worker}\"; echo never");
    let mut running = Watched::start(&mut script(&sandbox, "", &text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    running.signal(Signal::TERM);
    let checked = running.line(Stream::Stdout);
    assert!(checked.starts_with("lease/lock is healthy"), "{checked}");
    let said = running.end();
    assert_eq!(said.code, Some(143), "{said:?}");
    assert!(
        said.stderr
            .contains("not all that it started (process group "),
        "{said:?}"
    );
    assert_eq!(holder(&sandbox), "");
}

#[test]
fn what_is_left_in_the_background_is_not_waited_for() {
    let sandbox = Sandbox::new();
    let text = "sleep 1000 >/dev/null 2>&1 & echo $!";
    let said = Said::of(&mut script(&sandbox, "", text));
    let left = Pid::from_raw(said.stdout.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(left, Signal::KILL).unwrap();
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(holder(&sandbox), "");
}

#[test]
fn a_lock_that_is_lost_ends_the_command() {
    let sandbox = Sandbox::new();
    let text = format!("trap 'echo told; kill -9 $!; exit 9' TERM; {GO_ON}");
    let mut running = Watched::start(&mut script(&sandbox, "", &text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    sandbox.change("lock", |lease| {
        lease["spec"] = sandbox.record("mallory", 600, 0);
    });
    assert_eq!(running.line(Stream::Stdout), "told");
    let said = running.end();
    assert_eq!(said.code, Some(122), "{said:?}");
    assert_eq!(
        said.stderr,
        "the lock was lost: the command is sent SIGTERM\n\
         error: the lock \"lock\" was lost\n  because: mallory holds it now\n"
    );
    assert_eq!(holder(&sandbox), "mallory");
}

/// A command that does not hear is killed before others may begin.
#[test]
fn a_command_never_outlasts_the_lease() {
    never_outlasts_the_lease(DEAF);
}

/// Its shell ends by SIGTERM at once.
#[test]
fn what_a_command_runs_never_outlasts_the_lease() {
    never_outlasts_the_lease(&format!("sh -c \"{DEAF}\"; echo never"));
}

/// It has left the process group, and so has what it runs.
#[test]
#[cfg(target_os = "linux")]
fn what_left_the_group_never_outlasts_the_lease() {
    never_outlasts_the_lease(&format!("setsid sh -c \"{DEAF}\" & wait"));
}

pub(crate) const DEAF: &str =
    "trap '' TERM; echo ready; while :; do date +%s%N >>alive; sleep 0.05; done";

fn never_outlasts_the_lease(text: &str) {
    let mut sandbox = Sandbox::new();
    let mut running = Watched::start(&mut script(&sandbox, "--duration 4s", text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    let first = sandbox.cluster.get("work", "lock").unwrap()["spec"]["renewTime"].clone();
    sandbox.wait_for("lock", |lease| lease["spec"]["renewTime"] != first);
    sandbox.unplug();
    let said = running.end();
    assert_eq!(said.code, Some(122), "{said:?}");
    assert!(said.stderr.contains("it is killed"), "{said:?}");
    assert!(said.stderr.contains("no renewal succeeded"), "{said:?}");
    let after = alive_after_renewal(&sandbox);
    // The renew deadline is used, and others do not begin before 4 s have passed.
    assert!((2600..4000).contains(&after), "{after} ms");
}

/// For how many milliseconds after the last renewal [`DEAF`] has lived.
pub(crate) fn alive_after_renewal(sandbox: &Sandbox) -> i128 {
    let renewed = &sandbox.cluster.get("work", "lock").unwrap()["spec"]["renewTime"];
    let renewed: jiff::Timestamp = renewed.as_str().unwrap().parse().unwrap();
    let alive = std::fs::read_to_string(sandbox.shell.home().join("alive")).unwrap();
    let alive: i128 = alive.lines().last().unwrap().parse().unwrap();
    (alive - renewed.as_nanosecond()) / 1_000_000
}

/// As with `2>&1 | less`: what cannot be said must not keep the lock from being renewed, nor the
/// command from being ended.
#[test]
#[cfg(target_os = "linux")]
fn nobody_has_to_read_what_is_said() {
    let sandbox = Sandbox::new();
    let (unread, full) = std::io::pipe().unwrap();
    let mut filler = full.try_clone().unwrap();
    // So much fits into none.
    std::thread::spawn(move || filler.write_all(&vec![b'x'; 1 << 24]));
    let text = format!("trap 'echo told' TERM; {GO_ON}");
    let mut command = script(&sandbox, "--duration 3s --identity me", &text);
    let mut running = Watched::start_silent(&mut command, full);
    // It keeps a side of the pipe.
    drop(command);
    assert_eq!(running.line(Stream::Stdout), "ready");
    let asked = "release lock --identity me --timeout 100ms";
    assert_eq!(sandbox.shell.run(asked).code, Some(4));
    assert_eq!(running.line(Stream::Stdout), "told");
    let renewed = |lease: &Value| lease["spec"]["renewTime"].clone();
    let first = renewed(&sandbox.cluster.get("work", "lock").unwrap());
    sandbox.wait_for("lock", |lease| renewed(lease) != first);
    sandbox.change("lock", |lease| {
        lease["spec"] = sandbox.record("mallory", 600, 0);
    });
    assert_eq!(running.line(Stream::Stdout), "told");
    drop(unread);
    assert_eq!(running.end().code, Some(122));
}

/// As with `sudo`: it ends by itself, and is waited for with the lock held.
#[test]
#[cfg(target_os = "linux")]
fn a_command_that_may_not_be_signalled_is_waited_for() {
    if !rustix::process::geteuid().is_root() {
        // Nobody else can start what they may not signal without a program such as sudo.
        return;
    }
    let sandbox = Sandbox::new();
    let run = "exec kubectl-lease run lock --identity me -- \
               setpriv --reuid 65534 sh -c 'echo ready; read line'";
    let mut command = another_program(&sandbox, "setpriv");
    command.args(["--bounding-set", "-kill", "--inh-caps", "-kill", "sh", "-c"]);
    let mut running = Watched::start(command.arg(run).stdin(Stdio::piped()));
    let stdin = running.stdin();
    assert_eq!(running.line(Stream::Stdout), "ready");
    running.signal(Signal::TERM);
    let told = running.line(Stream::Stderr);
    assert!(told.starts_with("SIGTERM cannot be sent"), "{told}");
    assert_eq!(holder(&sandbox), "me");
    drop(stdin);
    let said = running.end();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(holder(&sandbox), "");
}

#[test]
fn a_command_is_ended_when_somebody_asks_for_the_lock() {
    let sandbox = Sandbox::new();
    let text = &format!("trap 'echo told; kill -9 $!; exit 3' TERM; {GO_ON}");
    let mut running = Watched::start(&mut script(&sandbox, "--identity me", text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    let said = sandbox.shell.run("release lock --identity me");
    assert_eq!(
        (said.code, said.stdout.as_str()),
        (Some(0), "lease/lock released\n"),
        "{said:?}"
    );
    assert_eq!(running.line(Stream::Stdout), "told");
    let said = running.end();
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(
        said.stderr,
        "somebody asked for the lock: the command is sent SIGTERM\n"
    );
}
