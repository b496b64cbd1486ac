mod asking;
mod passing_on;

use lease_client::{Lease, Store, clock};
use lease_core::{Dialect, Judged, Look, Refusal, ResourceVersion, State, judge};
use serde_json::Value;

use self::asking::Confirmed;
use crate::breaking::{self, Begun, Breaker, Shown};
use crate::diagnosis;
use crate::dry_run::{DryRun, DryRunArgs};
use crate::escape;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::one_shot::{Done, Reading, read};
use crate::output::{self, Output};
use crate::policy::{Intent, Opinion, Subject, Verb};
use crate::refused::Attempted;
use crate::session::Session;
use crate::signals::{Signals, end_by};
use crate::ui::Ui;

/// Break a lock, whoever holds it
///
/// Shows who loses it, whether they live, and who waits, and asks for the lock's name to be typed.
/// Prints the record that it removes, in a form that `kubectl replace` takes.
///
/// A holder that may be alive does not know at once that it has lost the lock. So a tombstone takes
/// its place, a holder that nobody is, for as long as a lease lasts; then the lock goes to the first
/// one who waits, or is free. --now does not wait for that. What never expires, as a state lock of
/// Terraform, is free at once. An elector that runs takes a lock that is free again at its next
/// retry: stop it first.
///
/// A lock whose lease is over needs no force: there is `steal`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # See who would lose the state lock that a run of Terraform left, and what would come of it;
  # without --dry-run, its name is asked for
  kubectl lease force-release lock-tfstate-default-prod -n infra --dry-run

  # In a script: the very version that was looked at, and nothing that came since. What it removes
  # is put back with `kubectl replace -f report-writer.yaml`
  version=$(kubectl lease describe report-writer | awk '/^Version:/ {print $2}')
  kubectl lease force-release report-writer --yes --resource-version \"$version\" \\
    --reason 'node lost, ticket 4711' -o yaml > report-writer.yaml")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    /// Do not wait until the holder has stopped to believe that it has the lock: for a while, two
    /// may work as if they had it
    #[arg(long)]
    now: bool,
    /// Why, for the Event, an annotation and policies
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Do not ask; only with --resource-version
    #[arg(long, requires = "resource_version")]
    yes: bool,
    /// The version of the lock that was looked at: any other is refused (exit 3)
    #[arg(long, value_name = "VERSION")]
    resource_version: Option<String>,
    #[command(flatten)]
    dry_run: DryRunArgs,
    /// The format of the output; json and yaml are the record that is removed
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// What is to be broken, and how.
struct ForceRelease<'a> {
    ui: &'a Ui,
    session: &'a Session,
    attempted: Attempted<'a>,
    breaker: Breaker,
    now: bool,
    yes: bool,
    version: Option<ResourceVersion>,
    dry_run: DryRun,
    output: Output,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        name,
        now,
        reason,
        yes,
        resource_version,
        dry_run: DryRunArgs { dry_run },
        output,
    } = args;
    let name = lock_name::parse(&name)?;
    let because = reason.map(breaking::parse_reason).transpose()?;
    let session = Session::open(global).await?;
    let force_release = ForceRelease {
        ui,
        session: &session,
        attempted: Attempted {
            verb: "force-release",
            name: &name,
            namespace: &session.namespace,
            identity: None,
        },
        breaker: Breaker::new(lease_client::fresh_identity(), because),
        now,
        yes,
        version: resource_version.map(ResourceVersion::new),
        dry_run,
        output,
    };
    force_release.go().await
}

impl ForceRelease<'_> {
    async fn go(&self) -> Result<u8, Failure> {
        let Session {
            locks: store,
            namespace,
            ..
        } = self.session;
        let name = self.attempted.name;
        let first = read(store, namespace, name).await?;
        let Some(lease) = first.lease.clone() else {
            if store.exists_while_held(name) {
                return self.already_free();
            }
            return Err(self.attempted.not_found());
        };
        let shown = Shown::of(lease.snapshot(), self.version.clone());
        let Some(forecast) = self.forecast(&first, &lease, &shown)? else {
            return self.already_free();
        };
        Box::pin(self.review(&lease, first.look))
            .await
            .heed(self.ui)?;
        let mut signals = Signals::ending()?;
        let confirmed = tokio::select! {
            biased;
            signal = signals.ending_one() => {
                let lock = lock_name::object(name);
                self.ui.note(&format!("\n{lock} is left as it is"));
                return Ok(end_by(signal));
            }
            confirmed = self.confirm_and_look_again(&lease, first, forecast) => confirmed?,
        };
        let Some((confirmed, first)) = confirmed else {
            return self.already_free();
        };
        if let Forecast::Tombstone = forecast {
            let observer = lease_core::Observer::new(lease.snapshot().clone(), clock::local());
            return self.pass_on(observer, &mut signals).await;
        }
        let before = first.lease.clone();
        let is_confirmed = confirmed != Confirmed::ByFlag;
        let forced = self.breaker.forced(self.now, is_confirmed);
        let begun = breaking::begin(store, self.dry_run, &self.attempted, first, &shown, &forced);
        let Some(begun) = signals.or_soon(Box::pin(begun)).await else {
            return match self.dry_run {
                DryRun::None => self.in_doubt(before.as_ref(), self.attempted.left(None)),
                DryRun::Client | DryRun::Server => Err(Failure::error(
                    "the server has not answered until it was left",
                )),
            };
        };
        match begun? {
            Begun::AlreadyFree => self.already_free(),
            Begun::InDoubt(failure) => self.in_doubt(before.as_ref(), *failure),
            Begun::Free(done) => {
                self.tell(&done, "it is free")?;
                if self.now && self.dry_run == DryRun::None {
                    self.warn_of_two(&done);
                }
                self.session.settle_unless_left().await;
                Ok(0)
            }
            Begun::Tombstone(done, observer) => {
                let lasts = done.after.snapshot().record.duration().unwrap_or_default();
                let until = format!("a tombstone stands there for {}", human::duration(lasts));
                self.tell(&done, &until)?;
                if self.dry_run != DryRun::None {
                    return Ok(0);
                }
                self.pass_on(*observer, &mut signals).await
            }
        }
    }

    /// Has it confirmed, and looks at the lock anew where that took its time: `None` if there is
    /// nothing to break any more. Nothing is written, so that it can be left at any moment.
    async fn confirm_and_look_again(
        &self,
        lease: &Lease,
        first: Reading,
        forecast: Forecast,
    ) -> Result<Option<(Confirmed, Reading)>, Failure> {
        let confirmed = self.confirm(lease, &first, forecast).await?;
        if confirmed != Confirmed::Typed || matches!(forecast, Forecast::Tombstone) {
            return Ok(Some((confirmed, first)));
        }
        let Session {
            locks: store,
            namespace,
            ..
        } = self.session;
        let name = self.attempted.name;
        let again = read(store, namespace, name).await?;
        let Some(lease) = &again.lease else {
            if store.exists_while_held(name) {
                return Ok(None);
            }
            return Err(self.attempted.deleted());
        };
        let opinion = Box::pin(self.review(lease, again.look)).await;
        // What is to be told was told.
        opinion.into_parts()?;
        Ok(Some((confirmed, again)))
    }

    /// Asks policies. What they say is of the uid and holder that are shown, as what is broken.
    async fn review(&self, lease: &Lease, look: Look) -> Opinion {
        let intent = Intent {
            reason: self.breaker.because.as_deref(),
            dry_run: self.dry_run,
            ..self.session.intends(Verb::ForceRelease)
        };
        intent.review(Some(self.ui), Subject::of(lease, look)).await
    }

    fn already_free(&self) -> Result<u8, Failure> {
        let lock = lock_name::object(self.attempted.name);
        let text = format!("{lock} is free already\n");
        self.ui.data(&text)?;
        Ok(0)
    }

    /// What would come of it; `None` if there is nothing to break.
    fn forecast(
        &self,
        first: &Reading,
        lease: &Lease,
        shown: &Shown,
    ) -> Result<Option<Forecast>, Failure> {
        let judged: Judged<'_> = judge(lease.snapshot(), first.look);
        let lock = lease.snapshot();
        // Whoever asks about a database is told more of it, and then asked.
        let forced = self.breaker.forced(self.now, true);
        match breaking::decision(Some(&judged), shown, &forced, clock::wall()) {
            Ok(write) if write.record().holder() == Some(forced.tombstone.as_str()) => {
                Ok(Some(Forecast::Waits))
            }
            Ok(_) => Ok(Some(Forecast::Free)),
            Err(Refusal::AlreadyFree) => Ok(None),
            Err(Refusal::Held { .. }) if lock.tombstone().is_some() => {
                Ok(Some(Forecast::Tombstone))
            }
            Err(Refusal::NotHolder) => Err(breaking::changed(lock, shown)),
            Err(Refusal::Malformed) if matches!(lock.dialect, Dialect::Terraform { .. }) => {
                Err(mismatched(lease))
            }
            Err(refusal) => Err(self.attempted.refused(lease, judged.standing(), &refusal)),
        }
    }

    /// Prints what was removed, if it was: nobody else has it then.
    fn in_doubt(&self, before: Option<&Lease>, failure: Failure) -> Result<u8, Failure> {
        let Some(before) = before else {
            return Err(failure);
        };
        let record = breaking::to_put_back(before, None);
        let text = match self.output {
            Output::Name => String::new(),
            Output::Json => output::json(&record),
            Output::Yaml => output::yaml(record)?,
            Output::Table | Output::Wide => {
                format!(
                    "if it was broken, and nobody else has taken it, this puts its record back:\n{}",
                    paste(record)?
                )
            }
        };
        self.ui.data(&text)?;
        Err(failure)
    }

    /// Says what was done, and prints what it removed.
    fn tell(&self, done: &Done, outcome: &str) -> Result<(), Failure> {
        let name = self.attempted.name;
        let Some((before, _)) = &done.before else {
            // Nothing is created here.
            return Ok(());
        };
        if self.dry_run == DryRun::None {
            breaking::leave_event(&self.session.recorder, done, &self.breaker);
        }
        let after = (self.dry_run == DryRun::None).then_some(&done.after);
        let record = || breaking::to_put_back(before, after);
        let text = match self.output {
            Output::Name => output::name(name),
            Output::Json => output::json(&record()),
            Output::Yaml => output::yaml(record())?,
            Output::Table | Output::Wide => {
                let holder = before.snapshot().record.holder().unwrap_or("nobody");
                let mark = self.dry_run.mark();
                let mut text = format!(
                    "{} broken{mark}; it was held by {}: {outcome}\n",
                    lock_name::object(name),
                    escape::cut(holder, 200)
                );
                if self.dry_run == DryRun::None {
                    text += "as long as nobody else has taken it, to put its record back:\n";
                    text += &paste(record())?;
                }
                text
            }
        };
        Ok(self.ui.data(&text)?)
    }

    /// Says what --now means where the holder may be alive.
    fn warn_of_two(&self, done: &Done) {
        let Some((before, standing)) = &done.before else {
            return;
        };
        let is_bounded = !matches!(
            standing.state,
            State::Expired | State::Unbounded | State::Malformed
        );
        let lasts = before.snapshot().record.duration();
        if let (true, Some(lasts)) = (is_bounded, lasts) {
            self.ui.note(&format!(
                "its holder may go on working for {}, while somebody else has the lock",
                human::duration(lasts)
            ));
        }
    }
}

/// What is going to happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Forecast {
    /// It is free at once.
    Free,
    /// A tombstone stands there already.
    Tombstone,
    /// A tombstone takes the holder's place.
    Waits,
}

/// Terraform writes the holder and its description in one update, so that somebody else wrote here.
fn mismatched(lease: &Lease) -> Failure {
    let lock = lease.snapshot();
    let id = match &lock.dialect {
        Dialect::Terraform { lock_id: Some(id) } => id,
        _ => "none",
    };
    let holder = lock.record.holder().unwrap_or("nobody");
    Failure::refused(format!(
        "\"{}\" contradicts itself: its holder is {holder}, and its lock info is of the ID {id}",
        lock.name
    ))
    .hint("Terraform unlocks only where the two agree; see it with `kubectl get lease -o yaml`")
}

/// A command that puts an object back, ready to be pasted.
fn paste(object: Value) -> Result<String, Failure> {
    let verb = match object["kind"].as_str() {
        // It is gone, and is created anew.
        Some("ConfigMap") => "create -f -",
        _ => "replace -f -",
    };
    let command = diagnosis::kubectl(verb);
    let yaml = output::yaml(object)?;
    Ok(format!("{command} <<'EOF'\n{yaml}EOF\n"))
}
