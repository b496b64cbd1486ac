use std::time::Duration;

use lease_client::{Deed, Lease, Store};
use lease_core::{
    Dialect, Expiry, Identity, Judged, Look, Queue, Refusal, Snapshot, State, Timestamp, Write,
    decide,
};
use tokio::time::Instant;

use super::holding::{HolderArgs, LockArgs};
use super::taking::parse_identity;
use crate::dry_run::{DryRun, DryRunArgs};
use crate::durations;
use crate::escape;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::lock_watch::LockWatch;
use crate::one_shot::{Done, Reading, Stop, attempt, attempt_unless_left, read};
use crate::policy::{Intent, Reviewed, Subject, Verb};
use crate::refused::Attempted;
use crate::session::Session;
use crate::signals;
use crate::ui::Ui;

/// Give back a lock that you hold
///
/// The first one who waits for it becomes the next holder, in the same write, so that nobody gets
/// in between; if nobody waits, it is free. Whoever does not hold it is refused (exit 3). A lock
/// that is free already stays so.
///
/// A lock that `run` or `acquire --hold` holds is given back by that process: it is asked to, and
/// `run` ends its command first.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Give back what `acquire` or `steal` took in the name of $LEASE_IDENTITY
  kubectl lease release deploy

  # Pass it on to this one, whoever waits
  kubectl lease release deploy --to ci-43

  # Somebody else's lock stays theirs (exit 3)
  kubectl lease release ledger-writer -n payments")]
pub(crate) struct Args {
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    holder: HolderArgs,
    /// Who is to hold it next, instead of the first one who waits
    #[arg(long, value_name = "ID", conflicts_with = "open")]
    to: Option<String>,
    /// Set it free for whoever comes, instead of handing it over
    #[arg(long)]
    open: bool,
    /// How long to wait for a process that was asked to give it back, and then exit 4. By default
    /// as long as it takes
    #[arg(long, value_parser = durations::parse)]
    timeout: Option<Duration>,
    #[command(flatten)]
    dry_run: DryRunArgs,
}

/// How often it is looked whether a lock stands otherwise only because time has passed.
const TICK: Duration = Duration::from_millis(200);

/// Who shall hold it next.
enum Next {
    FirstInLine,
    Named(Identity),
    WhoeverComes,
}

/// What is to be released, and how.
struct Release<'a> {
    ui: &'a Ui,
    session: &'a Session,
    attempted: Attempted<'a>,
    who: &'a Identity,
    next: Next,
    dry_run: DryRun,
    timeout: Option<Duration>,
    /// What policies were asked about.
    reviewed: Reviewed,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        lock,
        holder,
        to,
        open,
        timeout,
        dry_run: DryRunArgs { dry_run },
    } = args;
    let (name, global) = lock.name(global)?;
    let identity = holder.identity()?;
    let mut next = match to {
        Some(to) => Next::Named(parse_identity(&to)?),
        None if open => Next::WhoeverComes,
        None => Next::FirstInLine,
    };
    if lock_name::config_map(&name).is_some() {
        if let Next::Named(to) = &next {
            return Err(cannot_hand_over(&name, to));
        }
        // Nobody waits in line.
        next = Next::FirstInLine;
    }
    let session = Session::open(&global).await?;
    let mut release = Release {
        ui,
        session: &session,
        attempted: Attempted {
            verb: "release",
            name: &name,
            namespace: &session.namespace,
            identity: Some(identity.as_str()),
        },
        who: &identity,
        next,
        dry_run,
        timeout,
        reviewed: Reviewed::Nothing,
    };
    let first = read(&session.locks, &session.namespace, &name).await?;
    if let Some(lease) = &first.lease
        && lease.snapshot().is_held_by(identity.as_str())
    {
        release.reviewed = Box::pin(release.review(lease, first.look)).await?;
    }
    match &first.lease {
        None if session.locks.exists_while_held(&name) => release.already_free(),
        None => Err(release.attempted.not_found()),
        Some(lease) if release.is_attended(lease) => Box::pin(release.by_asking(first)).await,
        Some(_) => release.give(first).await,
    }
}

/// A lock that exists only while it is held cannot name somebody who does not hold it yet.
fn cannot_hand_over(name: &str, to: &Identity) -> Failure {
    Failure::refused(format!(
        "\"{name}\" cannot be handed to {}: a lock that is a ConfigMap is there only while somebody \
         holds it",
        to.as_str()
    ))
    .hint("release it without --to: whoever comes first then has it")
}

impl Release<'_> {
    /// Whether a process of ours holds it that watches it.
    fn is_attended(&self, lease: &Lease) -> bool {
        let lock = lease.snapshot();
        lock.taker()
            .is_some_and(|taker| taker.attends && taker.holder == self.who.as_str())
    }

    /// Asks policies.
    async fn review(&self, lease: &Lease, look: Look) -> Result<Reviewed, Failure> {
        let intent = Intent {
            identity: Some(self.who.as_str()),
            dry_run: self.dry_run,
            ..self.session.intends(Verb::Release)
        };
        let opinion = intent.review(Some(self.ui), Subject::of(lease, look)).await;
        opinion.heed(self.ui)
    }

    /// Gives it back in one write.
    async fn give(&self, first: Reading) -> Result<(), Failure> {
        let queue = self.queue(first.lease.as_ref()).await;
        let Session { locks: store, .. } = self.session;
        let name = self.attempted.name;
        let result = attempt_unless_left(
            store,
            self.dry_run,
            &self.attempted,
            first,
            |judged, now| {
                let lock = judged.ok_or(Refusal::AlreadyFree)?.lock();
                let write = self.decide(lock, &queue, now)?;
                self.reviewed.holds_of(judged).map(|()| write)
            },
        )
        .await;
        match result {
            Ok(mut done) => {
                // If that is not known soon, whoever was named is passed once their time is over.
                let _ = signals::or_soon(Box::pin(self.past_those_who_left(&mut done))).await;
                if self.dry_run == DryRun::None {
                    let lock = done.after.snapshot();
                    let to = lock.record.holder();
                    let deed = Deed::Released { to };
                    self.session.recorder.tell(lock, self.who, deed);
                }
                let told = self.tell(&done);
                self.session.settle_unless_left().await;
                told
            }
            Err(Stop::Refused {
                refusal: Refusal::AlreadyFree,
                ..
            }) => self.already_free(),
            // We held it, and the reply was lost: whoever holds it now came after us.
            Err(Stop::Refused {
                refusal: Refusal::NotHolder,
                reply_lost: true,
                ..
            }) => Ok(self.ui.data(&format!(
                "{} released; somebody else has it already\n",
                lock_name::object(name)
            ))?),
            Err(Stop::Deleted) => Err(self.attempted.not_found()),
            Err(stop) => Err(stop.failure(&self.attempted)),
        }
    }

    /// Gives on what was handed to somebody who has left meanwhile.
    ///
    /// Whoever leaves deletes their ticket, and then looks whether they were named; who names them
    /// does it in the other order. So at least one of both sees it, and nobody has to wait for a
    /// dead hand-over to run out.
    async fn past_those_who_left(&self, done: &mut Done) {
        while let Some(next) = self.given_on(done).await {
            done.after = next.after;
        }
    }

    /// `None` if whoever was named may be there, or has confirmed.
    async fn given_on(&self, done: &Done) -> Option<Done> {
        let lock = done.after.snapshot();
        let grant = lock.offer().filter(|_| self.dry_run == DryRun::None)?;
        let store = &self.session.locks;
        let ticket = store.get(&lock.namespace, &grant.ticket).await.ok()?;
        if ticket.value.is_some() {
            return None;
        }
        let gone = Identity::new(&grant.to).ok()?;
        let release = Release {
            ui: self.ui,
            session: self.session,
            attempted: Attempted {
                verb: "release",
                name: self.attempted.name,
                namespace: self.attempted.namespace,
                identity: Some(gone.as_str()),
            },
            who: &gone,
            next: Next::FirstInLine,
            dry_run: self.dry_run,
            timeout: self.timeout,
            reviewed: Reviewed::Nothing,
        };
        let queue = release.queue(Some(&done.after)).await;
        let first = read(store, &lock.namespace, &lock.name).await.ok()?;
        let decide = |judged: Option<&Judged<'_>>, now| match judged {
            Some(judged) if judged.lock().version == lock.version => {
                release.decide(judged.lock(), &queue, now)
            }
            _ => Err(Refusal::NotHolder),
        };
        attempt(store, self.dry_run, &release.attempted, first, decide)
            .await
            .ok()
    }

    /// Who waits, as far as that matters.
    async fn queue(&self, lease: Option<&Lease>) -> Queue {
        let Some(lease) = lease.filter(|_| !matches!(self.next, Next::WhoeverComes)) else {
            return Queue::default();
        };
        let lock = lease.snapshot();
        if lock.record.holder() != Some(self.who.as_str()) || lock.dialect != Dialect::ClientGo {
            return Queue::default();
        }
        let store = &self.session.locks;
        match store.tickets(&lock.namespace, &lock.version.uid).await {
            Ok(tickets) => Queue::new(tickets.leases),
            Err(error) => {
                let failure = Failure::from(error);
                self.ui.note(&format!(
                    "who waits for \"{}\" is not known: {}",
                    lock.name,
                    failure.message()
                ));
                Queue::default()
            }
        }
    }

    fn decide(&self, lock: &Snapshot, queue: &Queue, now: Timestamp) -> Result<Write, Refusal> {
        match &self.next {
            Next::WhoeverComes => decide::release(lock, self.who, now),
            Next::FirstInLine => {
                match queue.next_besides(self.who.as_str(), lock.notes.served_through.as_ref()) {
                    Some(first) => decide::hand_over(lock, self.who, first, true, now),
                    None => decide::release(lock, self.who, now),
                }
            }
            Next::Named(to) => {
                let mut tickets = queue.tickets().iter();
                match tickets.find(|ticket| ticket.holder == to.as_str()) {
                    Some(ticket) => decide::hand_over(lock, self.who, ticket, false, now),
                    None => decide::hand_over_without_ticket(lock, self.who, to, now),
                }
            }
        }
    }

    fn tell(&self, done: &Done) -> Result<(), Failure> {
        let name = self.attempted.name;
        let to = to(done.after.snapshot().record.holder());
        let mark = self.dry_run.mark();
        self.ui
            .data(&format!("{} released{to}{mark}\n", lock_name::object(name)))?;
        let after = done.after.snapshot();
        if let (Next::Named(next), None) = (&self.next, after.offer()) {
            let lasts = after.record.duration().unwrap_or_default();
            self.ui.note(&format!(
                "{} does not wait in line, and has it for {} now, whether it is there or not",
                escape::cut(next.as_str(), 200),
                human::duration(lasts)
            ));
        }
        if let Some((_, standing)) = &done.before
            && let (State::Expired, Some(Expiry::Ago(over))) = (standing.state, standing.expiry)
        {
            self.ui.note(&format!(
                "its lease had been over for {}: nobody took it, but anybody could have",
                human::duration(over)
            ));
        }
        Ok(())
    }

    /// Nobody holds it. That is what was wanted, unless somebody was to have it.
    fn already_free(&self) -> Result<(), Failure> {
        let lock = lock_name::object(self.attempted.name);
        self.ui.data(&format!("{lock} is free already\n"))?;
        if let Next::Named(next) = &self.next {
            self.ui.note(&format!(
                "it was not given to {}: only who holds it can do that",
                escape::cut(next.as_str(), 200)
            ));
        }
        Ok(())
    }

    /// Has the process that holds it give it back.
    async fn by_asking(&self, first: Reading) -> Result<(), Failure> {
        let Session {
            locks: store,
            namespace,
            ..
        } = self.session;
        let Attempted { name, .. } = self.attempted;
        if !matches!(self.next, Next::FirstInLine) {
            return Err(Failure::refused(format!(
                "a process that runs holds \"{name}\", and gives it to whoever waits first"
            ))
            .hint("release it without --to and --open, and it will be asked to"));
        }
        let asked = attempt(store, self.dry_run, &self.attempted, first, |judged, _| {
            let lock = judged.ok_or(Refusal::AlreadyFree)?.lock();
            let is_ours = lock.record.holder() == Some(self.who.as_str());
            match decide::ask_release(lock) {
                Ok(_) if !is_ours => Err(Refusal::NotHolder),
                Ok(write) => self.reviewed.holds_of(judged).map(|()| write),
                result => result,
            }
        })
        .await;
        match asked {
            Ok(_) => {}
            Err(Stop::Refused {
                refusal: Refusal::AlreadyFree,
                ..
            }) => return self.tell_after_asking(None),
            // Its process has left it in between.
            Err(Stop::Refused {
                refusal: Refusal::Unattended,
                ..
            }) => return self.give(read(store, namespace, name).await?).await,
            Err(Stop::Deleted) => return Err(self.attempted.not_found()),
            Err(stop) => return Err(stop.failure(&self.attempted)),
        }
        if self.dry_run != DryRun::None {
            let mark = self.dry_run.mark();
            let text = format!(
                "{}: its process asked to release it{mark}\n",
                lock_name::object(name)
            );
            return Ok(self.ui.data(&text)?);
        }
        self.ui
            .note("the process that holds it was asked to give it back");
        let deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        let mut watch = LockWatch::open(self.ui, store, namespace, name).await?;
        loop {
            match watch.now() {
                None => return self.tell_after_asking(None),
                Some((lease, _)) if lease.snapshot().tombstone().is_some() => {
                    return Err(
                        Failure::refused(format!("somebody broke \"{name}\" by force")).hint(
                            format!("see it with {}", self.attempted.command("describe")),
                        ),
                    );
                }
                Some((lease, _)) if !self.is_attended(lease) => {
                    return self.tell_after_asking(lease.snapshot().record.holder());
                }
                // It is not there any more, so this is as a release from elsewhere.
                Some((_, standing)) if standing.state == State::Expired => {
                    self.ui.note("it did not, and its lease is over");
                    return self.give(read(store, namespace, name).await?).await;
                }
                Some(_) => {}
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(Failure::not_acquired(format!(
                    "the process that holds \"{name}\" did not give it back in time"
                ))
                .hint("`run` waits for its command to end; it will be given back then"));
            }
            watch.next(left.map_or(TICK, |left| left.min(TICK))).await?;
        }
    }

    fn tell_after_asking(&self, holder: Option<&str>) -> Result<(), Failure> {
        let name = self.attempted.name;
        let to = to(holder);
        Ok(self
            .ui
            .data(&format!("{} released{to}\n", lock_name::object(name)))?)
    }
}

/// To whom a lock went, after what became of it.
fn to(holder: Option<&str>) -> String {
    holder.map_or_else(String::new, |to| format!(" to {}", escape::cut(to, 200)))
}
