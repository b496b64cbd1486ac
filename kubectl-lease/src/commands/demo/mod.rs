mod tour;

use std::io::{self, IsTerminal, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use lease_sandbox::{Clock, Cluster, Population, Server, kubeconfig, populate, serve};
use tempfile::TempDir;

use crate::ending;
use crate::failure::Failure;
use crate::invocation;
use crate::policy;
use crate::ui::Ui;

/// The lock that the guided steal is about.
const STUCK: (&str, &str) = ("payments", "billing-batch");
/// How old the cluster looks: older than all that is in it.
const CLUSTER_AGE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Play with a small living cluster of locks, no cluster needed
///
/// Starts an API server in this process with some fifteen locks that live: elections that renew,
/// a crash, clocks that are wrong, a lock that Terraform left. On a terminal it shows them in the
/// live table, where the one that is stuck can be stolen; on a pipe it plays that as a tour.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Look around in a cluster of locks, and steal the one that is stuck
  kubectl lease demo")]
pub(crate) struct Args {
    /// Keep the cluster up and print the KUBECONFIG to use from another shell, with kubectl too
    #[arg(long)]
    serve: bool,
}

/// The cluster while it lives.
struct Demo {
    kubeconfig: PathBuf,
    _folder: TempDir,
    _population: Population,
    server: Server,
}

pub(crate) async fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { serve } = args;
    // What is played here is no cluster of anybody's. Where it is served, those who type from
    // another shell have their policies.
    policy::leave_aside();
    let demo = start().await.map_err(|error| {
        Failure::error("the demo's cluster cannot start").cause(error.to_string())
    })?;
    if serve {
        keep_up(ui, &demo).await
    } else if ui.can_draw() && io::stdin().is_terminal() {
        watch(ui, &demo.kubeconfig).await
    } else {
        tour::run(ui, &demo.kubeconfig).await
    }
}

async fn start() -> io::Result<Demo> {
    let long_ago = Timestamp::now() - CLUSTER_AGE;
    let cluster = Cluster::new(Clock::manual(long_ago)).with_clock(Clock::Real);
    populate(&cluster);
    let population = Population::start(&cluster);
    let server = serve(cluster, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let folder = tempfile::Builder::new()
        .prefix("kubectl-lease-demo-")
        .tempdir()?;
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig(&server.url(), "default"))?;
    Ok(Demo {
        kubeconfig: path,
        _folder: folder,
        _population: population,
        server,
    })
}

async fn keep_up(ui: &Ui, demo: &Demo) -> Result<(), Failure> {
    ui.data(&format!(
        "export KUBECONFIG={}\n",
        demo.kubeconfig.display()
    ))?;
    ui.note(&format!(
        "A small cluster of locks lives at {} until you press ctrl-c. In another shell, paste the \
         line above, then try:",
        demo.server.url()
    ));
    ui.note("");
    let (namespace, name) = STUCK;
    for line in [
        "ls -A".to_owned(),
        format!("describe {name} -n {namespace}"),
        format!("steal {name} -n {namespace}"),
    ] {
        ui.note(&format!("    {} {line}", *invocation::NAME));
    }
    ui.note("    kubectl get leases -A");
    // Whoever reads the first line from a pipe must get it before anything else happens.
    io::stdout().flush()?;
    ending::asked_for().await;
    Ok(())
}

/// Shows the locks in the live table.
async fn watch(ui: &Ui, kubeconfig: &std::path::Path) -> Result<(), Failure> {
    let line = ["watch", "-A", "--allow-changes", "--kubeconfig"].map(Into::into);
    let line = line.into_iter().chain([kubeconfig.as_os_str().to_owned()]);
    // Boxed, as below.
    Box::pin(crate::cli::run_line(ui, line)).await
}

/// Says what a user would type, and runs it against the demo's cluster.
async fn type_command(ui: &Ui, kubeconfig: &std::path::Path, line: &str) -> Result<(), Failure> {
    ui.data(&format!("$ {} {line}\n", *invocation::NAME))?;
    let arguments = line.split(' ').map(Into::into);
    let to_here = ["--kubeconfig".into(), kubeconfig.as_os_str().to_owned()];
    // Boxed, since this command line could be the demo's own again.
    Box::pin(crate::cli::run_line(ui, arguments.chain(to_here))).await
}
