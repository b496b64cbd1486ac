//! The programs: leader election as client-go does it, in small.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::lock::{Deed, Form, Life, Lock};
use super::record;
use crate::cluster::Cluster;

/// How long the next holder of a handed-over lock takes to notice that it is free.
const NOTICE: Duration = Duration::from_secs(1);

/// Holds a lock: renews it, creates it when it was deleted, and when somebody else has it, waits
/// until it is free or has not changed for its own duration, and takes it back.
pub(super) async fn hold_for_ever(cluster: Cluster, lock: Lock) {
    let Life::Renews { every } = lock.life else {
        return;
    };
    let mut elector = Elector::new(cluster, lock);
    loop {
        sleep(every).await;
        elector.turn();
    }
}

/// Holds a lock for a while, releases it, and goes on as the other one.
pub(super) async fn hand_over_for_ever(cluster: Cluster, lock: Lock) {
    let Life::HandsOver { after, every, to } = lock.life else {
        return;
    };
    let mut holders =
        [lock.clone(), Lock { holder: to, ..lock }].map(|lock| Elector::new(cluster.clone(), lock));
    loop {
        let [holder, _] = &mut holders;
        let start = Instant::now();
        while start.elapsed() < after {
            holder.turn();
            sleep(every).await;
        }
        holder.release();
        sleep(NOTICE).await;
        holders.reverse();
    }
}

struct Elector {
    cluster: Cluster,
    lock: Lock,
    /// The record of somebody else as it was last seen to change, and when that was, on the
    /// local clock.
    observed: Option<(Value, Instant)>,
}

impl Elector {
    fn new(cluster: Cluster, lock: Lock) -> Self {
        Self {
            cluster,
            lock,
            observed: None,
        }
    }

    fn turn(&mut self) {
        let stored = self.cluster.get(self.lock.namespace, self.lock.name);
        let Ok(stored) = stored else {
            // Its past is forgotten with it.
            let fresh = Lock {
                transitions: 0,
                ..self.lock.clone()
            };
            record::write(&self.cluster, &fresh, Deed::Create);
            return;
        };
        let spec = &stored["spec"];
        match spec["holderIdentity"].as_str().unwrap_or_default() {
            holder if holder == self.lock.holder || self.lock.form == Form::Identity => {
                record::write(&self.cluster, &self.lock, Deed::Renew);
            }
            "" => record::write(&self.cluster, &self.lock, Deed::Acquire),
            _ if self.is_over(spec) => record::write(&self.cluster, &self.lock, Deed::Acquire),
            _ => {}
        }
    }

    /// Whether somebody else's record has not changed for its own duration while we looked.
    fn is_over(&mut self, spec: &Value) -> bool {
        let now = Instant::now();
        let Some((_, since)) = self.observed.as_ref().filter(|(seen, _)| seen == spec) else {
            self.observed = Some((spec.clone(), now));
            return false;
        };
        let duration = spec["leaseDurationSeconds"]
            .as_u64()
            .map(Duration::from_secs);
        duration.is_some_and(|duration| now.duration_since(*since) > duration)
    }

    fn release(&self) {
        let stored = self.cluster.get(self.lock.namespace, self.lock.name);
        let ours = stored.is_ok_and(|lease| lease["spec"]["holderIdentity"] == self.lock.holder);
        if ours {
            record::write(&self.cluster, &self.lock, Deed::Release);
        }
    }
}
