//! Long random runs, with all faults.

use crate::faults::{Faults, Reached};
use crate::settling::settles;
use crate::steps::Step;
use crate::world::World;

/// How many steps one walk takes.
const STEPS: u64 = 4000;
/// Every so many of them, whoever waits has to come to hold if all goes well from then on.
const SETTLES: u64 = 250;

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
        Step::AskRelease
        | Step::BackUp
        | Step::Break { .. }
        | Step::Cancel(_)
        | Step::Crash(_)
        | Step::DeleteLock
        | Step::Drift(_)
        | Step::EditTicket
        | Step::PassOn
        | Step::Pause(_)
        | Step::Restore => 1,
        Step::GiveUp(_) | Step::Resign(..) | Step::PeerReleases => 4,
        Step::Tick | Step::Resume(_) => 6,
        _ => 20,
    }
}

/// Walks until something is wrong, and tells what, with the steps that led there.
fn walk(world: &mut World, seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed);
    let mut last: Vec<(u64, Option<u64>, Step)> = Vec::new();
    for count in 1..=STEPS {
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
        if last.len() == 80 {
            last.remove(0);
        }
        last.push((world.tick, world.version(), step));
        world.take(step);
        let settled = if count % SETTLES == 0 {
            settles(world)
        } else {
            Ok(())
        };
        let wrong = world.wrong.map(ToOwned::to_owned).or(settled.err());
        if let Some(wrong) = wrong {
            return Err(format!(
                "seed {seed}: {wrong} after {count} steps, the last of which: {last:?}"
            ));
        }
    }
    Ok(())
}

/// As many faults as a walk can meet.
pub(crate) const FAULTS: Faults = Faults {
    breaks: 2,
    cancels: 10,
    crashes: 1,
    drifts: 1,
    edits: 5,
    losses: 20,
    pauses: 10,
    ..Faults::NONE
};

/// What no contender can be safe from beside one that waits for nothing: a lock that is deleted
/// while it is held, and a server that goes back.
pub(crate) const FAULTS_AMONG_OURS: Faults = Faults {
    deletions: 3,
    restorations: 1,
    ..FAULTS
};

/// How many steps all walks together take: set `LEASE_MODEL_STEPS` for more.
fn budget() -> u64 {
    std::env::var("LEASE_MODEL_STEPS").map_or(4_000_000, |steps| steps.parse().unwrap())
}

#[test]
fn three_of_ours_and_a_peer_never_believe_together() {
    let began = std::time::Instant::now();
    let mut all = Reached::default();
    for seed in 0..budget() / STEPS {
        let mut world = match seed % 4 {
            0 | 1 => World::new(3, true, FAULTS),
            2 => World::new(3, false, FAULTS_AMONG_OURS),
            _ => World::new(3, false, FAULTS_AMONG_OURS).without_lock(),
        };
        walk(&mut world, seed).unwrap_or_else(|wrong| panic!("{wrong}"));
        all = all + world.reached;
    }
    println!("{all:?}, {:.1?}", began.elapsed());
    let Reached {
        dead_hand_overs,
        hand_overs,
        losses,
        passed_by,
        recreations,
        takeovers,
    } = all;
    for (what, reached) in [
        ("dead hand-overs", dead_hand_overs),
        ("hand-overs", hand_overs),
        ("losses", losses),
        ("waiters that were passed by", passed_by),
        ("locks that were created again", recreations),
        ("takeovers", takeovers),
    ] {
        assert!(reached > 20, "{what}: {reached}");
    }
}

/// What goes wrong first in some walks through worlds like this.
pub(crate) fn goes_wrong(world: impl Fn() -> World) -> Option<String> {
    (0..400).find_map(|seed| {
        let wrong = walk(&mut world(), seed).err()?;
        let (_, wrong) = wrong.split_once(": ")?;
        Some(wrong.split(" after ").next()?.to_owned())
    })
}
