//! client-go's electors, whatever their clocks say: alive they are left alone, dead they are known
//! to be dead at first sight.

use std::time::Instant;

use lease_tests::{ApiServer, Client, Elector, Namespace};

use crate::lock::{AT_ONCE, LIMIT, holder, state, timed};

const SECONDS: u32 = 6;
/// What is added to a lease's duration before it counts as expired by the stamp.
const MARGIN: u32 = 5;

fn elector(namespace: &Namespace<'_>, lock: &str, shift_hours: i64) -> Elector {
    let mut elector = namespace
        .elector(lock, lock)
        .timing(SECONDS, 4, 1)
        .shift_seconds(shift_hours * 3600)
        .start();
    elector.wait_for("started", LIMIT);
    elector
}

/// Asks again and again, each time at first sight, and tells the states in the order in which they
/// came, and how many seconds it took until the last of them.
fn states_until_expired(client: &Client, locks: &[&str]) -> Vec<(Vec<String>, f64)> {
    let started = Instant::now();
    let mut seen = vec![(Vec::<String>::new(), 0.0); locks.len()];
    let is_expired = |states: &Vec<String>| states.last().is_some_and(|last| last == "expired");
    while !seen.iter().all(|(states, _)| is_expired(states)) {
        assert!(started.elapsed() < LIMIT, "{seen:?}");
        for (lock, (states, after)) in locks.iter().zip(&mut seen) {
            if is_expired(states) {
                continue;
            }
            let state = state(client, lock);
            *after = started.elapsed().as_secs_f64();
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
    }
    seen
}

#[test]
fn a_live_elector_is_held_at_first_sight_and_not_stolen_from() {
    let namespace = ApiServer::shared().namespace("electors");
    let client = namespace.admin();
    let locks = [("slow", -1), ("fast", 1)];
    let _electors = locks.map(|(lock, shift)| elector(&namespace, lock, shift));

    // Longer than its lease would last if it were not renewed.
    let started = Instant::now();
    while started.elapsed().as_secs() < u64::from(SECONDS + MARGIN + 1) {
        for (lock, _) in locks {
            // A busy machine may be late with a renewal, which is no more than that.
            let state = state(client, lock);
            assert!(state == "held" || state == "late", "{lock} is {state}");
        }
    }
    for (lock, _) in locks {
        let (output, took) = timed(client, &["steal", lock]);
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(output.stderr.contains("whose lease "), "{output:?}");
        assert!(took < AT_ONCE, "{took:?}");
        assert_eq!(holder(client, lock), lock);
    }
}

#[test]
fn a_crashed_elector_is_expired_at_first_sight_and_stolen_from() {
    let namespace = ApiServer::shared().namespace("electors");
    let client = namespace.admin();
    for mut elector in [
        elector(&namespace, "slow", -1),
        elector(&namespace, "fast", 1),
    ] {
        elector.kill();
    }

    // Its last renewal was up to a second before the crash, and stamps are cut to whole seconds.
    let earliest = f64::from(SECONDS + MARGIN - 2);
    for (states, after) in states_until_expired(client, &["slow", "fast"]) {
        assert_ne!(states[0], "expired");
        assert!(earliest < after, "{states:?} after {after} s");
        assert!(after < earliest + 6.0, "{states:?} after {after} s");
    }

    let (output, took) = timed(client, &["steal", "slow", "--identity", "thief"]);
    let said = output.success().stdout;
    assert!(took < AT_ONCE, "{took:?}: {said}");
    assert!(said.contains("lease/slow stolen from slow"), "{said}");
    assert!(
        said.contains("proof:    the API server saw the last change at"),
        "{said}"
    );
    let version = crate::lock::get(client, "slow")["metadata"]["resourceVersion"].take();
    let token = format!("token:    {}", version.as_str().unwrap());
    assert!(said.contains(&token), "{said}, but it is {version}");
    assert_eq!(holder(client, "slow"), "thief");

    let (output, took) = timed(client, &["steal", "fast", "--identity", "thief"]);
    let output = output.success();
    let said = &output.stderr;
    assert!(
        said.contains("its renewTime says otherwise than its stamp"),
        "{said}"
    );
    assert!(said.contains("watching fast for 6s"), "{said}");
    assert!(took.as_secs() >= u64::from(SECONDS), "{took:?}");
    let proof = "proof:    the record did not change while it was watched for 6";
    assert!(output.stdout.contains(proof), "{output:?}");
    assert_eq!(holder(client, "fast"), "thief");
}
