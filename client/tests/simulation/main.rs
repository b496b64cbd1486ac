//! A busy lock for a long time: contenders of ours with their driver, their store and their
//! watches, each on a machine of its own, before an API server in the same process; in virtual
//! time, with seeded faults.
//!
//! - `LEASE_SIMULATION_SEED=7` runs one seed again, and tells what happened last.
//! - `LEASE_SIMULATION_SEEDS=20000` runs so many.
//! - `LEASE_SIMULATION_DAYS=365` is how long the long run takes.

// Helpers beside the tests unwrap too: a failed one fails its test.
#![allow(clippy::unwrap_used)]

mod cast;
mod dice;
mod host;
mod life;
mod order;
mod peers;
mod play;
mod storms;
mod weather;
mod wire;
mod witness;
mod world;

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::play::{Broken, Pace, Play, Played};
use crate::witness::Reached;

/// How many lines of what happened a failure tells.
const TOLD: usize = 80;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

/// Plays seed after seed on all processors, until one shows something wrong.
fn play_until_wrong(
    play: impl Fn(u64) -> Play + Sync,
    end: u64,
) -> (Reached, Option<(Play, Played)>) {
    let next = AtomicU64::new(0);
    let all = Mutex::new((Reached::default(), None));
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let play = play(seed);
                    let played = play.run();
                    let mut all = all.lock().unwrap();
                    all.0.add(&played.reached);
                    if played.wrong.is_some() {
                        next.store(end, Ordering::Relaxed);
                        all.1.get_or_insert((play, played));
                    }
                }
            });
        }
    });
    all.into_inner().unwrap()
}

/// Plays all seeds, in which nothing may go wrong.
fn play_all(play: impl Fn(u64) -> Play + Sync, end: u64) -> Reached {
    let start = Instant::now();
    let (reached, wrong) = play_until_wrong(play, end);
    if let Some((play, played)) = wrong {
        judge(play, &played);
    }
    let length = reached.time.as_secs() / 3600;
    println!(
        "{end} runs, {length} h in {:?}: {reached:?}",
        start.elapsed()
    );
    reached
}

/// Fails, if something is wrong, with what happened, for which it is played once more.
fn judge(play: Play, played: &Played) {
    let Some(wrong) = &played.wrong else {
        return;
    };
    let again = Play {
        is_traced: true,
        ..play
    };
    let told = again.run().remembered;
    let last = told[told.len().saturating_sub(TOLD)..].join("\n");
    panic!(
        "{wrong}\n{last}\nagain: LEASE_SIMULATION_SEED={} cargo test -p lease-client --test simulation seeds",
        play.seed
    );
}

#[test]
fn nothing_goes_wrong_in_a_thousand_seeds() {
    if let Some(seed) = number("LEASE_SIMULATION_SEED") {
        let play = Play {
            is_traced: true,
            ..Play::short(seed)
        };
        let played = play.run();
        println!("{}", played.remembered.join("\n"));
        return judge(play, &played);
    }
    let seeds = number("LEASE_SIMULATION_SEEDS").unwrap_or(1000);
    let reached = play_all(Play::short, seeds);
    // A run in which nothing happens proves nothing.
    for (what, times) in [
        ("hand-overs", reached.hand_overs),
        ("hand-overs that nobody confirmed", reached.dead_grants),
        ("losses", reached.losses),
        ("holds of client-go", reached.peer_holds),
        ("suspensions past the lease", reached.overslept),
        ("deletions and restores", reached.upheavals),
    ] {
        assert!(times >= seeds / 20, "only {times} {what} in {seeds} seeds");
    }
}

/// In months, of which each processor plays one.
#[test]
fn nothing_goes_wrong_with_a_lock_that_is_busy_for_long() {
    const MONTH: u64 = 30;
    let days = number("LEASE_SIMULATION_DAYS").unwrap_or(2);
    let play = |month: u64| Play {
        pace: Pace::Long(Duration::from_secs(
            (days - MONTH * month).min(MONTH) * 86_400,
        )),
        ..Play::short(month)
    };
    let reached = play_all(play, days.div_ceil(MONTH));
    assert!(reached.hand_overs > days * 10, "the lock was not busy");
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    for seed in 0..10 {
        let [one, other] = [(); 2].map(|()| Play::short(seed).run().fingerprint);
        assert_eq!(one, other, "seed {seed}");
        assert_ne!(one, Play::short(seed + 1).run().fingerprint);
    }
}

#[test]
fn what_is_broken_on_purpose_is_noticed() {
    const TWO: &str = "believe to hold the lock";
    for (broken, signs) in [
        // A write over another one undoes what that one said was served, too.
        (
            Broken::CarelessServer,
            &[TWO, "serves what was served before"][..],
        ),
        (Broken::FastClocks, &[TWO]),
        (Broken::ForgetfulLists, &["waits since"]),
        (Broken::StoppedClocks, &[TWO]),
    ] {
        let play = |seed| Play {
            broken: Some(broken),
            ..Play::short(seed)
        };
        let (_, wrong) = play_until_wrong(play, 200);
        let (play, played) = wrong.unwrap_or_else(|| panic!("nobody notices {broken:?}"));
        let wrong = played.wrong.unwrap();
        println!("{broken:?} is noticed with seed {}: {wrong}", play.seed);
        let is_it = signs.iter().any(|sign| wrong.contains(sign));
        assert!(is_it, "{broken:?}: {wrong}");
    }
}
