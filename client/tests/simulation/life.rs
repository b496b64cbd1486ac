//! What a process with contenders of ours does, over and over.

use std::sync::Arc;
use std::time::Duration;

use lease_client::clock::Machine;
use lease_client::{Guard, Lock};
use lease_core::{Identity, Mode};
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::host::Host;
use crate::wire;
use crate::witness::{Seat, Waiter};
use crate::world::{LOCK, Link, NAMESPACE, World};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) host: Host,
    pub(crate) link: Arc<Link>,
    pub(crate) seat: Seat,
    pub(crate) dice: Dice,
    /// The longest time for which a lock is held.
    pub(crate) longest_hold: Duration,
    pub(crate) longest_rest: Duration,
}

/// What is done with a lock in the end.
enum Parting {
    Drop,
    Leave,
    Open,
    Queue,
    To(Identity),
}

impl Life {
    pub(crate) async fn live(mut self) {
        let store = wire::store(&self.world, &self.link);
        let lock = Lock::on(self.host.clone(), store, NAMESPACE, LOCK)
            .timing(self.world.timing)
            .identity_prefix(&self.link.name);
        loop {
            let longest = if self.world.is_calm() {
                self.world.short()
            } else {
                self.longest_rest
            };
            let rest = self.dice.mostly_short(longest);
            sleep(rest).await;
            self.contend(&lock).await;
        }
    }

    async fn contend(&mut self, lock: &Lock<lease_client::LeaseStore, Host>) {
        let within = self.dice.mostly_short(seconds(120));
        let (mode, is_patient) = match self.dice.below(10) {
            0 => (Mode::Try, false),
            1 | 2 => (Mode::Until(self.host.local().saturating_add(within)), false),
            _ => (Mode::Patient, true),
        };
        let began = Instant::now();
        let mut attempt = lock.attempt(mode).unwrap();
        let name = attempt.identity().as_str().to_owned();
        self.world.trace(|| format!("{name}: contends, {mode:?}"));
        let cancels = (!self.world.is_calm() && self.dice.percent(10))
            .then(|| self.dice.mostly_short(seconds(60)));
        let waiter = Waiter {
            name: name.clone(),
            since: began,
            is_patient: is_patient && self.link.rights.may_queue && cancels.is_none(),
        };
        self.world
            .witness
            .lock()
            .unwrap()
            .waiters
            .insert(self.seat, waiter);
        let came = tokio::select! {
            biased;
            came = attempt.acquired() => Some(came),
            () = sleep(cancels.unwrap_or_default()), if cancels.is_some() => None,
        };
        self.stops_waiting();
        match came {
            Some(Ok(guard)) => self.hold(guard, name, began).await,
            Some(Err(error)) => {
                self.world.trace(|| format!("{name}: {error:?}"));
                attempt.cancel().await;
            }
            None => {
                self.world.trace(|| format!("{name}: cancels"));
                if self.dice.percent(50) {
                    attempt.cancel().await;
                }
            }
        }
    }

    fn stops_waiting(&self) {
        let mut witness = self.world.witness.lock().unwrap();
        witness.waiters.remove(&self.seat);
    }

    /// Does the guarded work, and asks before each step whether it still may.
    async fn hold(&mut self, guard: Guard<Host>, name: String, attempted: Instant) {
        let held = guard.held().clone();
        let wrong = self.world.witness.lock().unwrap().begins(
            self.seat,
            name.clone(),
            held.clone(),
            attempted,
        );
        self.tell(wrong);
        self.world
            .trace(|| format!("{name}: holds, token {:?}", held.token()));
        let began = Instant::now();
        let length = self.dice.mostly_short(self.longest_hold);
        let mut last = began;
        // Work may wait to be told, or only ask.
        let is_told = self.dice.percent(50);
        let loss = loop {
            if !held.is_held() {
                break true;
            }
            last = Instant::now();
            let wrong = self.world.witness.lock().unwrap().check();
            self.tell(wrong);
            let end = match self.world.calm_since() {
                Some(calm) => (began + length).min(began.max(calm) + self.world.short()),
                None => began + length,
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break false;
            }
            let step = self.dice.between(Duration::from_millis(20), seconds(2));
            tokio::select! {
                biased;
                loss = held.lost(), if is_told => {
                    self.world.trace(|| format!("{name}: lost, {loss:?}"));
                    break true;
                }
                () = sleep(step.min(left)) => {}
            }
        };
        let lost = loss.then(|| last.elapsed());
        self.world.witness.lock().unwrap().ends(self.seat, lost);
        self.part(guard, &name).await;
    }

    async fn part(&mut self, guard: Guard<Host>, name: &str) {
        let parting = self.parting();
        let released = match parting {
            Parting::Drop => {
                drop(guard);
                Ok(None)
            }
            Parting::Leave => {
                guard.leave().await;
                Ok(None)
            }
            Parting::Open => guard.release_open().await.map(Some),
            Parting::Queue => guard.release().await.map(Some),
            Parting::To(successor) => guard.release_to(successor).await.map(Some),
        };
        self.world
            .trace(|| format!("{name}: gave back, {released:?}"));
    }

    fn parting(&mut self) -> Parting {
        match self.dice.below(20) {
            0 if !self.world.is_calm() => Parting::Drop,
            1 if !self.world.is_calm() => Parting::Leave,
            2 => Parting::Open,
            3 => {
                let witness = self.world.witness.lock().unwrap();
                let others: Vec<_> = witness
                    .waiters
                    .values()
                    .map(|waiter| &waiter.name)
                    .collect();
                match self.dice.pick(&others) {
                    Some(name) => Parting::To(Identity::new(name.as_str()).unwrap()),
                    None => Parting::Queue,
                }
            }
            _ => Parting::Queue,
        }
    }

    fn tell(&self, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.world.fail(wrong);
        }
    }
}
