//! `run`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde_json::Value;

use crate::cluster::Sandbox;
use crate::shell::Said;
use crate::taking::foreign_locks;
use crate::terminal::Terminal;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

/// A call of `run lock` with a script.
fn script(sandbox: &Sandbox, flags: &str, script: &str) -> Command {
    let words = ["run", "lock"].into_iter().chain(flags.split_whitespace());
    let mut command = sandbox.shell.command(words);
    command.args(["--", "sh", "-c", script]).env("PATH", path());
    command
}

/// A call of another program in the same environment.
fn another_program(sandbox: &Sandbox, name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear().current_dir(sandbox.shell.home());
    for (key, value) in sandbox.shell.command([""; 0]).get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    command.env("PATH", path());
    command
}

/// Where sh and the program itself are found.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_kubectl-lease"));
    format!("{}:/usr/bin:/bin", program.parent().unwrap().display())
}

/// Says `ready`, and then goes on until a trap ends it, without a word from the shell.
const GO_ON: &str = "(trap '' USR1 TERM; exec sleep 1000) & echo ready; while :; do wait $!; done";

fn holder(sandbox: &Sandbox) -> Value {
    sandbox.cluster.get("work", "lock").unwrap()["spec"]["holderIdentity"].clone()
}

#[test]
fn a_command_runs_while_the_lock_is_held() {
    let sandbox = Sandbox::new();
    let see = "env | grep ^LEASE_ | sort; kubectl-lease check; kubectl-lease ls lock -o json >seen";
    let said = Said::of(&mut script(&sandbox, "--identity me", see));
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let seen = std::fs::read_to_string(sandbox.shell.home().join("seen")).unwrap();
    let seen: Value = serde_json::from_str(&seen).unwrap();
    let [uid, token] =
        ["uid", "resourceVersion"].map(|key| seen["metadata"][key].as_str().unwrap());
    let expected = format!(
        "LEASE_FENCING_TOKEN={token}\nLEASE_IDENTITY=me\nLEASE_NAME=lock\n\
         LEASE_NAMESPACE=work\nLEASE_UID={uid}\n"
    );
    assert!(said.stdout.starts_with(&expected), "{said:?}\n{expected}");
    assert!(
        said.stdout.contains("lease/lock is healthy: me holds it"),
        "{said:?}"
    );
    assert_eq!(seen["status"]["state"], "held");
    assert_eq!(holder(&sandbox), "");
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let sandbox = Sandbox::new();
    for (text, code) in [
        ("true", 0),
        ("exit 7", 7),
        ("exit 122", 122),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
        ("kill -USR1 $$", 138),
        // Else a shell's loop would not end with what was interrupted. To a shell, it is 130.
        ("kill -INT $$", -1),
    ] {
        let said = Said::of(&mut script(&sandbox, "", text));
        assert_eq!(said.code.unwrap_or(-1), code, "{text}: {said:?}");
        assert_eq!(said.stderr, "", "{text}");
        assert_eq!(holder(&sandbox), "", "{text}");
    }
}

#[test]
fn what_keeps_a_command_from_running_has_exit_codes_of_its_own() {
    let mut sandbox = Sandbox::new();
    foreign_locks(&sandbox);
    sandbox.lock("held", "alice", 600, 3);
    std::fs::write(sandbox.shell.home().join("no-program"), "").unwrap();
    let mut typed = Transcript::new(&sandbox.shell);
    for (line, code) in [
        ("run held --try -- true", 124),
        ("run held --timeout 300ms -- true", 124),
        ("run held --timeout 0 true", 124),
        ("run lock -- ./not-there", 127),
        ("run lock -- not-there-either", 127),
        ("run lock -- ./no-program", 126),
        ("run lock -- .", 126),
        ("run", 125),
        ("run lock", 125),
        ("run lock --", 125),
        ("run lock --no-such-flag -- true", 125),
        ("-n work run lock --duration soon true", 125),
        ("run lock --duration 1s true", 125),
        ("run Lock true", 125),
        ("run lock -n elsewhere true", 125),
        ("run held --identity alice true", 125),
        ("run node-1 -n kube-node-lease true", 125),
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        assert_eq!(said.stdout, "", "{line}");
    }
    insta::assert_snapshot!("not-run", typed.end());
    assert_eq!(sandbox.shell.run("run --help").code, Some(0));
    sandbox.unplug();
    assert_eq!(sandbox.shell.run("run lock --try true").code, Some(125));
}

#[test]
fn what_is_typed_after_the_command_is_the_commands_own() {
    let sandbox = Sandbox::new();
    for line in [
        "run lock -- printf %s,%s --try -v",
        "run lock printf %s,%s --try -v",
        "run --timeout 30 lock printf %s,%s --try -v",
        "run lock -v 0 --timeout 30s -- printf %s,%s --try -v",
    ] {
        let mut command = sandbox.shell.command(line.split_whitespace());
        let said = Said::of(command.env("PATH", "/usr/bin:/bin"));
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (Some(0), "--try,-v"),
            "{line}: {said:?}"
        );
    }
}

#[test]
fn the_streams_are_the_commands_own() {
    let sandbox = Sandbox::new();
    let mut command = script(&sandbox, "", "tr a-z A-Z; echo to stderr >&2");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"to stdin\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"TO STDIN\n");
    assert_eq!(output.stderr, b"to stderr\n");
}

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

const DEAF: &str = "trap '' TERM; echo ready; while :; do date +%s%N >>alive; sleep 0.05; done";

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
    let renewed = &sandbox.cluster.get("work", "lock").unwrap()["spec"]["renewTime"];
    let renewed: jiff::Timestamp = renewed.as_str().unwrap().parse().unwrap();
    let alive = std::fs::read_to_string(sandbox.shell.home().join("alive")).unwrap();
    let alive: i128 = alive.lines().last().unwrap().parse().unwrap();
    let after = (alive - renewed.as_nanosecond()) / 1_000_000;
    // The renew deadline is used, and others do not begin before 4 s have passed.
    assert!((2600..4000).contains(&after), "{after} ms");
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
fn one_runs_after_the_other() {
    let sandbox = Sandbox::new();
    let text = "mkdir inside || exit 99; sleep 0.05; rmdir inside";
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| Said::of(&mut script(&sandbox, "--timeout 60s", text))))
            .collect();
        for run in running {
            let said = run.join().unwrap();
            assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{said:?}");
        }
    });
    sandbox.wait_for_tickets("lock", 0);
}

#[test]
fn who_came_first_runs_first() {
    let sandbox = Sandbox::new();
    let mut first =
        Watched::start(script(&sandbox, "", "echo ready; read line").stdin(Stdio::piped()));
    let stdin = first.stdin();
    assert_eq!(first.line(Stream::Stdout), "ready");
    let mut others = Vec::new();
    let mut expected = String::new();
    for number in 0..5 {
        let text = format!("echo {number} >>order");
        others.push(Watched::start(&mut script(&sandbox, "", &text)));
        sandbox.wait_for_tickets("lock", number + 1);
        writeln!(expected, "{number}").unwrap();
    }
    drop(stdin);
    for other in others {
        assert_eq!(other.end().code, Some(0));
    }
    let order = std::fs::read_to_string(sandbox.shell.home().join("order")).unwrap();
    assert_eq!(order, expected);
}

#[test]
fn who_has_waited_enough_is_gone_at_once() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "alice", 600, 3);
    let waiting = Watched::start(&mut script(&sandbox, "", "echo never"));
    sandbox.wait_for_tickets("lock", 1);
    let started = Instant::now();
    waiting.signal(Signal::INT);
    let said = waiting.end();
    assert_eq!((said.code, said.stdout.as_str()), (None, ""), "{said:?}");
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    sandbox.wait_for_tickets("lock", 0);
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

/// The command reads from the terminal and gets what its keys send; it can be stopped and go on
/// as any other job of a shell.
#[test]
#[cfg(target_os = "linux")]
fn the_terminal_is_the_commands_own() {
    let sandbox = Sandbox::new();
    let mut shell = another_program(&sandbox, "setsid");
    shell
        .args(["--ctty", "--wait", "bash", "--norc", "-i"])
        .env("PS1", "$ ");
    let mut terminal = Terminal::start(&mut shell, 100, 30);
    // It keeps a side of the terminal.
    drop(shell);
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
