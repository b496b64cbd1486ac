//! Showing what is about to be broken, and having that confirmed.

use std::io;
use std::time::Duration;

use lease_client::Lease;
use lease_core::{Dialect, Standing, judge};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{ForceRelease, Forecast};
use crate::commands::describe;
use crate::diagnosis::{self, Case, Unread};
use crate::dry_run::DryRun;
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::human;
use crate::invocation;
use crate::lock_name;
use crate::lock_owner;
use crate::one_shot::Reading;
use crate::waiters;

/// How long may be looked for what is around a lock: as long as `describe` does.
const PATIENCE: Duration = Duration::from_secs(2);
/// More characters of one field than this are cut.
const LONGEST_FIELD: usize = 200;
/// So many of those who wait are named.
const NAMED: usize = 3;

/// Who confirmed that the lock is to be broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Confirmed {
    /// A script, by `--yes`.
    ByFlag,
    /// Nobody has to: nothing is written.
    NotNeeded,
    /// Somebody, by typing its name.
    Typed,
}

impl ForceRelease<'_> {
    /// Shows what is going to be broken, and has that confirmed.
    pub(super) async fn confirm(
        &self,
        lease: &Lease,
        first: &Reading,
        forecast: Forecast,
    ) -> Result<Confirmed, Failure> {
        let asks = !self.yes && self.dry_run == DryRun::None;
        if self.output.is_for_people() || asks {
            self.show(lease, first, forecast).await;
        }
        if !asks {
            let is_database = lease.snapshot().dialect == Dialect::CloudNativePg;
            return match self.dry_run {
                DryRun::None if is_database => Err(self.no_script(lease)),
                DryRun::None => Ok(Confirmed::ByFlag),
                DryRun::Client | DryRun::Server => Ok(Confirmed::NotNeeded),
            };
        }
        if !self.ui.can_ask() {
            return Err(self.nobody_to_ask(lease));
        }
        let name = self.attempted.name;
        self.ui
            .ask(&format!("Type the lock's name to break it ({name}): "));
        let typed = line().await?;
        if typed.trim() == name {
            return Ok(Confirmed::Typed);
        }
        Err(Failure::refused(format!(
            "that is not its name: \"{name}\" is left as it is"
        )))
    }

    /// Who loses the lock, whether they live, who waits, and what will happen.
    async fn show(&self, lease: &Lease, first: &Reading, forecast: Forecast) {
        let lock = lease.snapshot();
        let store = &self.session.store;
        let standing = *judge(lock, first.look).standing();
        let date = match first.look {
            lease_core::Look::Stamped { date } => Some(date),
            _ => None,
        };
        if lock_name::is_config_map(lock) {
            return self.show_config_map(lease, &standing, forecast).await;
        }
        let facts = diagnosis::gather_around(store, lease.summary().clone(), date);
        let facts = timeout(PATIENCE, Box::pin(facts));
        let queue = timeout(PATIENCE, waiters::queue(store, lock));
        let (facts, queue) = tokio::join!(facts, queue);
        let facts = facts.ok();

        let line = |key: &str, value: &str| {
            let value = escape::cut(value, LONGEST_FIELD * 4);
            let colon = if key.is_empty() { "" } else { ":" };
            self.ui
                .note(&format!("  {:<10} {value}", format!("{key}{colon}")));
        };
        let holder = lock.record.holder().unwrap_or("<nobody>");
        let holder = escape::cut(holder, LONGEST_FIELD);
        self.ui.note(&format!(
            "lease/{} in namespace {}",
            lock.name, lock.namespace
        ));
        line("holder", &holder);
        let who_holds =
            |facts| diagnosis::first_case(facts, |case: &Case<'_>| case.who_holds()).flatten();
        let unread = facts.as_ref().and_then(|facts| Unread::told(&facts.unread));
        match facts.as_ref().and_then(who_holds) {
            Some(who) => line("", &who),
            None => line("", "who that is, and whether it lives, is not known"),
        }
        line("state", &describe::state(&standing));
        let proof = evidence::sentence(&standing, lock.record.duration_seconds);
        line("evidence", &proof);
        match &queue {
            Ok(Ok(queue)) if queue.is_empty() => line("waiters", "nobody in line"),
            Ok(Ok(queue)) => {
                let named = queue.iter().take(NAMED);
                let named: Vec<_> = named
                    .map(|waiter| escape::cut(&waiter.identity, LONGEST_FIELD))
                    .collect();
                let more = queue.len().saturating_sub(NAMED);
                let more = match more {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                line("waiters", &format!("{}{more}", named.join(", ")));
            }
            Ok(Err(failure)) => line("waiters", &format!("not known: {}", failure.message())),
            Err(_) => line("waiters", "not known: the API server does not tell in time"),
        }
        for consequence in self.consequences(lease, forecast) {
            line("then", &consequence);
        }
        if let Some(unread) = unread {
            self.ui.note(&unread);
        }
    }

    /// The same of a lock that is a `ConfigMap`: it belongs to a pod, and nobody waits in line.
    async fn show_config_map(&self, lease: &Lease, standing: &Standing, forecast: Forecast) {
        let lock = lease.snapshot();
        let session = self.session;
        let seen = timeout(PATIENCE, lock_owner::seen(self.ui, session, lease)).await;
        let pod = seen.ok().flatten();
        let pod = pod.and_then(|seen| lock_owner::in_words(lock, &seen));
        let line = |key: &str, value: &str| {
            let value = escape::cut(value, LONGEST_FIELD * 4);
            self.ui
                .note(&format!("  {:<10} {value}", format!("{key}:")));
        };
        self.ui.note(&format!(
            "{} in namespace {}",
            lock_name::object(self.attempted.name),
            lock.namespace
        ));
        line("holder", lock.record.holder().unwrap_or("<nobody>"));
        line(
            "pod",
            pod.as_deref().unwrap_or("whether it is there is not known"),
        );
        line("state", &describe::state(standing));
        let proof = evidence::sentence(standing, lock.record.duration_seconds);
        line("evidence", &proof);
        for consequence in self.consequences(lease, forecast) {
            line("then", &consequence);
        }
    }

    /// What will come of it.
    fn consequences(&self, lease: &Lease, forecast: Forecast) -> Vec<String> {
        let lock = lease.snapshot();
        let lasts = human::duration(lock.record.duration().unwrap_or_default());
        let mut then = vec![match forecast {
            Forecast::Free if self.now => "it is free at once; its holder, if it is alive, may go \
                                           on working while somebody else has the lock"
                .to_owned(),
            Forecast::Free => {
                "it is free at once; its holder, if it is alive after all, does not know".to_owned()
            }
            Forecast::Tombstone => format!(
                "it is broken already: once its tombstone has stood for {lasts}, it goes to the \
                 first one who waits, or is free"
            ),
            Forecast::Waits => format!(
                "a tombstone takes its holder's place for {lasts}, so that this one stops before \
                 anybody else can begin; then it goes to the first one who waits, or is free"
            ),
        }];
        match &lock.dialect {
            Dialect::ConfigMap { is_ours: true, .. } => then.push(
                "the ConfigMap is deleted: its holder, a contender of ours, stops when it hears of \
                 that, and whoever comes first may have begun by then"
                    .to_owned(),
            ),
            Dialect::ConfigMap { is_ours: false, .. } => then.push(
                "the ConfigMap is deleted: its holder does not hear of it, and goes on if it is \
                 alive"
                    .to_owned(),
            ),
            Dialect::ClientGo => {
                let may_live = self.now || forecast == Forecast::Waits;
                // One of ours ends, and does not come back.
                if may_live && lock.taker().is_none() && lock.record.renewed().is_some() {
                    then.push(
                        "an elector that is alive takes it again at its next retry: stop it first, \
                         if it is to stay away"
                            .to_owned(),
                    );
                }
            }
            Dialect::CloudNativePg => then.push(
                "this lease names the primary of a CloudNativePG cluster: any other holder, and \
                 none, stops PostgreSQL. `kubectl cnpg promote` switches over without that"
                    .to_owned(),
            ),
            Dialect::Coordinated => then.push(
                "the control plane chooses its holder again, by its strategy, which stays".to_owned(),
            ),
            Dialect::Longhorn => then.push(
                "this lease is Longhorn's, of a volume that is shared: its managers choose another \
                 node, and clients of the volume may stand still meanwhile"
                    .to_owned(),
            ),
            Dialect::Terraform { lock_id } => then.push(format!(
                "the state lock of the ID {} is gone: whoever still works on that state, and the \
                 next one, overwrite each other",
                lock_id.as_deref().unwrap_or("<none>")
            )),
            Dialect::ApiServerIdentity | Dialect::NodeHeartbeat | Dialect::PlainConfigMap => {}
        }
        then
    }

    /// Nobody can type its name.
    fn nobody_to_ask(&self, lease: &Lease) -> Failure {
        let name = self.attempted.name;
        let failure = Failure::refused(format!(
            "\"{name}\" is left as it is: there is no terminal at which its name could be typed"
        ));
        if lease.snapshot().dialect == Dialect::CloudNativePg {
            return failure.hint("it names the primary of a database, which no script stops");
        }
        let version = &lease.snapshot().version.resource_version;
        let mut flags = format!("force-release --yes --resource-version {version}");
        if self.now {
            flags += " --now";
        }
        if let Some(reason) = &self.breaker.because {
            flags += &format!(" --reason {}", invocation::quoted(reason));
        }
        failure.hint(format!(
            "a script says which version it has looked at: `{}`",
            invocation::command(&flags, name, self.attempted.namespace)
        ))
    }

    /// A script cannot know.
    fn no_script(&self, lease: &Lease) -> Failure {
        Failure::refused(format!(
            "--yes does not suffice for \"{}\": it names the primary of a CloudNativePG cluster, \
             and breaking it stops PostgreSQL",
            lease.snapshot().name
        ))
        .hint("switch over with `kubectl cnpg promote`")
        .hint("if it is to be broken after all, somebody has to type its name, at a terminal")
    }
}

/// A line that somebody types. Not by the runtime, which would wait at its end for who does not
/// type.
async fn line() -> Result<String, Failure> {
    let (sender, typed) = oneshot::channel();
    std::thread::Builder::new()
        .name("typed".to_owned())
        .spawn(move || {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line).map(|_| line);
            // Whoever asked has gone.
            let _ = sender.send(read);
        })?;
    match typed.await {
        Ok(line) => Ok(line?),
        Err(_) => Ok(String::new()),
    }
}
