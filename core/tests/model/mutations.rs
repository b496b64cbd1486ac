//! Each rule of the lock, broken on purpose, is missed: what the model finds nothing against, it
//! would find nothing against in the contender.

use crate::broken::Broken;
use crate::client::Client;
use crate::faults::Faults;
use crate::walk::{FAULTS, FAULTS_AMONG_OURS};
use crate::world::World;
use crate::{check, walk};

const TWO: &str = "two of ours believe";
const FOR_EVER: &str = "waits for ever";

/// A rule that is broken is found in random walks, and for what it is.
fn walks_find(wrongs: &[&str], rule: &str, world: impl Fn() -> World) {
    is_one_of(wrongs, rule, walk::goes_wrong(world));
}

/// The same where everything that can happen is played through.
fn playing_finds(wrongs: &[&str], rule: &str, writes: u64, world: World) {
    is_one_of(wrongs, rule, check::goes_wrong(world, writes));
}

fn is_one_of(wrongs: &[&str], rule: &str, found: Option<String>) {
    let is_it = |found: &String| wrongs.iter().any(|wrong| found.contains(wrong));
    assert!(found.as_ref().is_some_and(is_it), "{rule}: {found:?}");
}

fn three(faults: Faults, broken: Broken) -> impl Fn() -> World {
    move || World::new(3, false, faults).broken(broken)
}

fn two(faults: Faults, broken: Broken) -> World {
    World::new(2, false, faults).broken(broken)
}

#[test]
fn versions_are_checked() {
    walks_find(&[TWO, "a token does not grow"], "1", || {
        let mut world = World::new(3, false, FAULTS);
        world.server.is_careless = true;
        world
    });
    let faults = Faults {
        pauses: 1,
        deafness: 1,
        ..Faults::NONE
    };
    playing_finds(&[TWO], "2", 4, two(faults, Broken::CachedHolder));
}

#[test]
fn identities_are_not_shared() {
    walks_find(&[TWO, "a token does not grow"], "3", || {
        let mut world = World::new(3, false, FAULTS);
        world.clients[1] = Client::new("alice", 1);
        world.broken(Broken::SharedIdentity)
    });
}

#[test]
fn belief_runs_from_the_sending_on_a_clock_that_goes_on() {
    walks_find(&[TWO], "4, reply", three(FAULTS, Broken::BeliefFromReply));
    let often_paused = Faults {
        pauses: 100,
        ..FAULTS
    };
    walks_find(
        &[TWO, "a token does not grow"],
        "4, clock",
        three(often_paused, Broken::StoppedClock),
    );
    // One more than L - D.
    let faults = Faults {
        drifts: 2,
        pauses: 1,
        ..Faults::NONE
    };
    playing_finds(&[TWO], "4, drift", 3, World::new(2, false, faults));
}

#[test]
fn a_hand_over_is_confirmed_and_only_the_holder_makes_one() {
    walks_find(&[TWO], "5", three(FAULTS, Broken::UnconfirmedBelief));
    walks_find(&[TWO], "5, meddling", || {
        let mut world = World::new(3, false, FAULTS);
        world.left.meddling = 20;
        world
    });
}

#[test]
fn what_became_of_a_write_is_read() {
    let wrongs = [TWO, "a token is the version of another one's record"];
    walks_find(&wrongs, "6", three(FAULTS, Broken::TrustsUnknown));
}

#[test]
fn the_token_is_that_of_the_confirmation() {
    let wrongs = [
        "a token is the version of another one's record",
        "a token does not grow",
    ];
    walks_find(&wrongs, "7", three(FAULTS, Broken::TokenOfHandOver));
}

#[test]
fn belief_ends_before_the_lock_is_given_back() {
    walks_find(&[TWO], "8", three(FAULTS, Broken::BeliefWhileReleasing));
}

#[test]
fn a_broken_lock_leaves_a_tombstone_and_is_not_taken_back() {
    let wrongs = [TWO, "a token does not grow"];
    walks_find(&wrongs, "9", || {
        let mut world = World::new(3, false, FAULTS);
        world.left.breaks_at_once = 12;
        world.risks_nothing = false;
        world
    });
    let faults = Faults {
        breaks_at_once: 10,
        ..FAULTS
    };
    let wrongs = ["a lock that was broken is taken back"];
    walks_find(&wrongs, "11", three(faults, Broken::DeafToForce));
}

#[test]
fn a_deleted_lock_is_not_created_again_at_once() {
    let faults = Faults {
        deletions: 1,
        deafness: 1,
        ..Faults::NONE
    };
    playing_finds(&[TWO], "10", 3, two(faults, Broken::RecreatesAtOnce));
}

#[test]
fn the_head_is_that_of_the_whole_queue() {
    let wrongs = ["a hand-over passes somebody by"];
    walks_find(&wrongs, "13", three(FAULTS, Broken::PartOfTheQueue));
}

#[test]
fn who_was_passed_by_queues_again() {
    // Many are passed by, and the others keep the lock busy.
    let faults = Faults {
        crashes: 0,
        pauses: 100,
        ..FAULTS
    };
    walks_find(&[FOR_EVER], "16", three(faults, Broken::DeafToServed));
}

#[test]
fn the_tickets_of_the_dead_are_deleted() {
    let wrongs = ["a ticket is served twice", "was served and is left"];
    // Neither backups, which bring back the tickets of those who have left since, nor deletions, with
    // which what was served is forgotten.
    walks_find(&wrongs, "17", || {
        three(FAULTS, Broken::LeavesDeadTickets)().prompt()
    });
}

#[test]
fn a_server_that_goes_back_begins_a_new_epoch() {
    walks_find(&[FOR_EVER], "20", three(FAULTS_AMONG_OURS, Broken::NoEpoch));
}
