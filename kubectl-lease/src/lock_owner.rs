//! The pod that a lock belongs to, where the lock is a `ConfigMap`.

use lease_client::{Lease, Store, this_pod};
use lease_core::{Dialect, OwnerGone, PodOwner, PodSeen, Snapshot};

use crate::failure::Failure;
use crate::lock_name;
use crate::session::Session;
use crate::ui::Ui;

/// Who a new lock belongs to.
#[derive(clap::Args)]
pub(crate) struct OwnerArgs {
    /// The pod that a configmap/NAME belongs to, and is removed with; by default the one that this
    /// runs in
    #[arg(long, value_name = "pod/NAME")]
    owner: Option<String>,
}

impl OwnerArgs {
    /// Finds the pod that a lock of this name will belong to, if it is one that does.
    ///
    /// # Errors
    /// A `ConfigMap` for which there is no pod that it could belong to.
    pub(crate) async fn find(self, session: &mut Session, name: &str) -> Result<(), Failure> {
        let Self { owner } = self;
        let named = owner.as_deref().map(parse).transpose()?;
        if !session.locks.exists_while_held(name) {
            return match named {
                None => Ok(()),
                Some(_) => Err(Failure::error(format!(
                    "--owner is for configmap/NAME: the lease \"{name}\" belongs to no pod"
                ))),
            };
        }
        let pod = match named {
            Some(pod) => pod,
            None => of_this_pod(&session.namespace, name)?,
        };
        let owner = match session.locks.pod(&session.namespace, &pod).await? {
            PodSeen::Present(uid) => PodOwner { name: pod, uid },
            PodSeen::Absent => {
                return Err(Failure::error(format!(
                    "there is no pod \"{pod}\" in namespace {}, which \"{name}\" could belong to",
                    session.namespace
                ))
                .hint(
                    "name another one with --owner pod/NAME; it has to be in the lock's namespace",
                ));
            }
        };
        session.locks.set_owner(owner);
        Ok(())
    }
}

/// The name of a pod as it was typed: `pod/NAME`.
fn parse(typed: &str) -> Result<String, Failure> {
    match typed.split_once('/') {
        Some(("pod" | "pods" | "po", name)) if lock_name::is_subdomain(name) => Ok(name.to_owned()),
        _ => Err(Failure::error(format!("\"{typed}\" cannot be an owner"))
            .cause("a lock that is a ConfigMap belongs to a pod, which is typed as pod/NAME")
            .hint("see those that there are with `kubectl get pods`")),
    }
}

/// The name of the pod that this runs in, if a lock of this namespace can belong to it.
fn of_this_pod(namespace: &str, name: &str) -> Result<String, Failure> {
    let Some(pod) = this_pod() else {
        return Err(Failure::error(format!(
            "whose shall \"{name}\" be? it belongs to a pod, and this runs in none"
        ))
        .hint("name one with --owner pod/NAME; when that is deleted, the lock goes with it")
        .hint("a lease belongs to nobody: type lease/NAME for one"));
    };
    match pod.namespace {
        Some(other) if other != namespace => Err(Failure::error(format!(
            "this runs in the pod {} of namespace {other}, and \"{name}\" of namespace {namespace} \
             cannot belong to it",
            pod.name
        ))
        .hint(format!(
            "a lock belongs to a pod of its own namespace: name one with --owner pod/NAME, or lock \
             in {other} with -n {other}"
        ))),
        _ => Ok(pod.name),
    }
}

/// Looks for the pod that a lock belongs to; `None` if it belongs to none, or if that cannot be
/// told, which is noted.
pub(crate) async fn seen(ui: &Ui, session: &Session, lease: &Lease) -> Option<PodSeen> {
    let lock = lease.snapshot();
    let Dialect::ConfigMap { owner, .. } = &lock.dialect else {
        return None;
    };
    match session.locks.pod(&lock.namespace, &owner.name).await {
        Ok(seen) => Some(seen),
        Err(error) => {
            let failure = Failure::from(error);
            ui.note(&format!(
                "whether the pod {} is gone, which it belongs to, is not known: {}",
                owner.name,
                failure.message()
            ));
            None
        }
    }
}

/// What was seen of the pod that a lock belongs to, in words.
pub(crate) fn in_words(lock: &Snapshot, seen: &PodSeen) -> Option<String> {
    let Dialect::ConfigMap { owner, .. } = &lock.dialect else {
        return None;
    };
    let pod = &owner.name;
    Some(match seen {
        PodSeen::Present(uid) if *uid == owner.uid => format!("the pod {pod} is there"),
        PodSeen::Present(uid) => format!(
            "the pod {pod} that it belongs to is gone: it had the uid {}, and the one of that name \
             has {uid}",
            owner.uid
        ),
        PodSeen::Absent => {
            format!("the pod {pod} that it belongs to is gone: there is none of that name")
        }
    })
}

/// The proof that the pod that a lock belongs to is gone, if it is.
pub(crate) fn gone(lock: &Snapshot, seen: Option<&PodSeen>) -> Option<OwnerGone> {
    match &lock.dialect {
        Dialect::ConfigMap { owner, .. } => owner.gone(seen?),
        _ => None,
    }
}

/// Why a lock can be taken whatever its lease says: its pod is gone.
pub(crate) fn proof(lock: &Snapshot, seen: Option<&PodSeen>) -> Option<String> {
    gone(lock, seen)?;
    in_words(lock, seen?)
}
