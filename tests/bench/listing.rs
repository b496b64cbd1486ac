//! How long lists take, of one lease and of many.

use std::path::Path;
use std::time::Instant;

use http::Request;
use lease_tests::Client;
use tokio::runtime::Runtime;

use crate::cluster;
use crate::programs::{Goal, Table};
use crate::sample::{Run, Sample, interleaved, program};

/// The most memory that a list of ten thousand may take, in bytes.
const MOST_MEMORY: u64 = 48_000_000;

/// One lease by its name, among many.
pub(crate) fn one(admin: &Client, plugin: &Path) -> Table {
    let rows = interleaved(
        15,
        vec![
            (
                Sample::new("`kubectl-lease ls lock-00042`"),
                Box::new(|| {
                    let mut command = admin.command(plugin);
                    command.args(["ls", "lock-00042"]);
                    program(admin, &command)
                }),
            ),
            (
                Sample::new("`kubectl get lease lock-00042`"),
                Box::new(|| {
                    let mut command = admin.kubectl_command();
                    command.args(["get", "lease", "lock-00042"]);
                    program(admin, &command)
                }),
            ),
        ],
    );
    Table {
        title: "One lease, whole process".to_owned(),
        rows,
        goals: vec![Goal {
            beside: 1,
            factor: 0.5,
        }],
        most_memory: None,
    }
}

/// All leases of all namespaces, of which there are so many.
pub(crate) fn all(runtime: &Runtime, admin: &Client, plugin: &Path, count: usize) -> Table {
    let client = runtime.block_on(cluster::client(admin.kubeconfig()));
    let is_large = count > crate::MANY;
    let rows = interleaved(
        if is_large { 3 } else { 7 },
        vec![
            (
                Sample::new("`kubectl-lease ls -A`"),
                Box::new(|| {
                    let mut command = admin.command(plugin);
                    command.args(["ls", "-A"]);
                    program(admin, &command)
                }),
            ),
            (
                Sample::new("a bare GET of the list, gzip, connection open"),
                Box::new(|| {
                    let request = Request::get("/apis/coordination.k8s.io/v1/leases");
                    let request = request.body(Vec::new()).unwrap();
                    let start = Instant::now();
                    runtime.block_on(client.request_text(request)).unwrap();
                    Run {
                        wall: start.elapsed(),
                        peak: 0,
                    }
                }),
            ),
            (
                Sample::new("`kubectl get leases -A`"),
                Box::new(|| {
                    let mut command = admin.kubectl_command();
                    command.args(["get", "leases", "-A"]);
                    program(admin, &command)
                }),
            ),
        ],
    );
    Table {
        title: format!("{count} leases, whole process"),
        rows,
        goals: vec![
            Goal {
                beside: 1,
                factor: 1.5,
            },
            Goal {
                beside: 2,
                factor: 0.2,
            },
        ],
        most_memory: (!is_large).then_some(MOST_MEMORY),
    }
}
