//! Locks that are taken or broken from the table.

use std::sync::Arc;

use lease_client::{LeaseStore, clock};
use lease_core::{
    Claim, Forced, Identity, Judged, Observer, Refusal, State, Timestamp, Write, decide,
};
use serde_json::Value;

use super::actions::failed;
use super::locks::LockId;
use super::message::Done;
use crate::commands::unattended;
use crate::dry_run::DryRun;
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::human;
use crate::one_shot::{self, Looking, Reading, Stop, attempt};
use crate::output;
use crate::refused::Attempted;

/// How long a lock is held that is taken from the table and that nobody renews: `steal`'s.
const HELD_SECONDS: i32 = 300;

/// Frees or takes a lock whose lease is over; by what was observed of it, or by its stamp.
pub(super) async fn steal(
    store: Arc<LeaseStore>,
    lock: LockId,
    observed: Option<Box<Observer>>,
    taker: Option<Identity>,
) -> Done {
    let attempted = Attempted {
        verb: "steal",
        name: &lock.name,
        namespace: &lock.namespace,
        identity: taker.as_ref().map(Identity::as_str),
    };
    let claim: Option<Claim> = taker.clone().map(|taker| unattended(taker, HELD_SECONDS));
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| {
        let judged = judged.ok_or(Refusal::AlreadyFree)?;
        match &claim {
            Some(claim) => decide::steal(judged, claim, now),
            None => decide::steal_and_release(judged, now),
        }
    };
    let first = match read(&store, &lock, observed, &attempted).await {
        Ok(first) => first,
        Err(failure) => return failed(&failure),
    };
    let done = match attempt(&store, DryRun::None, &attempted, first, decide).await {
        Ok(done) => done,
        Err(stop) => return failed(&stop.failure(&attempted)),
    };
    let proof = done
        .before
        .as_ref()
        .map_or_else(String::new, |(lease, standing)| {
            evidence::sentence(standing, lease.snapshot().record.duration_seconds)
        });
    let name = &lock.name;
    Done::Acted(match taker {
        Some(taker) => format!(
            "{name} is held for {} by {}: {proof}",
            human::seconds(std::time::Duration::from_secs(
                HELD_SECONDS.unsigned_abs().into()
            )),
            taker.as_str()
        ),
        None => format!("{name} is free: {proof}"),
    })
}

/// Breaks a lock that `holder` holds, and nobody else by now.
pub(super) async fn force_release(
    store: Arc<LeaseStore>,
    lock: LockId,
    holder: Option<String>,
    breaker: Identity,
) -> Done {
    let attempted = Attempted {
        verb: "force-release",
        name: &lock.name,
        namespace: &lock.namespace,
        identity: None,
    };
    let Ok(tombstone) = Identity::new(format!("broken by {}", breaker.as_str())) else {
        return Done::Failed(vec!["our identity is too long for a tombstone".to_owned()]);
    };
    let forced = Forced {
        tombstone,
        at_once: false,
        confirmed: false,
    };
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| -> Result<Write, Refusal> {
        let judged = judged.ok_or(Refusal::AlreadyFree)?;
        if judged.lock().record.holder() != holder.as_deref() {
            return Err(Refusal::NotHolder);
        }
        decide::force_release(judged, &forced, now)
    };
    let first = match read(&store, &lock, None, &attempted).await {
        Ok(first) => first,
        Err(failure) => return failed(&failure),
    };
    let done = match attempt(&store, DryRun::None, &attempted, first, decide).await {
        Ok(done) => done,
        Err(Stop::Refused {
            lease: Some(lease),
            refusal: Refusal::NotHolder,
            ..
        }) => {
            let now = lease.snapshot().record.holder().unwrap_or("nobody");
            return Done::Failed(vec![format!(
                "{} changed hands meanwhile and is left as it is: {} holds it now",
                lock.name,
                escape::cut(now, 200)
            )]);
        }
        Err(stop) => return failed(&stop.failure(&attempted)),
    };
    let outcome = match done.standing.state {
        State::Free => "it is free".to_owned(),
        _ => format!(
            "a tombstone stands in its place; it can be taken in {}, when its holder believes no more",
            done.after
                .snapshot()
                .record
                .duration()
                .map_or_else(String::new, human::duration)
        ),
    };
    let mut text = format!("{outcome}\n\nThis was its record:\n");
    if let Some((before, _)) = &done.before {
        let spec = before.object().get("spec").cloned().unwrap_or(Value::Null);
        match output::yaml(spec) {
            Ok(yaml) => text += &yaml,
            Err(error) => text += &format!("(it cannot be shown: {error})"),
        }
    }
    text += &format!("\nbroken at {}\n", human::time(clock::wall()));
    Done::Text {
        title: format!("{} is broken", lock.name),
        text,
    }
}

/// Reads the lock once more: what is on the screen may be a moment old.
async fn read(
    store: &LeaseStore,
    lock: &LockId,
    observed: Option<Box<Observer>>,
    attempted: &Attempted<'_>,
) -> Result<Reading, Failure> {
    let looking = observed.map_or(Looking::Stamped, Looking::Observed);
    let first = one_shot::read_as(store, &lock.namespace, &lock.name, looking).await?;
    if first.lease.is_none() {
        return Err(attempted.deleted());
    }
    Ok(first)
}
