//! Ctrl-C at every moment in which a lock changes hands: it ends free, or held by somebody real, and
//! the message says which.

use std::os::unix::process::ExitStatusExt;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Client, Namespace, Process};
use rustix::process::{Pid, Signal, kill_process};

use crate::lock::{LIMIT, get, holder, until};

/// Ended by ctrl-c.
const INTERRUPTED: i32 = 130;

fn start(client: &Client, words: &str) -> Process {
    let mut command = client.plugin_command();
    Process::start(command.args(words.split(' ')))
}

/// Interrupts it, and tells its exit code.
fn interrupt(mut process: Process) -> (i32, String) {
    let pid = Pid::from_raw(process.id().try_into().unwrap()).unwrap();
    // It may have ended just now.
    let _ = kill_process(pid, Signal::INT);
    let started = Instant::now();
    let status = process.wait(LIMIT);
    let took = started.elapsed();
    // A second, and what a busy machine takes.
    assert!(took < Duration::from_secs(4), "{took:?}");
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap());
    (code, process.stderr())
}

/// Whether anybody has a place in line.
fn is_queued(namespace: &Namespace<'_>) -> bool {
    let list = [
        "get",
        "leases",
        "-o",
        "name",
        "-l",
        "kubectl-lease.io/waits-for",
    ];
    !namespace.admin().kubectl(list).success().stdout.is_empty()
}

/// Interrupts a waiter so many milliseconds after the lock begins to be handed to it.
fn being_handed_the_lock(namespace: &Namespace<'_>, verb: &str, after: u64) {
    let client = namespace.admin();
    let lock = format!("lock-{after}");
    client
        .plugin(["acquire", &lock, "--identity", "holder"])
        .success();
    let words = match verb {
        "run" => format!("run {lock} --identity waiter -- sleep 60"),
        _ => format!("acquire {lock} --identity waiter"),
    };
    let waiter = start(client, &words);
    until("it waits", || waiter.stderr().contains("waiting for"));
    let mut release = start(client, &format!("release {lock} --identity holder"));
    sleep(Duration::from_millis(after));
    let (code, said) = interrupt(waiter);
    release.wait(LIMIT);

    let lease = get(client, &lock);
    let context = format!("{verb} after {after} ms: {code}, {said:?}: {lease:#}");
    match (verb, code) {
        // It was faster.
        ("acquire", 0) => assert_eq!(holder(client, &lock), "waiter", "{context}"),
        (_, INTERRUPTED) => assert_eq!(holder(client, &lock), "", "{context}"),
        _ => panic!("{context}"),
    }
}

fn while_the_lock_changes_hands(verb: &str) {
    let namespace = ApiServer::shared().namespace("interrupted");
    let moments: Vec<u64> = (0..120).step_by(4).collect();
    scope(|scope| {
        for moments in moments.chunks(10) {
            let namespace = &namespace;
            scope.spawn(move || {
                for moment in moments {
                    being_handed_the_lock(namespace, verb, *moment);
                }
            });
        }
    });
    // Nobody is left in line for whom others would wait.
    until("the line is empty", || !is_queued(&namespace));
}

#[test]
fn acquire_while_the_lock_changes_hands() {
    while_the_lock_changes_hands("acquire");
}

#[test]
fn run_while_the_lock_changes_hands() {
    while_the_lock_changes_hands("run");
}

/// A holder that runs hands over what it had listed a moment before: whoever leaves in between passes
/// it on, and nobody waits for the one who is gone.
#[test]
fn a_waiter_while_run_gives_the_lock_back() {
    let namespace = ApiServer::shared().namespace("interrupted");
    let moments: Vec<u64> = (0..60).step_by(2).collect();
    scope(|scope| {
        for moments in moments.chunks(10) {
            let namespace = &namespace;
            scope.spawn(move || {
                for after in moments {
                    let client = namespace.admin();
                    let lock = format!("lock-{after}");
                    let mut command = client.plugin_command();
                    let words = ["run", &lock, "--identity", "holder", "--", "cat"];
                    let mut running = Process::start(command.args(words));
                    until("it is held", || {
                        let names = ["get", "lease", &lock, "-o", "name"];
                        client.kubectl(names).code == Some(0) && holder(client, &lock) == "holder"
                    });
                    let waiter = start(client, &format!("acquire {lock} --identity waiter"));
                    until("it waits", || waiter.stderr().contains("waiting for"));
                    running.close_stdin();
                    sleep(Duration::from_millis(*after));
                    let (code, said) = interrupt(waiter);
                    running.wait(LIMIT);
                    let now = holder(client, &lock);
                    let context = format!("after {after} ms: {code}, {said:?}, held by {now:?}");
                    match code {
                        // It was faster.
                        0 => assert_eq!(now, "waiter", "{context}"),
                        INTERRUPTED => assert_eq!(now, "", "{context}"),
                        _ => panic!("{context}"),
                    }
                }
            });
        }
    });
    until("the line is empty", || !is_queued(&namespace));
}

/// A lock that is being released is free, or its holder's still, who can be asked again.
#[test]
fn release_of_a_lock_that_nobody_waits_for() {
    let namespace = ApiServer::shared().namespace("interrupted");
    let client = namespace.admin();
    for after in (0..60).step_by(6) {
        let lock = format!("lock-{after}");
        client
            .plugin(["acquire", &lock, "--identity", "holder"])
            .success();
        let release = start(client, &format!("release {lock} --identity holder"));
        sleep(Duration::from_millis(after));
        let (code, said) = interrupt(release);
        let now = holder(client, &lock);
        let context = format!("after {after} ms: {code}, {said:?}, held by {now:?}");
        match code {
            0 => assert_eq!(now, "", "{context}"),
            INTERRUPTED => assert!(now.is_empty() || now == "holder", "{context}"),
            _ => panic!("{context}"),
        }
    }
}
