//! One run, from a seed to what became of it.

use std::time::Duration;

use lease_core::Timing;
use tokio::time::sleep;

use crate::cast::Cast;
use crate::dice::Dice;
use crate::storms::Storms;
use crate::witness::Reached;
use crate::world::World;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Play {
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
    /// Whether what happens is remembered.
    pub(crate) is_traced: bool,
    pub(crate) broken: Option<Broken>,
}

/// How fast things happen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// One storm after the other, for thirty lease durations of 6, 15 or 60 s.
    Short,
    /// A lease of 137 s, as OpenShift's operators have it, for so long; hours between storms.
    Long(Duration),
}

/// A rule that is broken on purpose, which has to be noticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Broken {
    /// The server does not look at uids and versions.
    CarelessServer,
    /// Local clocks are off by more than the slack between deadline and lease.
    FastClocks,
    /// Lists of tickets lack the oldest one.
    ForgetfulLists,
    /// Local clocks stand still while a machine is suspended.
    StoppedClocks,
}

/// What became of it.
pub(crate) struct Played {
    pub(crate) wrong: Option<String>,
    /// Differs between runs that differ.
    pub(crate) fingerprint: u64,
    pub(crate) reached: Reached,
    pub(crate) remembered: Vec<String>,
}

impl Play {
    pub(crate) const fn short(seed: u64) -> Self {
        Self {
            seed,
            pace: Pace::Short,
            is_traced: false,
            broken: None,
        }
    }

    /// In a runtime of its own, whose time is virtual, and which nothing outlives.
    pub(crate) fn run(self) -> Played {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(self.play())
    }

    async fn play(self) -> Played {
        let mut dice = Dice::new(self.seed);
        let short = [(15, 10, 2), (6, 4, 1), (60, 40, 10)];
        let (lease, deadline, retry) = match self.pace {
            Pace::Short => *dice.pick(&short).unwrap(),
            Pace::Long(_) => (137, 107, 26),
        };
        let timing = Timing::new(seconds(lease), seconds(deadline), seconds(retry)).unwrap();
        let (length, rest) = match self.pace {
            Pace::Short => (seconds(lease) * 30, Duration::ZERO),
            Pace::Long(length) => (length, seconds(12 * 3600)),
        };
        let world = World::new(timing, &mut dice, self.is_traced, self.broken);
        let cast = Cast::take_the_stage(&world, &mut dice, self.pace, self.broken);
        let storms = Storms::new(world.clone(), cast, dice.fork(), rest);
        tokio::spawn(storms.rage());
        tokio::select! {
            biased;
            () = world.goes_wrong() => {}
            () = sleep(length) => {}
        }
        let mut reached = world.witness.lock().unwrap().reached;
        let order = world.order.lock().unwrap();
        reached.time = world.zero.elapsed();
        reached.hand_overs = order.hand_overs;
        reached.dead_grants = order.dead_grants;
        reached.writes = order.writes;
        Played {
            wrong: world.wrong(),
            fingerprint: order.fingerprint,
            reached,
            remembered: world.remembered(),
        }
    }
}
