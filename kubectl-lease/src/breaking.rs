//! Breaking a lock: what the verb and the live table have in common.

use lease_client::{Deed, EventRecorder, Lease, clock, fresh_identity};
use lease_core::{
    Dialect, Forced, Identity, Judged, Observer, Refusal, ResourceVersion, Snapshot, Timestamp,
    Uid, Write, decide,
};
use serde_json::Value;

use crate::dry_run::DryRun;
use crate::escape;
use crate::failure::Failure;
use crate::lock_store::LockStore;
use crate::one_shot::{Done, Reading, Stop, attempt};
use crate::refused::Attempted;

/// How much of a reason stands in a tombstone, in characters: it is a holder's name in every table.
const LONGEST_IN_A_NAME: usize = 100;

/// How much of a reason is kept, in bytes: an Event takes little more.
const LONGEST_REASON: usize = 800;

/// A reason as a user gave it: it stands in a holder's name and in Events, where text from a terminal does not
/// belong.
pub(crate) fn parse_reason(reason: String) -> Result<String, Failure> {
    let cannot = |why: &str| Failure::error("--reason cannot be kept").cause(why);
    if reason.len() > LONGEST_REASON {
        return Err(cannot(&format!("it is longer than {LONGEST_REASON} bytes")));
    }
    if Identity::new(format!("{reason}.")).is_err() {
        return Err(cannot(
            "it has control or bidirectional characters or line breaks",
        ));
    }
    Ok(reason)
}

/// Who breaks a lock, and why.
pub(crate) struct Breaker {
    pub(crate) who: Identity,
    pub(crate) because: Option<String>,
}

impl Breaker {
    pub(crate) fn new(who: Identity, because: Option<String>) -> Self {
        Self { who, because }
    }

    /// What is to be done.
    pub(crate) fn forced(&self, at_once: bool, confirmed: bool) -> Forced {
        Forced {
            tombstone: self.tombstone(),
            because: self.because.clone(),
            at_once,
            confirmed,
        }
    }

    /// A holder's name that says who broke the lock and why, and that nobody else has.
    fn tombstone(&self) -> Identity {
        let mut name = format!("broken by {}", self.who.as_str());
        if let Some(because) = &self.because {
            let because: String = because.chars().take(LONGEST_IN_A_NAME).collect();
            name += &format!(": {because}");
        }
        // A reason that cannot stand in a name stands in the annotation.
        Identity::new(name)
            .or_else(|_| Identity::new(format!("broken by {}", self.who.as_str())))
            .unwrap_or_else(|_| fresh_identity())
    }
}

/// The lock as it was shown. Nothing else is broken.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// `None` where only its name is known.
    uid: Option<Uid>,
    holder: Option<String>,
    /// Of Terraform's description.
    lock_id: Option<String>,
    /// The only version that is meant, if only one is.
    version: Option<ResourceVersion>,
}

impl Shown {
    /// A lock that somebody looks at.
    pub(crate) fn of(lock: &Snapshot, version: Option<ResourceVersion>) -> Self {
        Self {
            uid: Some(lock.version.uid.clone()),
            holder: lock.record.holder().map(str::to_owned),
            lock_id: lock_id(&lock.dialect),
            version,
        }
    }

    /// A lock of which a holder was shown.
    pub(crate) fn held_by(holder: Option<String>, lock: &Snapshot) -> Self {
        Self {
            holder,
            ..Self::of(lock, None)
        }
    }

    fn is(&self, lock: &Snapshot) -> bool {
        let Self {
            uid,
            holder,
            lock_id: id,
            version,
        } = self;
        uid.as_ref().is_none_or(|uid| *uid == lock.version.uid)
            && holder.as_deref() == lock.record.holder()
            && *id == lock_id(&lock.dialect)
            && version
                .as_ref()
                .is_none_or(|version| *version == lock.version.resource_version)
    }
}

fn lock_id(dialect: &Dialect) -> Option<String> {
    match dialect {
        Dialect::Terraform { lock_id } => lock_id.clone(),
        _ => None,
    }
}

/// What came of breaking a lock.
pub(crate) enum Begun {
    /// There was nothing to break.
    AlreadyFree,
    /// It is free.
    Free(Box<Done>),
    /// It may have been broken: what is to be said of that. What was removed, if it was, is to be
    /// shown, so that it can be put back.
    InDoubt(Box<Failure>),
    /// A tombstone stands in the holder's place, observed from when that was known.
    Tombstone(Box<Done>, Box<Observer>),
}

/// Breaks the lock that was shown, as far as one write goes.
pub(crate) async fn begin(
    store: &LockStore,
    dry_run: DryRun,
    attempted: &Attempted<'_>,
    first: Reading,
    shown: &Shown,
    forced: &Forced,
) -> Result<Begun, Failure> {
    let decide = |judged: Option<&Judged<'_>>, now: Timestamp| decision(judged, shown, forced, now);
    match attempt(store, dry_run, attempted, first, decide).await {
        Ok(done) => {
            let lock = done.after.snapshot();
            if lock.tombstone().is_none() {
                return Ok(Begun::Free(Box::new(done)));
            }
            // The holder may have renewed until the write landed, which was before the answer.
            let observer = Observer::new(lock.clone(), clock::local());
            Ok(Begun::Tombstone(Box::new(done), Box::new(observer)))
        }
        // Nothing was written that could be put back.
        Err(Stop::Unknown { error, .. }) if dry_run != DryRun::None => {
            Err(Failure::error("the server has not answered").cause(error.to_string()))
        }
        Err(Stop::Refused {
            lease,
            reply_lost: true,
            ..
        }) if dry_run == DryRun::None => {
            let lock = lease.as_ref().map(|lease| lease.snapshot());
            let failure = attempted.overtaken(lock);
            Ok(Begun::InDoubt(Box::new(failure)))
        }
        Err(Stop::Refused {
            refusal: Refusal::AlreadyFree,
            ..
        }) => Ok(Begun::AlreadyFree),
        Err(Stop::Refused {
            lease: Some(lease),
            refusal: Refusal::NotHolder,
            ..
        }) => Err(changed(lease.snapshot(), shown)),
        Err(stop @ Stop::Unknown { .. }) => Ok(Begun::InDoubt(Box::new(stop.failure(attempted)))),
        Err(stop) => Err(stop.failure(attempted)),
    }
}

/// What is to be written to the lock that was shown.
pub(crate) fn decision(
    judged: Option<&Judged<'_>>,
    shown: &Shown,
    forced: &Forced,
    now: Timestamp,
) -> Result<Write, Refusal> {
    let judged = judged.ok_or(Refusal::AlreadyFree)?;
    let lock = judged.lock();
    if !lock.dialect.is_free(&lock.record) && !shown.is(lock) {
        return Err(Refusal::NotHolder);
    }
    decide::force_release(judged, forced, now)
}

/// The lock is another one than that which was shown.
pub(crate) fn changed(lock: &Snapshot, shown: &Shown) -> Failure {
    let name = &lock.name;
    let holder = lock.record.holder().unwrap_or("nobody");
    if shown.holder.as_deref() == lock.record.holder()
        && let Some(version) = &shown.version
    {
        return Failure::refused(format!(
            "\"{name}\" has changed since version {version} and is left as it is: {holder} holds \
             it, in version {}",
            lock.version.resource_version
        ))
        .hint("look at it again: whoever renews it is alive");
    }
    Failure::refused(format!(
        "\"{name}\" changed hands meanwhile and is left as it is: {} holds it now",
        escape::cut(holder, 200)
    ))
}

/// Leaves an Event of a lock that was broken.
pub(crate) fn leave_event(recorder: &EventRecorder, done: &Done, breaker: &Breaker) {
    let victim = done
        .before
        .as_ref()
        .and_then(|(before, _)| before.snapshot().record.holder())
        .unwrap_or("nobody");
    let deed = Deed::Broken {
        victim,
        because: breaker.because.as_deref(),
    };
    recorder.tell(done.after.snapshot(), &breaker.who, deed);
}

/// A lock as it was, in a form that `kubectl replace` takes. It has the uid, so that a lock that
/// was deleted since, and made anew by somebody else, stays theirs; and where it was set `free`, the
/// version of that, so that it stays with whoever has taken it since. A tombstone is followed by
/// another version, which nobody knows yet. What is gone once it is free is put back by `kubectl
/// create`, and has neither.
pub(crate) fn to_put_back(before: &Lease, free: Option<&Lease>) -> Value {
    let mut object = before.object();
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        for key in ["creationTimestamp", "managedFields", "resourceVersion"] {
            metadata.remove(key);
        }
        if before.snapshot().dialect.exists_while_held() {
            metadata.remove("uid");
        } else if let Some(free) = free
            .map(Lease::snapshot)
            .filter(|lock| lock.tombstone().is_none())
        {
            let version = free.version.resource_version.as_str();
            metadata.insert("resourceVersion".to_owned(), version.into());
        }
    }
    Value::Object(object)
}
