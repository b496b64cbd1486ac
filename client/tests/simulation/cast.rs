//! Who plays: contenders of ours, each on a machine of its own, and what befalls them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::host::Host;
use crate::life::Life;
use crate::peers::{Kind, Peer};
use crate::play::{Broken, Pace};
use crate::witness::Seat;
use crate::world::{Link, Rights, World};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) struct Cast {
    seats: Vec<Mutex<Actor>>,
    peers: Vec<Kind>,
    means: Means,
    longest_hold: Duration,
    longest_rest: Duration,
}

/// What all of ours have in common.
#[derive(Clone, Copy, Debug)]
struct Means {
    /// The most by which a local clock is off, in millionths.
    drift: u64,
    has_few_rights: bool,
    broken: Option<Broken>,
}

struct Actor {
    host: Host,
    link: Arc<Link>,
    /// How many processes sat here before.
    number: u64,
}

impl Cast {
    /// Seats so many of ours, perhaps beside others.
    pub(crate) fn take_the_stage(
        world: &Arc<World>,
        dice: &mut Dice,
        pace: Pace,
        broken: Option<Broken>,
    ) -> Arc<Self> {
        let kinds = [Kind::ClientGo, Kind::Leaselocker];
        let peers: Vec<_> = kinds.into_iter().filter(|_| dice.percent(25)).collect();
        let drift = if dice.percent(50) { 10_000 } else { 0 };
        let means = Means {
            drift: if broken == Some(Broken::FastClocks) {
                600_000
            } else {
                drift
            },
            has_few_rights: dice.percent(20),
            broken,
        };
        let lease = world.timing.lease_duration();
        let (longest_hold, longest_rest) = match pace {
            Pace::Short => (
                *dice.pick(&[seconds(5), lease * 4, lease * 20]).unwrap(),
                lease,
            ),
            Pace::Long(_) => (lease * 20, lease * 5),
        };
        let size = 2 + dice.below(5);
        let seats = 0..usize::try_from(size).unwrap();
        let seats = seats.map(|seat| Mutex::new(Actor::new(world, dice, seat, 0, means)));
        let cast = Arc::new(Self {
            seats: seats.collect(),
            peers: peers.clone(),
            means,
            longest_hold,
            longest_rest,
        });
        world.witness.lock().unwrap().has_peers = !peers.is_empty();
        world.trace(|| format!("{size} of ours, {peers:?}, {means:?}"));
        for seat in 0..cast.seats.len() {
            cast.play(world, dice, seat);
        }
        for kind in peers {
            let peer = Peer::new(
                Arc::clone(world),
                kind,
                dice.fork(),
                longest_hold.min(seconds(20)),
            );
            tokio::spawn(peer.live());
        }
        cast
    }

    fn play(&self, world: &Arc<World>, dice: &mut Dice, seat: Seat) {
        let actor = self.seats[seat].lock().unwrap();
        let life = Life {
            world: Arc::clone(world),
            host: actor.host.clone(),
            link: Arc::clone(&actor.link),
            seat,
            dice: dice.fork(),
            longest_hold: self.longest_hold,
            longest_rest: self.longest_rest,
        };
        actor.host.run(life.live());
    }

    /// Whether somebody takes what others' clocks say for the truth.
    pub(crate) fn trusts_wall_clocks(&self) -> bool {
        self.peers.contains(&Kind::Leaselocker)
    }

    fn any(&self, dice: &mut Dice) -> (Host, Arc<Link>, Seat) {
        let seat = usize::try_from(dice.below(self.seats.len() as u64)).unwrap();
        let actor = self.seats[seat].lock().unwrap();
        (actor.host.clone(), Arc::clone(&actor.link), seat)
    }

    pub(crate) fn cut(&self, dice: &mut Dice, length: Duration) {
        let (_, link, _) = self.any(dice);
        link.set_cut(true);
        tokio::spawn(async move {
            sleep(length).await;
            link.set_cut(false);
        });
    }

    pub(crate) fn suspend(&self, dice: &mut Dice, length: Duration) {
        let (host, _, _) = self.any(dice);
        host.suspend();
        tokio::spawn(async move {
            sleep(length).await;
            host.resume();
        });
    }

    pub(crate) fn set_wall(&self, dice: &mut Dice) {
        let (host, _, _) = self.any(dice);
        let micros = i64::try_from(dice.below(7_200_000_000)).unwrap();
        host.set_wall(micros - 3_600_000_000);
    }

    /// A process dies, and a while later another one starts in its place.
    pub(crate) fn kill(self: &Arc<Self>, world: &Arc<World>, dice: &mut Dice, length: Duration) {
        let (host, _, seat) = self.any(dice);
        host.kill();
        let mut witness = world.witness.lock().unwrap();
        witness.ends(seat, None);
        witness.waiters.remove(&seat);
        drop(witness);
        let (cast, world, mut dice) = (Arc::clone(self), Arc::clone(world), dice.fork());
        tokio::spawn(async move {
            sleep(length).await;
            let number = {
                let actor = cast.seats[seat].lock().unwrap();
                if actor.host.is_running() {
                    return;
                }
                actor.number + 1
            };
            let actor = Actor::new(&world, &mut dice, seat, number, cast.means);
            *cast.seats[seat].lock().unwrap() = actor;
            cast.play(&world, &mut dice, seat);
        });
    }

    /// Whoever was cut off or suspended is there again.
    pub(crate) fn heal(&self) {
        for actor in &self.seats {
            let actor = actor.lock().unwrap();
            actor.link.set_cut(false);
            actor.host.resume();
            actor.host.set_wall(0);
        }
    }

    /// Looks on while it is calm: everybody who waits comes to hold the lock, and it does not lie
    /// idle while somebody waits.
    pub(crate) async fn sit_out(&self, world: &Arc<World>, dice: &mut Dice) {
        let lease = world.timing.lease_duration();
        let calm = Instant::now();
        // Whoever had the lock may have left it behind, and so may a holder that was cut off; each
        // ticket of the dead costs a moment, and so does each one who is served.
        let tickets = world.order.lock().unwrap().tickets().len();
        let tickets = u32::try_from(tickets).unwrap();
        let window = world.timing.retry_period() * 22 / 10 + seconds(2);
        let settled = lease * 2 + window * tickets + seconds(10);
        let turns = u32::try_from(self.seats.len() + 2).unwrap();
        let served = settled + (world.short() + window) * turns;
        let end = calm + served + dice.between(Duration::ZERO, lease);
        while Instant::now() < end {
            sleep(seconds(1)).await;
            let mut witness = world.witness.lock().unwrap();
            if witness.is_held() {
                continue;
            }
            let patient = witness.waiters.values().filter(|waiter| waiter.is_patient);
            let Some(first) = patient.min_by_key(|waiter| waiter.since) else {
                continue;
            };
            let since = first.since.max(witness.idle_since).max(calm);
            let name = first.name.clone();
            witness.reached.longest_idle = witness.reached.longest_idle.max(since.elapsed());
            if since.elapsed() > settled {
                world.fail(format!(
                    "{name} waits, and for {:?} nobody holds the lock",
                    since.elapsed()
                ));
            }
        }
        let mut witness = world.witness.lock().unwrap();
        let patient = witness.waiters.values().filter(|waiter| waiter.is_patient);
        let Some(first) = patient.min_by_key(|waiter| waiter.since) else {
            return;
        };
        let (name, waits) = (first.name.clone(), first.since.max(calm).elapsed());
        if self.means.has_few_rights {
            // Who may not stand in line comes when it is fast, past those who may.
            return;
        }
        witness.reached.longest_wait = witness.reached.longest_wait.max(waits);
        if waits > served {
            world.fail(format!("{name} is not served in {waits:?} of calm"));
        }
    }
}

impl Actor {
    fn new(world: &World, dice: &mut Dice, seat: Seat, number: u64, means: Means) -> Self {
        let Means {
            drift,
            has_few_rights,
            broken,
        } = means;
        let drift =
            i64::try_from(dice.below(2 * drift + 1)).unwrap() - i64::try_from(drift).unwrap();
        let rights = Rights {
            may_queue: !(has_few_rights && dice.percent(20)),
            may_watch: !(has_few_rights && dice.percent(20)),
        };
        let name = format!("s{seat}n{number}");
        Self {
            host: Host::new(
                dice.fork(),
                drift,
                broken == Some(Broken::StoppedClocks),
                world.zero,
            ),
            link: world.link(name, dice.fork(), rights),
            number,
        }
    }
}
