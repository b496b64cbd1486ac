//! One command's view of its cluster.

use std::time::Duration;

use lease_client::{EventRecorder, LeaseStore, connect};
use tokio::time::timeout;

use crate::dry_run::DryRun;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_name;
use crate::lock_store::LockStore;
use crate::policy::{Caller, Intent, Verb};
use crate::signals;

/// Who Events are from.
const CONTROLLER: &str = "kubectl-lease";
/// How long a command waits at its end for the Events that it leaves.
const LEAVING_EVENTS: Duration = Duration::from_millis(500);

/// A cluster, and the namespace that is meant when none is named.
pub(crate) struct Session {
    /// What the cluster is called, if a kubeconfig says so.
    pub(crate) context: Option<String>,
    /// As whom it is asked, for policies.
    pub(crate) caller: Caller,
    pub(crate) store: LeaseStore,
    /// Locks of every kind, by the names that are typed for them.
    pub(crate) locks: LockStore,
    pub(crate) namespace: String,
    /// Leaves Events of what is done to locks.
    pub(crate) recorder: EventRecorder,
}

/// Leaves Events of what is done to the locks of this store.
pub(crate) fn recorder(store: &LeaseStore) -> EventRecorder {
    EventRecorder::beside(store, CONTROLLER)
}

impl Session {
    /// Finds the cluster that the flags and the environment name. Nothing is sent yet.
    pub(crate) async fn open(global: &GlobalArgs) -> Result<Self, Failure> {
        let cluster = connect(&global.connect_options()).await?;
        // As in kubectl, an empty namespace is none.
        let namespace = match global.namespace.as_deref() {
            None | Some("") => cluster.namespace,
            Some(namespace) => lock_name::parse_namespace(namespace)?,
        };
        let store = LeaseStore::new(cluster.requests);
        Ok(Self {
            caller: Caller {
                context: cluster.context.clone(),
                user: cluster.user,
            },
            context: cluster.context,
            recorder: recorder(&store),
            locks: LockStore::from(store.clone()),
            store,
            namespace,
        })
    }

    /// What somebody is about to do here, for policies: in nobody's name, for no reason.
    pub(crate) fn intends(&self, verb: Verb) -> Intent<'_> {
        Intent {
            verb,
            caller: &self.caller,
            store: &self.store,
            identity: None,
            reason: None,
            dry_run: DryRun::None,
        }
    }

    /// Lets the Events arrive that are on their way, for a moment: a command is not kept from
    /// ending by what it says of itself.
    pub(crate) async fn settle(&self) {
        let _ = timeout(LEAVING_EVENTS, self.recorder.settled()).await;
    }

    /// [`Session::settle`], after which this process ends by the signal of whoever leaves meanwhile:
    /// what was done is told, and a shell's loop is to end.
    pub(crate) async fn settle_unless_left(&self) {
        let _ = signals::or_soon(self.settle()).await;
    }
}
