use clap::ValueEnum;
use lease_client::{Deed, Lease, Store, clock};
use lease_core::{Claim, Judged, Look, OwnerGone, Refusal, State, Timestamp, Write, decide, judge};

use super::taking::{ClaimArgs, report};
use crate::breaking;
use crate::dry_run::{DryRun, DryRunArgs};
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_name;
use crate::lock_owner;
use crate::lock_store::LockStore;
use crate::one_shot::{Done, Looking, Reading, Stop, attempt_unless_left, read};
use crate::output::{self, Output};
use crate::policy::{self, Intent, Reviewed, Subject, Verb};
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;
use crate::watching::watch;

/// Take a lock whose lease is over
///
/// Takes it at once where the API server's own stamps prove that the lease is over and the
/// recorded renewTime agrees; otherwise watches the lock for its own duration first. Prints the
/// proof. A lock whose holder is alive is never taken (exit 3): the write is conditioned on the
/// very version that was judged, so a holder that renews in the meantime wins.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Take the lock of a holder that is gone, and see the proof
  kubectl lease steal billing-batch -n payments

  # Set it free instead, for whoever comes next
  kubectl lease steal report-writer --release

  # Take nothing unless the API server's own stamps prove it (exit 3)
  kubectl lease steal ledger-writer -n payments --expiry stamped")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    /// Set it free instead of holding it
    #[arg(long)]
    release: bool,
    /// What must prove that the lease is over; by default the stamp, and where that does not
    /// suffice, watching
    #[arg(long, value_name = "BASIS")]
    expiry: Option<ExpiryBasis>,
    /// Why, for the Event and for policies
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    claim: ClaimArgs,
    #[command(flatten)]
    dry_run: DryRunArgs,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// A basis as a user picks it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExpiryBasis {
    /// Watch the lock for its own duration: trusts no clock but ours
    Observed,
    /// Compare the holder's renewTime with our clock: unsafe if one of them is wrong
    Recorded,
    /// Compare the API server's stamp with its clock, and do not watch
    Stamped,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        name,
        release,
        expiry,
        reason,
        claim,
        dry_run: DryRunArgs { dry_run },
        output,
    } = args;
    let name = lock_name::parse(&name)?;
    let reason = reason.map(breaking::parse_reason).transpose()?;
    let (claim, owner) = claim.claim()?;
    let mut session = Session::open(global).await?;
    if !release {
        owner.find(&mut session, &name).await?;
    }
    let (store, namespace) = (&session.locks, session.namespace.as_str());
    let attempted = Attempted {
        verb: "steal",
        name: &name,
        namespace,
        identity: Some(claim.identity.as_str()),
    };
    let first = read(store, namespace, &name).await?;
    let Some(lease) = first.lease else {
        return Err(attempted.not_found());
    };
    let pod = lock_owner::seen(ui, &session, &lease).await;
    let proof = lock_owner::proof(lease.snapshot(), pod.as_ref());
    let gone = lock_owner::gone(lease.snapshot(), pod.as_ref());
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| {
        decision(judged, gone.as_ref(), &claim, release, now)
    };
    let victim = lease.snapshot().record.holder().map(ToOwned::to_owned);
    let first = prove(ui, store, lease, first.look, expiry, &decide).await?;
    let Some(lease) = &first.lease else {
        return gone_meanwhile(ui, store, &attempted, release);
    };
    let intent = Intent {
        identity: (!release).then_some(claim.identity.as_str()),
        reason: reason.as_deref(),
        dry_run,
        ..session.intends(Verb::Steal)
    };
    // What the lock's own rules are against, no policy has to judge.
    let reviewed = match decide(Some(&judge(lease.snapshot(), first.look)), clock::wall()) {
        Ok(_) => {
            let opinion = intent.review(Some(ui), Subject::of(lease, first.look));
            Box::pin(opinion).await.heed(ui)?
        }
        Err(_) => Reviewed::Nothing,
    };
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| {
        let write = decide(judged, now)?;
        reviewed.holds_of(judged).map(|()| write)
    };
    match attempt_unless_left(store, dry_run, &attempted, first, decide).await {
        Ok(done) => {
            if dry_run == DryRun::None {
                let victim = victim.as_deref().unwrap_or("nobody");
                let because = reason.as_deref();
                let lock = done.after.snapshot();
                session
                    .recorder
                    .tell(lock, &claim.identity, Deed::Stolen { victim, because });
            }
            let taker = (!release).then_some(&claim);
            let told = tell(ui, &name, taker, proof, dry_run, &done, output);
            session.settle_unless_left().await;
            told
        }
        Err(Stop::Refused {
            refusal: Refusal::AlreadyFree,
            ..
        }) if release => already_free(ui, &name),
        Err(Stop::Refused {
            lease: Some(lease),
            refusal: Refusal::NotHolder,
            ..
        }) => Err(policy::changed(&lease)),
        Err(stop) => {
            let is_lost = match &stop {
                Stop::Refused {
                    lease: Some(lease),
                    refusal: Refusal::Held { .. } | Refusal::Unproven,
                    ..
                } => lease.snapshot().record.holder() != victim.as_deref(),
                _ => false,
            };
            let failure = stop.failure(&attempted);
            Err(if is_lost {
                failure.into_not_acquired()
            } else {
                failure
            })
        }
    }
}

/// What comes of a lock that was deleted while it was watched.
fn gone_meanwhile(
    ui: &Ui,
    store: &LockStore,
    attempted: &Attempted<'_>,
    release: bool,
) -> Result<(), Failure> {
    match (store.exists_while_held(attempted.name), release) {
        (true, true) => already_free(ui, attempted.name),
        (true, false) => Err(attempted.not_found()),
        (false, _) => Err(attempted.deleted()),
    }
}

fn already_free(ui: &Ui, name: &str) -> Result<(), Failure> {
    let text = format!("{} is free already\n", lock_name::object(name));
    Ok(ui.data(&text)?)
}

fn decision(
    judged: Option<&Judged<'_>>,
    gone: Option<&OwnerGone>,
    claim: &Claim,
    release: bool,
    now: Timestamp,
) -> Result<Write, Refusal> {
    // Whoever calls has seen that there is a lock.
    let judged = judged.ok_or(Refusal::AlreadyFree)?;
    match (gone, release) {
        (None, true) => decide::steal_and_release(judged, now),
        (None, false) => decide::steal(judged, claim, now),
        (Some(gone), true) => decide::release_from_gone(judged, gone, now),
        (Some(gone), false) => decide::steal_from_gone(judged, gone, claim, now),
    }
}

/// Looks at the lock on the basis that was asked for; without one, on the stamp, and by watching
/// where only that can tell.
async fn prove(
    ui: &Ui,
    store: &LockStore,
    lease: Lease,
    stamped: Look,
    basis: Option<ExpiryBasis>,
    decide: impl Fn(Option<&Judged<'_>>, Timestamp) -> Result<Write, Refusal>,
) -> Result<Reading, Failure> {
    let (look, looking) = match basis {
        // Nothing is known yet, so the decision will be to watch.
        Some(ExpiryBasis::Observed) => (Look::FIRST, Looking::Stamped),
        Some(ExpiryBasis::Recorded) => (Look::Recorded { now: clock::wall() }, Looking::Recorded),
        Some(ExpiryBasis::Stamped) | None => (stamped, Looking::Stamped),
    };
    let state = |look| judge(lease.snapshot(), look).standing().state;
    if matches!(basis, Some(ExpiryBasis::Recorded))
        && state(look) == State::Expired
        && state(stamped) != State::Expired
    {
        ui.note("only the holder's clock says that this lease is over: its holder may be alive");
    }
    let refusal = {
        let judged = judge(lease.snapshot(), look);
        decide(Some(&judged), clock::wall()).err()
    };
    let why_watch = match refusal {
        // Watching does not tell when it ends.
        Some(_) if lease.snapshot().dialect.ends_as_stated() => {
            return Ok(Reading {
                lease: Some(lease),
                look,
                looking,
            });
        }
        Some(Refusal::Unproven) => "",
        Some(Refusal::RecordAhead { .. }) => "its renewTime says otherwise than its stamp: ",
        Some(Refusal::DateAhead { .. }) => "the API server's clock is ahead of ours: ",
        _ => {
            return Ok(Reading {
                lease: Some(lease),
                look,
                looking,
            });
        }
    };
    if matches!(basis, None | Some(ExpiryBasis::Observed)) {
        watch(ui, store, lease, why_watch).await
    } else {
        Ok(Reading {
            lease: Some(lease),
            look,
            looking,
        })
    }
}

fn tell(
    ui: &Ui,
    name: &str,
    taker: Option<&Claim>,
    gone: Option<String>,
    dry_run: DryRun,
    done: &Done,
    output: Output,
) -> Result<(), Failure> {
    let mark = dry_run.mark();
    let (victim, proof) = done
        .before
        .as_ref()
        .map_or_else(Default::default, |before| {
            let (lease, standing) = before;
            let record = &lease.snapshot().record;
            (
                escape::cut(record.holder().unwrap_or_default(), 200),
                evidence::sentence(standing, record.duration_seconds),
            )
        });
    let proof = gone.unwrap_or(proof);
    let lock = lock_name::object(name);
    if let Some(claim) = taker {
        let headline = format!("{lock} stolen from {victim}{mark}");
        return report(ui, &headline, Some(&proof), claim, dry_run, done, output);
    }
    let text = output::one(output, &done.after, &done.standing, None, None, || {
        format!("{lock} released{mark}; it was held by {victim}\n  proof:    {proof}\n")
    })?;
    Ok(ui.data(&text)?)
}
