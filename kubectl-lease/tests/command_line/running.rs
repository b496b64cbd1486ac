//! `run`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::cluster::Sandbox;
use crate::shell::Said;
use crate::taking::foreign_locks;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

/// A call of `run lock` with a script.
pub(crate) fn script(sandbox: &Sandbox, flags: &str, script: &str) -> Command {
    let words = ["run", "lock"].into_iter().chain(flags.split_whitespace());
    let mut command = sandbox.shell.command(words);
    command.args(["--", "sh", "-c", script]).env("PATH", path());
    command
}

/// A call of another program in the same environment.
pub(crate) fn another_program(sandbox: &Sandbox, name: &str) -> Command {
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

pub(crate) fn holder(sandbox: &Sandbox) -> Value {
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
        "LEASE_FENCING_TOKEN={token}\n\
         LEASE_HELD=[{{\"lock\":\"{uid}\",\"holder\":\"me\"}}]\n\
         LEASE_IDENTITY=me\nLEASE_NAME=lock\nLEASE_NAMESPACE=work\nLEASE_UID={uid}\n"
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
        // Of real time; it has no name everywhere.
        #[cfg(target_os = "linux")]
        ("kill -34 $$", 162),
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
    // How long it took is told, and on a slow machine what is waited for.
    let said = sandbox.shell.run("run held --timeout 300ms -- true");
    assert_eq!(said.code, Some(124), "{said:?}");
    assert!(
        said.stderr.contains("\"held\" was not acquired within ")
            && said
                .stderr
                .contains("\"held\" is held by alice, whose lease runs for another "),
        "{said:?}"
    );
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
