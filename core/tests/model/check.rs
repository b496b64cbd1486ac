//! Every interleaving, up to a bound.

use std::hash::{Hash, Hasher};
use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::faults::Faults;
use crate::key::key;
use crate::settling::settles;
use crate::steps::Step;
use crate::world::World;

/// A world, and how far it is played: there is no bound on time, nor on steps, but on how often
/// the lock is written.
struct Bounded {
    start: World,
    writes: u64,
    /// What has to be reached, and then it is enough.
    sometimes: Vec<Property<Bounded>>,
}

/// A world by what of it matters.
#[derive(Clone, Debug)]
struct Node {
    world: World,
    key: u64,
}

impl Node {
    fn new(world: World) -> Self {
        Self {
            key: key(&world),
            world,
        }
    }
}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Model for Bounded {
    type Action = Step;
    type State = Node;

    fn init_states(&self) -> Vec<Node> {
        vec![Node::new(self.start.clone())]
    }

    fn actions(&self, node: &Node, steps: &mut Vec<Step>) {
        steps.extend(node.world.steps());
    }

    fn next_state(&self, node: &Node, step: Step) -> Option<Node> {
        if let Step::Send(i) = step {
            let client = &node.world.clients[i];
            if !client.contender.has_ended() && !client.would_act(node.world.tick) {
                return None;
            }
        }
        let mut world = node.world.clone();
        world.take(step).then(|| Node::new(world))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        if !self.sometimes.is_empty() {
            return self.sometimes.clone();
        }
        vec![
            Property::always("nothing is wrong", |_, node: &Node| {
                node.world.wrong.is_none()
            }),
            Property::always("whoever waits comes to hold", |_, node: &Node| {
                // Far longer than one step; what is wrong is wrong in many states.
                !node.key.is_multiple_of(64) || settles(&node.world).is_ok()
            }),
        ]
    }

    fn within_boundary(&self, node: &Node) -> bool {
        node.world.server.writes <= self.writes
    }
}

/// Plays through all that can happen, and tells how much that was.
fn check(name: &str, start: World, writes: u64, sometimes: Vec<Property<Bounded>>) {
    let began = Instant::now();
    let bounded = Bounded {
        start: start.prompt(),
        writes,
        sometimes,
    };
    let checker = bounded.checker().threads(2).spawn_bfs().join();
    println!(
        "{name}, {writes} writes: {} states, {} of them different, {} steps deep, {:.1?}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        began.elapsed()
    );
    for (property, path) in checker.discoveries() {
        if checker.discovery_classification(property).to_string() == "counterexample" {
            let (wrong, settles) = {
                let world = &path.last_state().world;
                (world.wrong, settles(world))
            };
            let steps = path.into_actions();
            panic!("{name}: it is not true that {property}: {wrong:?} {settles:?}: {steps:?}");
        }
    }
    checker.assert_properties();
}

/// Whether something goes wrong when all that can happen is played through.
pub(crate) fn goes_wrong(start: World, writes: u64) -> Option<String> {
    let bounded = Bounded {
        start: start.prompt(),
        writes,
        sometimes: Vec::new(),
    };
    let checker = bounded.checker().threads(2);
    let checker = checker.finish_when(HasDiscoveries::AnyFailures);
    let found = checker.spawn_bfs().join().discoveries();
    let world = &found.values().next()?.last_state().world;
    let wrong = world.wrong.map(ToOwned::to_owned);
    wrong.or_else(|| settles(world).err())
}

/// How often the lock is written: less where a run is to be short.
struct Writes {
    short: u64,
    full: u64,
}

impl Writes {
    fn now(self) -> u64 {
        if std::env::var("LEASE_MODEL").is_ok_and(|how| how == "full") {
            self.full
        } else {
            self.short
        }
    }
}

const NONE: Faults = Faults::NONE;
const CRASH: Faults = Faults { crashes: 1, ..NONE };
const PAUSE: Faults = Faults { pauses: 1, ..NONE };
const DRIFT: Faults = Faults { drifts: 1, ..NONE };
const LOST_REPLY: Faults = Faults { losses: 1, ..NONE };
const LATE_WATCH: Faults = Faults {
    deafness: 1,
    ..NONE
};
const DELETION: Faults = Faults {
    deletions: 1,
    ..NONE
};

fn two(name: &str, faults: Faults, short: u64, full: u64) {
    let writes = Writes { short, full }.now();
    check(name, World::new(2, false, faults), writes, Vec::new());
}

#[test]
fn two_of_ours_with_each_pair_of_faults_but_pauses() {
    two("crash and drift", CRASH + DRIFT, 5, 8);
    two("crash and lost reply", CRASH + LOST_REPLY, 5, 7);
    two("crash and late watch", CRASH + LATE_WATCH, 3, 6);
    two("crash and deletion", CRASH + DELETION, 3, 6);
    two("drift and lost reply", DRIFT + LOST_REPLY, 4, 7);
    two("drift and late watch", DRIFT + LATE_WATCH, 3, 6);
    two("drift and deletion", DRIFT + DELETION, 3, 6);
    two("lost reply and late watch", LOST_REPLY + LATE_WATCH, 3, 5);
    two("lost reply and deletion", LOST_REPLY + DELETION, 3, 5);
    two("late watch and deletion", LATE_WATCH + DELETION, 2, 4);
}

#[test]
fn two_of_ours_with_pauses() {
    two("pause and drift", PAUSE + DRIFT, 3, 6);
    two("crash and pause", CRASH + PAUSE, 3, 5);
    two("crash, pause and drift", CRASH + PAUSE + DRIFT, 2, 5);
    two("pause and lost reply", PAUSE + LOST_REPLY, 2, 5);
    two("pause and late watch", PAUSE + LATE_WATCH, 2, 4);
    two("pause and deletion", PAUSE + DELETION, 2, 4);
}

#[test]
fn two_of_ours_at_a_lock_that_does_not_exist() {
    let start = World::new(2, false, CRASH + LOST_REPLY).without_lock();
    let writes = Writes { short: 3, full: 6 }.now();
    check(
        "a new lock, crash and lost reply",
        start,
        writes,
        Vec::new(),
    );
}

#[test]
fn two_of_ours_beside_a_peer() {
    let writes = Writes { short: 4, full: 5 }.now();
    check("a peer", World::new(2, true, NONE), writes, Vec::new());
}

/// That the model reaches what it is about.
#[test]
fn all_that_matters_happens() {
    let sometimes = vec![
        Property::sometimes("two hand-overs", |_: &Bounded, node: &Node| {
            node.world.reached.hand_overs >= 2
        }),
        Property::sometimes("a takeover after a crash", |_, node: &Node| {
            let reached = node.world.reached;
            reached.takeovers > 0 && node.world.clients.iter().any(|client| client.is_crashed)
        }),
        Property::sometimes("a waiter that was passed by", |_, node: &Node| {
            node.world.reached.passed_by > 0
        }),
        Property::sometimes("a hand-over that nobody confirmed", |_, node: &Node| {
            node.world.reached.dead_hand_overs > 0
        }),
    ];
    let start = World::new(2, false, CRASH + PAUSE);
    check("what happens", start, 6, sometimes);
    let recreated = Property::sometimes("a lock that is created again", |_, node: &Node| {
        node.world.reached.recreations > 0
    });
    let start = World::new(2, false, DELETION);
    check("what happens after a deletion", start, 4, vec![recreated]);
}
