//! What goes wrong, and when: storms, and calm in between, in which everything has to come right.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use lease_sandbox::{Backup, DeleteOptions, WriteOptions};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::cast::Cast;
use crate::dice::Dice;
use crate::order::text;
use crate::weather::Weather;
use crate::witness::Upheaval;
use crate::world::{LOCK, NAMESPACE, World};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What can go wrong beside the weather.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Compact,
    Cut,
    Delete,
    Down,
    Edit,
    Kill,
    Restore,
    ServerClock,
    Suspend,
    WallClock,
}

const ALL: [Fault; 10] = [
    Fault::Compact,
    Fault::Cut,
    Fault::Delete,
    Fault::Down,
    Fault::Edit,
    Fault::Kill,
    Fault::Restore,
    Fault::ServerClock,
    Fault::Suspend,
    Fault::WallClock,
];

pub(crate) struct Storms {
    world: Arc<World>,
    cast: Arc<Cast>,
    dice: Dice,
    /// Each storm has some faults, and others not: what is rare among many happens among few.
    faults: Vec<Fault>,
    /// The longest time between two storms.
    rest: Duration,
    /// The mean time between two faults.
    gap: Duration,
    backup: Backup,
}

impl Storms {
    pub(crate) fn new(world: Arc<World>, cast: Arc<Cast>, dice: Dice, rest: Duration) -> Self {
        Self {
            gap: Duration::ZERO,
            backup: world.cluster.backup(),
            world,
            cast,
            dice,
            faults: Vec::new(),
            rest,
        }
    }

    pub(crate) async fn rage(mut self) {
        let lease = self.world.timing.lease_duration();
        loop {
            let storm = self.dice.between(lease * 2, lease * 10);
            self.storm(Instant::now() + storm).await;
            self.calm().await;
            sleep(self.dice.between(Duration::ZERO, self.rest)).await;
        }
    }

    async fn storm(&mut self, end: Instant) {
        let weather = Weather::stormy(&mut self.dice);
        self.faults = self.choose();
        self.gap = *self
            .dice
            .pick(&[seconds(5), seconds(20), seconds(60)])
            .unwrap();
        self.world
            .trace(|| format!("a storm begins: {:?}, {weather:?}", self.faults));
        self.world.set_weather(weather);
        loop {
            let gap = self.dice.between(Duration::ZERO, self.gap * 2);
            let next = Instant::now() + gap;
            if self.faults.is_empty() || next >= end {
                break sleep_until(end).await;
            }
            sleep_until(next).await;
            let fault = *self.dice.pick(&self.faults).unwrap();
            self.strike(fault);
        }
    }

    fn choose(&mut self) -> Vec<Fault> {
        let dice = &mut self.dice;
        let mut faults: Vec<_> = ALL.into_iter().filter(|_| dice.percent(50)).collect();
        // For long after a restore, little can be asked for.
        if dice.percent(70) {
            faults.retain(|fault| *fault != Fault::Restore);
        }
        // A lock is taken on the stamp if no single clock is wrong; so one kind at a time.
        if faults.contains(&Fault::WallClock) {
            faults.retain(|fault| *fault != Fault::ServerClock);
        }
        if self.cast.trusts_wall_clocks() {
            faults.retain(|fault| *fault != Fault::WallClock);
        }
        faults
    }

    /// Everything is well again, and after a while everybody who waited has held the lock.
    async fn calm(&mut self) {
        self.world.trace(|| "it is calm".to_owned());
        self.world.set_down(false);
        self.world.set_server_clock(SignedDuration::ZERO);
        self.world.set_weather(Weather::CALM);
        self.cast.heal();
        self.world.set_calm(true);
        self.cast.sit_out(&self.world, &mut self.dice).await;
        self.world.set_calm(false);
    }

    fn strike(&mut self, fault: Fault) {
        self.world.trace(|| format!("{fault:?} strikes"));
        let length = self
            .dice
            .mostly_short(self.world.timing.lease_duration() * 4);
        let lease = self.world.timing.lease_duration();
        match fault {
            Fault::Compact => self.world.cluster.compact(),
            Fault::Cut => self.cast.cut(&mut self.dice, length),
            Fault::Delete => self.delete(),
            Fault::Down => {
                self.world.set_down(true);
                let world = Arc::clone(&self.world);
                tokio::spawn(async move {
                    sleep(length).await;
                    world.set_down(false);
                });
            }
            Fault::Edit => self.edit(),
            Fault::Kill => self.cast.kill(&self.world, &mut self.dice, length),
            Fault::Restore => {
                // Of a backup from before, and now and then a new one is made.
                if self.dice.percent(50) {
                    self.backup = self.world.cluster.backup();
                } else {
                    self.restore(lease);
                }
            }
            Fault::ServerClock => {
                let hours = self.dice.between(Duration::ZERO, seconds(4 * 3600));
                let off = SignedDuration::try_from(hours).unwrap() - SignedDuration::from_hours(2);
                self.world.set_server_clock(off);
            }
            Fault::Suspend => self.cast.suspend(&mut self.dice, length),
            Fault::WallClock => self.cast.set_wall(&mut self.dice),
        }
    }

    /// Somebody deletes the lock; the garbage collector then deletes its tickets, in a while.
    fn delete(&mut self) {
        let Ok(lock) = self.world.cluster.get(NAMESPACE, LOCK) else {
            return;
        };
        let deleted = self
            .world
            .cluster
            .delete(NAMESPACE, LOCK, &DeleteOptions::default());
        deleted.unwrap();
        let created = self.world.order.lock().unwrap().created;
        self.world
            .witness
            .lock()
            .unwrap()
            .happens(Upheaval::Deleted, created);
        self.world.look();
        let after = self.dice.between(Duration::ZERO, seconds(10));
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            sleep(after).await;
            let uid = text(&lock, "/metadata/uid");
            let tickets: Vec<_> = {
                let order = world.order.lock().unwrap();
                let of = |ticket: &Value| {
                    text(ticket, "/metadata/labels/kubectl-lease.io~1waits-for") == uid
                };
                let tickets = order.tickets().iter().filter(|(_, ticket)| of(ticket));
                tickets.map(|(name, _)| name.clone()).collect()
            };
            for name in tickets {
                let _ = world
                    .cluster
                    .delete(NAMESPACE, &name, &DeleteOptions::default());
            }
            world.look();
        });
    }

    /// Somebody puts an annotation on a ticket, which goes to the back of the queue.
    fn edit(&mut self) {
        let tickets: Vec<_> = {
            let order = self.world.order.lock().unwrap();
            order.tickets().values().cloned().collect()
        };
        let Some(ticket) = self.dice.pick(&tickets) else {
            return;
        };
        let mut edited = Value::clone(ticket);
        edited["metadata"]["annotations"]["example.com/note"] = json!(self.dice.roll().to_string());
        let name = text(ticket, "/metadata/name");
        let by = WriteOptions::by("kubectl");
        self.world.set_clock();
        self.world
            .cluster
            .replace(NAMESPACE, name, &edited, &by)
            .unwrap();
        self.world.look();
    }

    /// etcd is restored from a backup, for which the API server has to be stopped.
    fn restore(&mut self, lease: Duration) {
        self.world.set_down(true);
        self.world.cluster.restore(&self.backup);
        let cluster = &self.world.cluster;
        self.world.order.lock().unwrap().begin_anew(cluster);
        let created = self.world.order.lock().unwrap().created;
        self.world
            .witness
            .lock()
            .unwrap()
            .happens(Upheaval::Restored, created);
        let length = self.dice.mostly_short(lease);
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            sleep(length).await;
            world.set_down(false);
        });
    }
}
