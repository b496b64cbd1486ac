//! A job that many machines start at the same time, and one of them does.
//!
//! The one that gets the lock leaves it held when the job is done, so that a machine whose clock
//! is a little behind does not do the job a second time.
//!
//! ```sh
//! cargo run -p lease-client --example cron
//! ```

use std::error::Error;
use std::time::Duration;

use lease_client::{AcquireError, ConnectOptions, LeaseStore, Lock, connect};
use lease_core::Timing;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cluster = connect(&ConnectOptions::default()).await?;
    let lock = Lock::new(
        LeaseStore::new(cluster.requests),
        cluster.namespace,
        "example-nightly",
    )
    // Shorter than the time between two runs, longer than clocks differ.
    .timing(Timing::new(
        Duration::from_secs(30),
        Duration::from_secs(20),
        Duration::from_secs(2),
    )?)
    .unattended();
    let guard = match lock.try_acquire().await {
        Ok(guard) => guard,
        Err(AcquireError::Contended) => {
            println!("another machine does it");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    tokio::select! {
        () = job() => println!("done by {}", guard.identity().as_str()),
        loss = guard.lost() => return Err(format!("lost the lock half-way: {loss:?}").into()),
    }
    guard.leave().await;
    Ok(())
}

async fn job() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}
