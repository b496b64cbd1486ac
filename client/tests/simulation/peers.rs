//! Contenders that behave as those of other programs do. Nothing stops or cuts them off: then
//! they have holes of their own, which nobody who shares a lock with them can close.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lease_sandbox::WriteOptions;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::host::EPOCH_MICROS;
use crate::world::{LOCK, NAMESPACE, World};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// client-go's leader election: what was not seen to change for its own duration is over.
    ClientGo,
    /// leaselocker 0.3.0: what was renewed long ago, by the local clock, is over.
    Leaselocker,
}

pub(crate) struct Peer {
    pub(crate) world: Arc<World>,
    pub(crate) kind: Kind,
    pub(crate) dice: Dice,
    pub(crate) longest_hold: Duration,
    /// The spec that it saw last, and when it saw that change.
    observed: Option<(Value, Instant)>,
    /// When its last write succeeded.
    renewed: Instant,
}

impl Peer {
    pub(crate) fn new(world: Arc<World>, kind: Kind, dice: Dice, longest_hold: Duration) -> Self {
        Self {
            world,
            kind,
            dice,
            longest_hold,
            observed: None,
            renewed: Instant::now(),
        }
    }

    const fn name(&self) -> &'static str {
        match self.kind {
            Kind::ClientGo => "peer_client-go",
            Kind::Leaselocker => "peer_leaselocker",
        }
    }

    pub(crate) async fn live(mut self) {
        loop {
            // Ours starve it otherwise; and it would starve ours that have no ticket.
            let rest = self.dice.mostly_short(Duration::from_secs(60));
            sleep(rest).await;
            self.acquire().await;
            self.hold().await;
        }
    }

    async fn acquire(&mut self) {
        while !self.try_once(false).await {
            let period = self.world.timing.retry_period();
            let gap = self.dice.between(period, period * 22 / 10);
            sleep(gap).await;
        }
    }

    async fn hold(&mut self) {
        let most = if self.world.is_calm() {
            self.world.short()
        } else {
            self.longest_hold
        };
        let end = Instant::now() + self.dice.mostly_short(most);
        let timing = self.world.timing;
        while Instant::now() < end {
            self.believe(Some(
                self.renewed + timing.renew_deadline() + timing.retry_period(),
            ));
            let left = end.saturating_duration_since(Instant::now());
            sleep(timing.retry_period().min(left)).await;
            let is_kept = self.try_once(true).await;
            if !is_kept && self.renewed.elapsed() >= timing.renew_deadline() {
                return self.believe(None);
            }
            if self
                .observed
                .as_ref()
                .is_none_or(|(spec, _)| spec["holderIdentity"] != self.name())
            {
                return self.believe(None);
            }
        }
        self.believe(None);
        self.release().await;
    }

    /// What it believes is only looked at where it can be held to it.
    fn believe(&self, until: Option<Instant>) {
        if self.kind == Kind::ClientGo {
            let wrong = self
                .world
                .witness
                .lock()
                .unwrap()
                .peer_believes_until(until);
            if let Some(wrong) = wrong {
                self.world.fail(wrong);
            }
        }
    }

    async fn travel(&mut self) {
        let way = self
            .dice
            .between(Duration::from_millis(1), Duration::from_millis(8));
        sleep(way).await;
    }

    async fn read(&mut self) -> Option<Result<Arc<Value>, u16>> {
        self.travel().await;
        if self.world.is_down() {
            return None;
        }
        let read = self.world.cluster.get(NAMESPACE, LOCK);
        Some(read.map_err(|status| status.code))
    }

    async fn try_once(&mut self, is_renewal: bool) -> bool {
        let lock = match self.read().await {
            Some(Ok(lock)) => lock,
            Some(Err(404)) => return self.create().await,
            _ => return false,
        };
        let spec = lock["spec"].clone();
        if self.observed.as_ref().is_none_or(|(seen, _)| *seen != spec) {
            self.observed = Some((spec.clone(), Instant::now()));
        }
        let holder = spec["holderIdentity"].as_str().unwrap_or_default();
        let is_own = holder == self.name();
        if is_renewal && !is_own {
            return false;
        }
        if !holder.is_empty() && !is_own && !self.is_over(&spec) {
            return false;
        }
        let mut written = Value::clone(&lock);
        let transitions = spec["leaseTransitions"].as_i64().unwrap_or_default();
        written["spec"]["holderIdentity"] = json!(self.name());
        written["spec"]["leaseDurationSeconds"] =
            json!(self.world.timing.lease_duration().as_secs());
        written["spec"]["renewTime"] = json!(self.now());
        if !is_own {
            written["spec"]["acquireTime"] = json!(self.now());
            written["spec"]["leaseTransitions"] = json!(transitions + 1);
        }
        self.write(written).await
    }

    fn is_over(&self, spec: &Value) -> bool {
        let Some(seconds) = spec["leaseDurationSeconds"].as_u64() else {
            return false;
        };
        let duration = Duration::from_secs(seconds);
        match (self.kind, &self.observed) {
            (Kind::ClientGo, Some((_, at))) => at.elapsed() >= duration,
            (Kind::ClientGo, None) => false,
            (Kind::Leaselocker, _) => {
                let renewed = spec["renewTime"].as_str().unwrap_or_default();
                let renewed: Timestamp = renewed.parse().unwrap_or_default();
                renewed + duration < self.time()
            }
        }
    }

    async fn create(&mut self) -> bool {
        let now = self.now();
        let body = json!({
            "metadata": { "namespace": NAMESPACE, "name": LOCK },
            "spec": {
                "acquireTime": now,
                "holderIdentity": self.name(),
                "leaseDurationSeconds": self.world.timing.lease_duration().as_secs(),
                "leaseTransitions": 0,
                "renewTime": now,
            },
        });
        self.travel().await;
        self.world.set_clock();
        let made = self
            .world
            .cluster
            .create(NAMESPACE, &body, &WriteOptions::by("peer"));
        self.written(made.ok())
    }

    async fn write(&mut self, body: Value) -> bool {
        self.travel().await;
        if self.world.is_down() {
            return false;
        }
        self.world.set_clock();
        let by = WriteOptions::by("peer");
        let written = self.world.cluster.replace(NAMESPACE, LOCK, &body, &by);
        self.written(written.ok().map(|written| written.lease))
    }

    fn written(&mut self, lock: Option<Arc<Value>>) -> bool {
        self.world.look();
        let Some(lock) = lock else {
            return false;
        };
        self.observed = Some((lock["spec"].clone(), Instant::now()));
        self.renewed = Instant::now();
        true
    }

    /// client-go compares with the holder that it remembers, and may blank a successor; here it
    /// looks.
    async fn release(&mut self) {
        let Some(Ok(lock)) = self.read().await else {
            return;
        };
        if lock["spec"]["holderIdentity"] != self.name() {
            return;
        }
        let mut freed = Value::clone(&lock);
        freed["spec"]["holderIdentity"] = json!("");
        freed["spec"]["leaseDurationSeconds"] = json!(1);
        freed["spec"]["acquireTime"] = json!(self.now());
        freed["spec"]["renewTime"] = json!(self.now());
        self.write(freed).await;
    }

    fn time(&self) -> Timestamp {
        let start = Timestamp::from_microsecond(EPOCH_MICROS).unwrap();
        start + SignedDuration::try_from(self.world.zero.elapsed()).unwrap()
    }

    fn now(&self) -> String {
        self.time().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
}
