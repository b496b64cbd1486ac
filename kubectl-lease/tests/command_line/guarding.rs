//! `run`, killed or stopped: its guardian ends the command in time, and nothing is left.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::cluster::Sandbox;
use crate::ending_a_command::{DEAF, GO_ON, alive_after_renewal};
use crate::running::{holder, script};
use crate::watched::{Stream, Watched};

/// The guardian of a call of `run`, once it is there.
#[track_caller]
fn guardian(running: &Watched) -> Pid {
    let id = running.id();
    let is_guardian = |pid: &&str| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split('\0').nth(1) == Some("guardian")
    };
    let started = Instant::now();
    loop {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        if let Some(pid) = children.split_whitespace().find(is_guardian) {
            return Pid::from_raw(pid.parse().unwrap()).unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{children}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Waits until a process has ended.
#[track_caller]
fn gone(pid: Pid) {
    let started = Instant::now();
    while is_alive(pid) {
        assert!(started.elapsed() < Duration::from_secs(20), "{pid:?} lives");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The command may clear up, and others are kept out by the lease meanwhile.
#[test]
fn a_run_that_is_killed_takes_its_command_along() {
    let sandbox = Sandbox::new();
    let text = "trap 'kubectl-lease check >checked; exit' TERM; echo ready; \
                while :; do sleep 0.05; done";
    let mut running = Watched::start(&mut script(&sandbox, "--identity me", text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    let guardian = guardian(&running);
    let killed = Instant::now();
    running.signal(Signal::KILL);
    // What it writes to is closed when nothing is left of it.
    assert_eq!(running.end().stdout, "ready\n");
    gone(guardian);
    assert!(killed.elapsed() < Duration::from_secs(5), "{killed:?}");
    let checked = fs::read_to_string(sandbox.shell.home().join("checked")).unwrap();
    assert!(checked.starts_with("lease/lock is healthy"), "{checked}");
    assert_eq!(holder(&sandbox), "me");
}

#[test]
fn a_command_that_is_deaf_never_outlasts_the_lease_of_a_run_that_is_killed() {
    let sandbox = Sandbox::new();
    let stray = format!("setsid sh -c \"{DEAF}\" & trap '' TERM; wait");
    let mut running = Watched::start(&mut script(&sandbox, "--duration 4s", &stray));
    assert_eq!(running.line(Stream::Stdout), "ready");
    running.signal(Signal::KILL);
    running.end();
    let after = alive_after_renewal(&sandbox);
    assert!((2000..4000).contains(&after), "{after} ms");
}

/// As by a debugger, or a machine that swaps.
#[test]
fn a_command_never_outlasts_the_lease_of_a_run_that_stands_still() {
    let sandbox = Sandbox::new();
    let mut running = Watched::start(&mut script(&sandbox, "--duration 4s", DEAF));
    assert_eq!(running.line(Stream::Stdout), "ready");
    let guardian = guardian(&running);
    running.signal(Signal::STOP);
    let children = format!("/proc/{0}/task/{0}/children", guardian.as_raw_nonzero());
    let command = fs::read_to_string(children).unwrap();
    let command = Pid::from_raw(command.trim().parse().unwrap()).unwrap();
    gone(command);
    let after = alive_after_renewal(&sandbox);
    running.signal(Signal::CONT);
    let said = running.end();
    assert_eq!(said.code, Some(122), "{said:?}");
    assert!((2000..4000).contains(&after), "{after} ms");
}

#[test]
fn a_command_without_its_guardian_is_ended() {
    let sandbox = Sandbox::new();
    let text = format!("trap 'echo usr1' USR1; trap 'echo told; kill -9 $!; exit 3' TERM; {GO_ON}");
    let mut running = Watched::start(&mut script(&sandbox, "", &text));
    assert_eq!(running.line(Stream::Stdout), "ready");
    // By then it has heard from its guardian.
    running.signal(Signal::USR1);
    assert_eq!(running.line(Stream::Stdout), "usr1");
    kill_process(guardian(&running), Signal::KILL).unwrap();
    let said = running.end();
    assert_eq!(said.code, Some(125), "{said:?}");
    assert_eq!(said.stdout, "ready\nusr1\ntold\n");
    assert!(
        said.stderr
            .starts_with("its guardian is gone: the command is sent SIGTERM\n"),
        "{said:?}"
    );
    assert_eq!(holder(&sandbox), "");
}

#[test]
fn a_run_that_is_killed_while_it_waits_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox.shell.run("acquire lock");
    let running = Watched::start(&mut script(&sandbox, "", "echo never"));
    let guardian = guardian(&running);
    running.signal(Signal::KILL);
    assert_eq!(running.end().stdout, "");
    gone(guardian);
}
