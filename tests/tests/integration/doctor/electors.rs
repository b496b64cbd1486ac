//! What becomes of client-go's own electors, each in a pod of its own.

use lease_tests::{ApiServer, Elector, Namespace};

use super::world::{HOUR, UUID, node, only, running_pod, silent, type_next};
use crate::lock::{LIMIT, holder, state, until};

/// An elector that leads, in a pod that runs.
fn leader(namespace: &Namespace<'_>, lock: &str, pod: &str, shift_hours: i64) -> Elector {
    let client = namespace.admin();
    let machine = format!("{}-worker-1", namespace.name());
    running_pod(client, pod, &machine);
    let mut elector = namespace
        .elector(lock, &format!("{pod}_{UUID}"))
        .timing(4, 3, 1)
        .shift_seconds(shift_hours * HOUR)
        .release_on_cancel()
        .start();
    elector.wait_for("started", LIMIT);
    elector
}

fn place() -> Namespace<'static> {
    let namespace = ApiServer::shared().namespace("doctor");
    let machine = format!("{}-worker-1", namespace.name());
    node(namespace.admin(), &machine, "True", HOUR);
    namespace
}

#[test]
fn an_elector_that_crashes_is_gone_with_its_pod_and_one_that_ends_in_order_is_no_finding() {
    let namespace = place();
    let client = namespace.admin();
    let pods = ["crashed-7c5d8f9b6d-x2k9p", "ended-7c5d8f9b6d-x2k9p"];
    let [mut crashed, mut ended] = pods.map(|pod| leader(&namespace, &pod[..5], pod, 0));
    for lock in ["crash", "ended"] {
        silent(client, lock);
    }
    crashed.kill();
    ended.stop();
    for pod in pods {
        let delete = ["delete", "pod", pod, "--force", "--grace-period=0"];
        client.kubectl(delete).success();
    }
    until("its lease is over", || state(client, "crash") == "expired");
    let finding = only(client, "crash", "HOLDER_GONE");
    silent(client, "ended");

    // Nobody is harmed: what was gone is, and the next one leads.
    type_next(client, &finding).success();
    assert_eq!(holder(client, "crash"), "");
    let mut next = leader(&namespace, "crash", "crashed-7c5d8f9b6d-bbbbb", 0);
    silent(client, "crash");
    next.stop();
}

#[test]
fn an_elector_that_stands_still_is_a_zombie_until_it_goes_on() {
    let namespace = place();
    let client = namespace.admin();
    let elector = leader(&namespace, "still", "still-7c5d8f9b6d-x2k9p", 0);
    silent(client, "still");
    elector.pause();
    until("its lease is over", || state(client, "still") == "expired");
    only(client, "still", "ZOMBIE");
    elector.resume();
    // Nobody has taken it meanwhile, and client-go does not ask its clock whether somebody may have.
    until("it is renewed", || state(client, "still") == "held");
    silent(client, "still");
}

#[test]
fn an_elector_whose_clock_is_off_is_told_and_one_whose_clock_is_right_is_not() {
    let namespace = place();
    let client = namespace.admin();
    let _fast = leader(&namespace, "fast", "fast-7c5d8f9b6d-x2k9p", 1);
    let _slow = leader(&namespace, "slow", "slow-7c5d8f9b6d-x2k9p", -1);
    let _right = leader(&namespace, "right", "right-7c5d8f9b6d-x2k9p", 0);
    for (lock, off) in [("fast", "60m ahead"), ("slow", "behind")] {
        let finding = only(client, lock, "SKEW");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(off), "{message}");
    }
    silent(client, "right");
}
