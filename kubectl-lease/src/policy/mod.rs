//! Policies: what somebody's own rules say of what they are about to do to a lock.
//!
//! A policy is a WebAssembly component of the contract `wit/policy`; `lease_policy_host` runs it.
//! Which there are stands in a file among the user's configuration ([`configured`]). They guard
//! against mistakes at one's own keyboard, and against nobody who has the same credentials and other
//! ideas: a rule for all belongs in an admission policy of the API server.

mod configured;
#[cfg(feature = "plugins")]
mod consulting;
#[cfg(feature = "plugins")]
mod holder;
#[cfg(not(feature = "plugins"))]
mod lean;
#[cfg(feature = "plugins")]
mod library;
mod opinion;
mod places;
#[cfg(feature = "plugins")]
mod request;

use std::sync::atomic::{AtomicBool, Ordering};

use lease_client::{Lease, LeaseStore};
use lease_core::{Identity, Look};

use crate::dry_run::DryRun;
use crate::lock_name;
use crate::lock_store::LockStore;
use crate::ui::Ui;

#[cfg(feature = "plugins")]
pub(crate) use configured::{Configured, Entry, Mode};
#[cfg(feature = "plugins")]
pub(crate) use consulting::{request_of, said};
#[cfg(feature = "plugins")]
pub(crate) use library::{Library, Trouble, lock, read as read_component};
pub(crate) use opinion::{Opinion, Reviewed, changed};
#[cfg(feature = "plugins")]
pub(crate) use places::Places;

/// Whether nobody's policies count in this process.
static ARE_LEFT_ASIDE: AtomicBool = AtomicBool::new(false);

/// Leaves policies aside in this process: for a demo, whose cluster is nobody's.
pub(crate) fn leave_aside() {
    ARE_LEFT_ASIDE.store(true, Ordering::Relaxed);
}

fn are_left_aside() -> bool {
    ARE_LEFT_ASIDE.load(Ordering::Relaxed)
}

/// What policies are asked about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    Acquire,
    ForceRelease,
    Release,
    Run,
    Steal,
}

impl Verb {
    pub(crate) const ALL: [Self; 5] = [
        Self::Acquire,
        Self::ForceRelease,
        Self::Release,
        Self::Run,
        Self::Steal,
    ];

    /// Whether something is the name of one.
    pub(crate) fn is_one(name: &str) -> bool {
        Self::ALL.iter().any(|verb| verb.name() == name)
    }

    /// As it is typed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Acquire => "acquire",
            Self::ForceRelease => "force-release",
            Self::Release => "release",
            Self::Run => "run",
            Self::Steal => "steal",
        }
    }

    /// Whether it is refused where a policy that should be asked cannot be. It is where something is
    /// taken from somebody; to keep people from work that hurts nobody would have them do without
    /// policies.
    pub(crate) const fn fails_closed(self) -> bool {
        matches!(self, Self::ForceRelease | Self::Steal)
    }
}

/// As whom a cluster is asked.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    not(feature = "plugins"),
    expect(dead_code, reason = "nobody is asked in a lean build")
)]
pub(crate) struct Caller {
    /// The name of the context in the kubeconfig.
    pub(crate) context: Option<String>,
    /// The user of `--as`, or the kubeconfig's name for the credentials.
    pub(crate) user: Option<String>,
}

/// What somebody is about to do.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "plugins"),
    expect(dead_code, reason = "nobody is asked in a lean build")
)]
pub(crate) struct Intent<'a> {
    pub(crate) verb: Verb,
    pub(crate) caller: &'a Caller,
    pub(crate) store: &'a LeaseStore,
    /// As whom they will hold the lock, or do hold it.
    pub(crate) identity: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) dry_run: DryRun,
}

/// The lock that it is about to be done to.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "plugins"),
    expect(dead_code, reason = "nobody is asked in a lean build")
)]
pub(crate) struct Subject<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// As it was read and is looked at, if it is there.
    pub(crate) read: Option<(&'a Lease, Look)>,
}

impl<'a> Subject<'a> {
    /// A lock that was read.
    pub(crate) fn of(lease: &'a Lease, look: Look) -> Self {
        let lock = lease.snapshot();
        Self {
            namespace: &lock.namespace,
            name: &lock.name,
            read: Some((lease, look)),
        }
    }

    /// Its name, as one types it.
    fn typed(&self) -> String {
        self.read.map_or_else(
            || self.name.to_owned(),
            |(lease, _)| lock_name::of(lease.snapshot()),
        )
    }
}

impl<'a> Intent<'a> {
    /// The same in this name.
    pub(crate) fn as_whom(self, identity: &'a Identity) -> Self {
        Self {
            identity: Some(identity.as_str()),
            ..self
        }
    }
}

impl Intent<'_> {
    /// Asks the policies that want to be asked about this. Where none does, nothing is read but the
    /// file that says so. `ui` is told of what takes long.
    #[cfg_attr(
        not(feature = "plugins"),
        expect(clippy::unused_async, reason = "nobody is asked in a lean build")
    )]
    pub(crate) async fn review(&self, ui: Option<&Ui>, subject: Subject<'_>) -> Opinion {
        if are_left_aside() {
            return Opinion::none();
        }
        #[cfg(feature = "plugins")]
        return consulting::review(self, ui, subject).await;
        #[cfg(not(feature = "plugins"))]
        return lean::review(self, ui, subject);
    }

    /// The same where the lock is not read yet: it is, once, if a policy wants to be asked.
    ///
    /// # Errors
    /// It cannot be read, or must not be done.
    pub(crate) async fn review_unread(
        &self,
        ui: &Ui,
        locks: &LockStore,
        namespace: &str,
        name: &str,
    ) -> Result<Reviewed, crate::failure::Failure> {
        if !self.may_be_asked_about() {
            return Ok(Reviewed::Anything);
        }
        let reading = crate::one_shot::read(locks, namespace, name).await?;
        let subject = Subject {
            namespace,
            name,
            read: reading.lease.as_ref().map(|lease| (lease, reading.look)),
        };
        let opinion = self.review(Some(ui), subject).await;
        opinion.heed(ui)
    }

    /// Whether the lock has to be read for policies at all.
    fn may_be_asked_about(&self) -> bool {
        !are_left_aside() && configured::may_ask_about(self.verb)
    }
}
