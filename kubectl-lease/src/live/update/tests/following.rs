//! What time and changes of the cluster make of the locks.

use lease_client::Change;
use lease_core::Uid;

use super::{id, scene};
use crate::live::message::Message;
use crate::live::scene::{Scene, given};

#[test]
fn time_alone_makes_locks_late_and_expired() {
    let mut scene = scene();
    scene.write(&given(
        "payments",
        "ledger-writer",
        "ledger-writer-0",
        -1,
        Some(15),
    ));
    let states = |scene: &Scene| {
        let lock = scene
            .state
            .locks
            .get(&id("payments", "ledger-writer"))
            .unwrap();
        lock.state().name()
    };
    assert_eq!(states(&scene), "held");
    scene.pass(9_999);
    assert_eq!(states(&scene), "held");
    scene.pass(1);
    assert_eq!(states(&scene), "late");
    scene.pass(4_999);
    assert_eq!(states(&scene), "late");
    scene.pass(1);
    assert_eq!(states(&scene), "expired");
    // One more by its stamp, and its margin; the other is within that still.
    assert_eq!(scene.state.locks.stuck(), 2 + 2);
}

#[test]
fn a_deleted_lock_goes_after_a_while() {
    let mut scene = scene();
    let seen = scene.seen(&given("web", "cache-warmer", "", 90, Some(1)));
    scene.hear(Message::Changed(Change::Deleted(seen)));
    scene.pass(9_000);
    assert!(scene.names().contains(&"cache-warmer"));
    scene.pass(1_000);
    assert!(!scene.names().contains(&"cache-warmer"));
    // What is made anew under its name is another one.
    scene.write(&given("web", "cache-warmer", "x", 0, Some(15)));
    assert!(scene.names().contains(&"cache-warmer"));
}

#[test]
fn a_list_is_the_whole_truth() {
    let mut scene = scene();
    let kept = scene.seen(&given("web", "cache-warmer", "x", 0, Some(15)));
    scene.hear(Message::Changed(Change::Listed {
        leases: vec![kept],
        date: None,
    }));
    scene.pass(11_000);
    assert_eq!(scene.names(), ["cache-warmer"]);
}

#[test]
fn tickets_are_counted_and_not_shown() {
    let mut scene = scene();
    let mut ticket = scene.seen(&given("web", "ticket-1", "waiter", 0, Some(2)));
    ticket.waits_for = Some(Uid::new("ledger-writer-uid"));
    scene.hear(Message::Changed(Change::Applied(ticket.clone())));
    let waiters = |scene: &Scene| {
        let lock = scene
            .state
            .locks
            .get(&id("payments", "ledger-writer"))
            .unwrap();
        lock.waiters
    };
    assert_eq!(waiters(&scene), Some(1));
    assert!(!scene.names().contains(&"ticket-1"));
    scene.hear(Message::Changed(Change::Deleted(ticket)));
    assert_eq!(waiters(&scene), Some(0));
}
