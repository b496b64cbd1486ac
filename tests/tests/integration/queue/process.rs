//! Waiters that are processes of their own.

use lease_client::LeaseStore;
use lease_tests::{Namespace, Process};

use crate::waiter::{LOCK, queue};

/// A waiter in this name, which says so when it has the lock, and keeps it until it is ended. Its
/// lease is of 6 s.
pub(super) fn wait_as(namespace: &Namespace<'_>, name: &str) -> Process {
    let mut command = namespace.admin().plugin_command();
    command.args(["run", LOCK, "--identity", name, "--duration", "6s"]);
    command.args(["--renew-deadline", "4s", "--retry-period", "1s", "--"]);
    Process::start(command.args(["sh", "-c", "echo held; exec sleep 60"]))
}

/// Whether it has a place in line.
pub(super) async fn stands_in(namespace: &Namespace<'_>, store: &LeaseStore, name: &str) -> bool {
    let tickets = queue(namespace, store).await;
    tickets.iter().any(|ticket| ticket.holder == name)
}
