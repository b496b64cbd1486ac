//! Locks that are taken or broken from the table.

use std::sync::Arc;

use lease_client::{Deed, Lease, LeaseStore, clock};
use lease_core::{Claim, Identity, Judged, Look, Observer, Refusal, Timestamp, decide, judge};

use super::actions::failed;
use super::locks::LockId;
use super::message::Done;
use crate::breaking::{self, Begun, Breaker, Shown};
use crate::commands::unattended;
use crate::dry_run::DryRun;
use crate::evidence;
use crate::failure::Failure;
use crate::human;
use crate::lock_store::LockStore;
use crate::one_shot::{self, Looking, Reading, Stop, attempt};
use crate::output;
use crate::policy::{self, Caller, Intent, Reviewed, Subject, Verb};
use crate::refused::Attempted;
use crate::session::recorder;

/// How long a lock is held that is taken from the table and that nobody renews: `steal`'s.
const HELD_SECONDS: i32 = 300;

/// What is said of a record.
const PUTS_BACK: &str = "`kubectl replace -f` puts this record back";

/// Frees or takes a lock whose lease is over; by what was observed of it, or by its stamp.
pub(super) async fn steal(
    store: Arc<LeaseStore>,
    lock: LockId,
    observed: Option<Box<Observer>>,
    taker: Option<Identity>,
    us: Identity,
    caller: Caller,
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
    let Some(lease) = &first.lease else {
        return failed(&attempted.deleted());
    };
    let asked = Asked {
        verb: Verb::Steal,
        caller: &caller,
        identity: taker.as_ref(),
    };
    let (notes, reviewed) = match decide(Some(&judge(lease.snapshot(), first.look)), clock::wall())
    {
        Ok(_) => match asked.review(&store, lease, first.look).await {
            Ok(parts) => parts,
            Err(failure) => return failed(&failure),
        },
        Err(_) => Default::default(),
    };
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| {
        let write = decide(judged, now)?;
        reviewed.holds_of(judged).map(|()| write)
    };
    let locks = LockStore::from(store.as_ref().clone());
    let done = match attempt(&locks, DryRun::None, &attempted, first, decide).await {
        Ok(done) => done,
        Err(Stop::Refused {
            lease: Some(lease),
            refusal: Refusal::NotHolder,
            ..
        }) => return failed(&policy::changed(&lease)),
        Err(stop) => return failed(&stop.failure(&attempted)),
    };
    if let Some((before, _)) = &done.before {
        let victim = before.snapshot().record.holder().unwrap_or("nobody");
        let who = taker.as_ref().unwrap_or(&us);
        recorder(&store).tell(
            done.after.snapshot(),
            who,
            Deed::Stolen {
                victim,
                because: None,
            },
        );
    }
    let proof = done
        .before
        .as_ref()
        .map_or_else(String::new, |(lease, standing)| {
            evidence::sentence(standing, lease.snapshot().record.duration_seconds)
        });
    let name = &lock.name;
    let done = match taker {
        Some(taker) => format!(
            "{name} is held for {} by {}: {proof}",
            human::seconds(std::time::Duration::from_secs(
                HELD_SECONDS.unsigned_abs().into()
            )),
            taker.as_str()
        ),
        None => format!("{name} is free: {proof}"),
    };
    Done::Acted([vec![done], notes].concat().join("; "))
}

/// What policies are asked about.
struct Asked<'a> {
    verb: Verb,
    caller: &'a Caller,
    identity: Option<&'a Identity>,
}

impl Asked<'_> {
    /// Asks them. Gives what is to be told, and what they were asked about.
    async fn review(
        &self,
        store: &LeaseStore,
        lease: &Lease,
        look: Look,
    ) -> Result<(Vec<String>, Reviewed), Failure> {
        let intent = Intent {
            verb: self.verb,
            caller: self.caller,
            store,
            identity: self.identity.map(Identity::as_str),
            reason: None,
            dry_run: DryRun::None,
        };
        // The screen is the table's, so nobody is told of what takes long.
        intent
            .review(None, Subject::of(lease, look))
            .await
            .into_parts()
    }
}

/// Breaks a lock that `holder` holds, and nobody else by now.
pub(super) async fn force_release(
    store: Arc<LeaseStore>,
    lock: LockId,
    holder: Option<String>,
    breaker: Identity,
    caller: Caller,
) -> Done {
    let attempted = Attempted {
        verb: "force-release",
        name: &lock.name,
        namespace: &lock.namespace,
        identity: None,
    };
    let first = match read(&store, &lock, None, &attempted).await {
        Ok(first) => first,
        Err(failure) => return failed(&failure),
    };
    let Some(lease) = &first.lease else {
        return failed(&attempted.deleted());
    };
    let before = lease.clone();
    let shown = Shown::held_by(holder, lease.snapshot());
    let asked = Asked {
        verb: Verb::ForceRelease,
        caller: &caller,
        identity: None,
    };
    let notes = match asked.review(&store, lease, first.look).await {
        Ok((notes, _)) => notes,
        Err(failure) => return failed(&failure),
    };
    let breaker = Breaker::new(breaker, None);
    let forced = breaker.forced(false, false);
    let locks = LockStore::from(store.as_ref().clone());
    let begun = breaking::begin(&locks, DryRun::None, &attempted, first, &shown, &forced).await;
    let (outcome, done) = match begun {
        Ok(Begun::AlreadyFree) => return Done::Acted(format!("{} is free already", lock.name)),
        Ok(Begun::InDoubt(failure)) => {
            return Done::Text {
                title: format!("{} may be broken", lock.name),
                text: format!(
                    "{failure}\n\nIf it was, and nobody else has taken it, {PUTS_BACK}:\n{}",
                    record(&before, None)
                ),
            };
        }
        Ok(Begun::Free(done)) => ("it is free".to_owned(), done),
        Ok(Begun::Tombstone(done, _)) => {
            let lasts = done.after.snapshot().record.duration();
            let outcome = format!(
                "a tombstone stands in its place; it can be taken in {}, when its holder believes \
                 no more",
                lasts.map_or_else(String::new, human::duration)
            );
            (outcome, done)
        }
        Err(failure) => return failed(&failure),
    };
    breaking::leave_event(&recorder(&store), &done, &breaker);
    let said = [vec![outcome], notes].concat().join("\n");
    let mut text = format!("{said}\n\nAs long as nobody else has taken it, {PUTS_BACK}:\n");
    if let Some((before, _)) = &done.before {
        text += &record(before, Some(&done.after));
    }
    text += &format!("\nbroken at {}\n", human::time(clock::wall()));
    Done::Text {
        title: format!("{} is broken", lock.name),
        text,
    }
}

/// The record of a lock, to be put back.
fn record(before: &Lease, after: Option<&Lease>) -> String {
    output::yaml(breaking::to_put_back(before, after))
        .unwrap_or_else(|error| format!("(it cannot be shown: {error})\n"))
}

/// Reads the lock once more: what is on the screen may be a moment old.
async fn read(
    store: &LeaseStore,
    lock: &LockId,
    observed: Option<Box<Observer>>,
    attempted: &Attempted<'_>,
) -> Result<Reading, Failure> {
    let looking = observed.map_or(Looking::Stamped, Looking::Observed);
    let first = one_shot::read_as(
        &LockStore::from(store.clone()),
        &lock.namespace,
        &lock.name,
        looking,
    )
    .await?;
    if first.lease.is_none() {
        return Err(attempted.deleted());
    }
    Ok(first)
}
