//! Long random runs, with all faults.

use crate::broken::Broken;
use crate::client::Client;
use crate::world::{Faults, Step, World};

/// Numbers that look random and are the same in each run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end as u64).unwrap()
    }
}

fn often(step: Step) -> usize {
    match step {
        Step::Crash(_) | Step::DeleteLock | Step::Drift(_) | Step::Pause(_) => 1,
        Step::GiveUp(_) | Step::Resign(..) | Step::PeerReleases => 4,
        Step::Tick | Step::Resume(_) => 6,
        _ => 20,
    }
}

/// Walks until something is wrong, and tells what, with the steps that led there.
fn walk(world: &mut World, seed: u64, steps: u64) -> Result<(), String> {
    let mut dice = Dice(seed);
    let mut last: Vec<(u64, Step)> = Vec::new();
    for _ in 0..steps {
        let possible = world.steps();
        let whole: usize = possible.iter().map(|step| often(*step)).sum();
        let mut at = dice.below(whole);
        let step = *possible
            .iter()
            .find(|step| {
                let weight = often(**step);
                let is_here = at < weight;
                at = at.saturating_sub(weight);
                is_here
            })
            .unwrap();
        last.push((world.tick, step));
        world.take(step);
        if let Some(wrong) = world.wrong {
            let from = last.len().saturating_sub(80);
            return Err(format!(
                "seed {seed}: {wrong} after {} steps, the last of which: {:?}",
                last.len(),
                &last[from..]
            ));
        }
    }
    Ok(())
}

/// As many faults as a run of some thousand steps can meet.
const FAULTS: Faults = Faults {
    crashes: 1,
    deletions: 0,
    drifts: 1,
    losses: 20,
    meddling: 0,
    pauses: 10,
    breaks: 0,
    breaks_at_once: 0,
    cancels: 0,
    deafness: 0,
    edits: 0,
    restorations: 0,
};

/// How many steps all walks together take: set `LEASE_MODEL_STEPS` for more.
fn budget() -> u64 {
    std::env::var("LEASE_MODEL_STEPS").map_or(2_000_000, |steps| steps.parse().unwrap())
}

#[test]
fn three_of_ours_and_a_peer_never_believe_together() {
    const STEPS: u64 = 4000;
    let mut hand_overs = 0;
    let mut losses = 0;
    for seed in 0..budget() / STEPS {
        let mut world = World::new(3, seed % 2 == 0, FAULTS);
        walk(&mut world, seed, STEPS).unwrap_or_else(|wrong| panic!("{wrong}"));
        hand_overs += world.reached.hand_overs;
        losses += world.reached.losses;
    }
    assert!(hand_overs > 100 && losses > 10, "{hand_overs} {losses}");
}

/// Whether any of some walks through worlds that are broken like this goes wrong.
fn finds(break_it: impl Fn(&mut World)) -> bool {
    (0..4000).any(|seed| {
        let mut world = World::new(3, false, FAULTS);
        break_it(&mut world);
        walk(&mut world, seed, 4000).is_err()
    })
}

#[test]
fn each_rule_that_is_broken_is_missed() {
    let each_client = |broken: Broken| {
        move |world: &mut World| {
            for client in &mut world.clients {
                client.broken = Some(broken);
            }
        }
    };
    assert!(finds(|world| world.server.is_careless = true), "versions");
    assert!(
        finds(each_client(Broken::BeliefFromReply)),
        "belief from the reply"
    );
    assert!(finds(each_client(Broken::StoppedClock)), "stopped clock");
    assert!(
        finds(each_client(Broken::UnconfirmedBelief)),
        "unconfirmed belief"
    );
    assert!(finds(|world| world.left.drifts = 400), "drift");
    assert!(
        finds(|world| world.left.meddling = 5),
        "hand-over from outside"
    );
    assert!(
        finds(|world| world.clients[1] = Client::new("alice", 1)),
        "shared identity"
    );
}

#[test]
fn nobody_who_lives_waits_for_ever() {
    // Longer than it takes all three to hold in turn, by far.
    const ROUND: u64 = 3000;
    for seed in 0..100 {
        let mut world = World::new(3, false, FAULTS);
        // First the faults, of which a crash ends one of them.
        walk(&mut world, seed, ROUND).unwrap_or_else(|wrong| panic!("{wrong}"));
        world.left = Faults::default();
        for client in &mut world.clients {
            client.is_paused = false;
        }
        for round in 0..5 {
            let before: Vec<u64> = world.clients.iter().map(|client| client.holds).collect();
            let seed = seed + 1000 * (round + 1);
            walk(&mut world, seed, ROUND).unwrap_or_else(|wrong| panic!("{wrong}"));
            for (client, before) in world.clients.iter().zip(before) {
                assert!(
                    client.is_crashed || client.holds > before,
                    "seed {seed}: {} waited through round {round}",
                    client.identity
                );
            }
        }
    }
}
