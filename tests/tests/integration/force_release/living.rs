//! Holders that live and renew, with waiters of several kinds behind them.

use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Contenders, Elector, Kind, Namespace, What, Witness};

use super::break_it;
use crate::every_verb::run_at_once;
use crate::lock::{LIMIT, get, until};

/// How often each kind of holder is broken.
const ROUNDS: u32 = 4;
/// Asks for another number of rounds.
const ROUNDS_VARIABLE: &str = "LEASE_BREAKING";
/// How many locks are broken at a time.
const AT_ONCE: usize = 4;

const HOLD: Duration = Duration::from_millis(10);
const DURATION: Duration = Duration::from_secs(4);
const DEADLINE: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(300);
/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(3600);

fn rounds() -> u32 {
    let asked = std::env::var(ROUNDS_VARIABLE).ok();
    asked.map_or(ROUNDS, |rounds| rounds.parse().expect(ROUNDS_VARIABLE))
}

/// The work of an elector, which ends when it is told that it leads no more.
fn work(witness: &Witness, mut elector: Elector, identity: &str) {
    let (witness, identity) = (witness.clone(), identity.to_owned());
    elector.wait_for("started", LIMIT);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let section = witness.section("elector", &identity, async {
            elector.wait_for("stopped", FOR_EVER);
        });
        runtime.unwrap().block_on(section);
    });
}

fn wait_for(witness: &Witness, what: What, kind: &str) {
    until(kind, || {
        let mut marks = witness.marks().into_iter();
        marks.any(|mark| mark.what == what && mark.kind == kind)
    });
}

/// Somebody of each kind who wants a lock that somebody else has.
fn waiters(namespace: &Namespace<'_>, lock: &str, witness: &Witness) -> Vec<Contenders> {
    let waiter = |kind| {
        let waiter = namespace.contenders(kind, lock, witness).hold(HOLD);
        waiter.timing(DURATION, DEADLINE, RETRY)
    };
    vec![
        waiter(Kind::ClientGo).pause(RETRY).start(),
        waiter(Kind::Library).pause(3 * RETRY).start(),
    ]
}

/// Breaks the lock of `holder`, and waits until those behind have had it.
fn break_and_let_go_on(namespace: &Namespace<'_>, lock: &str, witness: &Witness, holder: &str) {
    wait_for(witness, What::Began, holder);
    let mut waiting = waiters(namespace, lock, witness);
    let client = namespace.admin();
    until("somebody is in line", || {
        let uid = get(client, lock)["metadata"]["uid"].clone();
        let label = format!("kubectl-lease.io/waits-for={}", uid.as_str().unwrap());
        let tickets = client.kubectl(["get", "leases", "-l", &label, "-o", "name"]);
        !tickets.stdout.is_empty()
    });
    let started = Instant::now();
    let output = break_it(client, lock, &["--reason", "a test"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(started.elapsed() >= DURATION, "{output:?}");
    wait_for(witness, What::Ended, holder);
    for kind in [Kind::ClientGo, Kind::Library] {
        wait_for(witness, What::Ended, kind.name());
    }
    waiting.iter_mut().for_each(Contenders::assert_running);
    drop(waiting);
    assert_eq!(witness.overlap(), None, "{lock}");
}

fn in_rounds(prefix: &str, round: impl Fn(&Namespace<'_>, &str) + Sync) {
    let namespace = ApiServer::shared().namespace(prefix);
    let locks: Vec<_> = (1..=rounds())
        .map(|number| format!("lock-{number}"))
        .collect();
    run_at_once(AT_ONCE, &locks, |lock| round(&namespace, lock));
}

#[test]
fn nobody_begins_before_an_elector_has_stopped() {
    in_rounds("electors", |namespace, lock| {
        let witness = Witness::new();
        let elector = namespace.elector(lock, "elector").timing(4, 2, 1).start();
        work(&witness, elector, "elector");
        break_and_let_go_on(namespace, lock, &witness, "elector");
    });
}

#[test]
fn nobody_begins_before_a_run_has_ended_its_command() {
    in_rounds("runs", |namespace, lock| {
        let witness = Witness::new();
        let run = namespace.contenders(Kind::Run, lock, &witness);
        let run = run.first(FOR_EVER).rounds(1);
        let _run = run.timing(DURATION, DEADLINE, RETRY).start();
        break_and_let_go_on(namespace, lock, &witness, Kind::Run.name());
    });
}

/// What the tombstone is for: without it, an elector works on until it looks again.
#[test]
fn without_a_tombstone_two_work_at_one_time() {
    let namespace = ApiServer::shared().namespace("now");
    let witness = Witness::new();
    let elector = namespace.elector("lock", "elector").timing(30, 20, 10);
    work(&witness, elector.start(), "elector");
    wait_for(&witness, What::Began, "elector");
    let _waiting = waiters(&namespace, "lock", &witness);
    let output = break_it(namespace.admin(), "lock", &["--now"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output
            .stderr
            .contains("its holder may go on working for 30s"),
        "{output:?}"
    );
    until("two are inside", || witness.overlap().is_some());
}
