//! `acquire` where nothing is waited for.

use lease_client::{Deed, Store, clock};
use lease_core::{Claim, Judged, Queue, Refusal, decide, judge};

use super::proof;
use crate::commands::contending::{others_wait, without_try};
use crate::commands::keeping::could_not_be_given_back;
use crate::commands::taking::report;
use crate::dry_run::DryRun;
use crate::failure::Failure;
use crate::lock_name;
use crate::one_shot::{Stop, attempt, attempt_unless_left, read};
use crate::output::Output;
use crate::policy::{self, Reviewed};
use crate::refused::Attempted;
use crate::session::Session;
use crate::signals;
use crate::ui::Ui;

/// Takes a lock in one write, or not at all.
pub(super) async fn take(
    ui: &Ui,
    session: &Session,
    name: &str,
    dry_run: DryRun,
    claim: &Claim,
    output: Output,
    reviewed: &Reviewed,
) -> Result<(), Failure> {
    let attempted = Attempted {
        verb: "acquire",
        name,
        namespace: &session.namespace,
        identity: Some(claim.identity.as_str()),
    };
    let first = read(&session.locks, &session.namespace, name).await?;
    if let Some(lease) = &first.lease {
        let lock = lease.snapshot();
        let is_there = decide::acquire(Some(&judge(lock, first.look)), claim, clock::wall());
        // Who may not list tickets has none of their own to come after.
        if is_there.is_ok()
            && !session.locks.exists_while_held(name)
            && let Ok(tickets) = session
                .locks
                .tickets(&lock.namespace, &lock.version.uid)
                .await
            && !Queue::new(tickets.leases).tickets().is_empty()
        {
            return Err(others_wait(name));
        }
    }
    let result = attempt_unless_left(&session.locks, dry_run, &attempted, first, |judged, now| {
        let write = decide::acquire(judged, claim, now)?;
        reviewed.holds_of(judged).map(|()| write)
    })
    .await;
    match result {
        Ok(done) => {
            // Whoever does not wait for the answer does not want to have it either.
            if dry_run == DryRun::None && signals::left_by().is_some() {
                let lock = done.after.snapshot();
                session.recorder.tell(lock, &claim.identity, Deed::Acquired);
                if give_back(ui, session, name, claim).await {
                    let lock = lock_name::object(name);
                    ui.note(&format!("{lock} was acquired just then, and given back"));
                }
                session.settle().await;
                return Ok(());
            }
            let headline = format!("{} acquired{}", lock_name::object(name), dry_run.mark());
            let taken_over = done.before.as_ref().filter(|(lease, _)| {
                let lock = lease.snapshot();
                !lock.dialect.is_free(&lock.record)
            });
            let proof = taken_over.map(|(_, standing)| proof(standing));
            let told = report(
                ui,
                &headline,
                proof.as_deref(),
                claim,
                dry_run,
                &done,
                output,
            );
            if dry_run == DryRun::None {
                let lock = done.after.snapshot();
                session.recorder.tell(lock, &claim.identity, Deed::Acquired);
                if told.is_err() {
                    give_back(ui, session, name, claim).await;
                }
                session.settle().await;
            }
            told
        }
        Err(Stop::Refused {
            lease: Some(lease),
            refusal: Refusal::NotHolder,
            ..
        }) => Err(policy::changed(&lease)),
        Err(stop) => {
            // Somebody else has it, which is no fault of the one who asks.
            let is_taken = matches!(
                stop,
                Stop::Refused {
                    refusal: Refusal::DateAhead { .. }
                        | Refusal::Held { .. }
                        | Refusal::RecordAhead { .. }
                        | Refusal::Unbounded
                        | Refusal::Unproven,
                    ..
                }
            );
            let failure = stop.failure(&attempted);
            Err(if is_taken {
                failure.into_not_acquired().hint(without_try(name))
            } else {
                failure
            })
        }
    }
}

/// Sets a lock free that was taken just now, since nobody was told by which name. Tells whether it
/// is not ours any more.
async fn give_back(ui: &Ui, session: &Session, name: &str, claim: &Claim) -> bool {
    let given = signals::or_soon(Box::pin(released(session, name, claim))).await;
    let is_given = given.unwrap_or(false);
    if !is_given {
        ui.note(&could_not_be_given_back(name));
    }
    is_given
}

async fn released(session: &Session, name: &str, claim: &Claim) -> bool {
    let Session {
        locks: store,
        namespace,
        ..
    } = session;
    let attempted = Attempted {
        verb: "release",
        name,
        namespace,
        identity: Some(claim.identity.as_str()),
    };
    let Ok(first) = read(store, namespace, name).await else {
        return false;
    };
    let release = |judged: Option<&Judged<'_>>, now| {
        let lock = judged.ok_or(Refusal::AlreadyFree)?.lock();
        decide::release(lock, &claim.identity, now)
    };
    match attempt(store, DryRun::None, &attempted, first, release).await {
        Ok(done) => {
            let deed = Deed::Released { to: None };
            let lock = done.after.snapshot();
            session.recorder.tell(lock, &claim.identity, deed);
            true
        }
        // If it is refused, it is not ours any more.
        Err(Stop::Deleted | Stop::Refused { .. }) => true,
        Err(_) => false,
    }
}
