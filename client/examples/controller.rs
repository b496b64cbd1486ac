//! A controller of which one replica works at a time.
//!
//! Start it twice, against any cluster (`kubectl lease demo` offers one), and end the one that
//! works: the other one takes over at once.
//!
//! ```sh
//! cargo run -p lease-client --example controller
//! ```

use std::error::Error;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, ObjectMeta, PostParams};
use lease_client::{ConnectOptions, Held, LeaseStore, Lock, RunError, ThisMachine, connect};
use tokio::time::sleep;

/// How long one write may take. It is refused when the lock may be lost before that.
const WRITE: Duration = Duration::from_secs(3);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cluster = connect(&ConnectOptions::default()).await?;
    let lock = Lock::new(
        LeaseStore::new(cluster.requests),
        cluster.namespace,
        "example-controller",
    );
    let client = kube::Client::try_default().await?;
    let stop = tokio::signal::ctrl_c();
    tokio::select! {
        result = lead_again_and_again(&lock, &client) => result?,
        // Dropping the work gives the lock back in the background.
        result = stop => result?,
    }
    // Time for that.
    sleep(Duration::from_millis(500)).await;
    Ok(())
}

async fn lead_again_and_again(lock: &Lock, client: &kube::Client) -> Result<(), RunError> {
    loop {
        match lock.run(|held| reconcile(held, client)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => println!("the work failed: {error}"),
            Err(RunError::Lost(loss)) => println!("lost the lock: {loss:?}"),
            Err(RunError::ReleaseAsked) => println!("somebody asked for the lock"),
            Err(error @ RunError::NotAcquired(_)) => return Err(error),
        }
    }
}

/// The work: it keeps a lease that says who worked last. It is dropped when the lock is lost, and
/// a write that is late is refused.
async fn reconcile(held: Held<ThisMachine>, client: &kube::Client) -> Result<(), kube::Error> {
    println!(
        "{} works, token {:?}",
        held.identity().as_str(),
        held.token()
    );
    let leases: Api<Lease> = Api::namespaced(held.client(client.clone(), WRITE), held.namespace());
    let name = "example-controller-report";
    loop {
        if let Some(mut report) = leases.get_opt(name).await? {
            let annotations = report.metadata.annotations.get_or_insert_default();
            annotations.insert("example.com/by".into(), held.identity().as_str().into());
            leases
                .replace(name, &PostParams::default(), &report)
                .await?;
        } else {
            let metadata = ObjectMeta {
                name: Some(name.into()),
                ..ObjectMeta::default()
            };
            let report = Lease {
                metadata,
                ..Lease::default()
            };
            leases.create(&PostParams::default(), &report).await?;
        }
        sleep(Duration::from_secs(1)).await;
    }
}
