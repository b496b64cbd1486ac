//! A program that holds a lock while it runs, and tells a liveness probe how it does.
//!
//! `GET /` is answered 200 while all is well: while it waits, while it holds the lock, and while
//! it gives up a lock that was lost. It is answered 503 if the lock was lost and the program goes
//! on nevertheless, so that the kubelet restarts it.
//!
//! ```sh
//! cargo run -p lease-client --example health -- 127.0.0.1:8080
//! ```

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use lease_client::{ConnectOptions, Held, LeaseStore, Lock, ThisMachine, connect};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long the lock may have been lost before that is a fault; leaselocker's and client-go's
/// `Check` take the same.
const TOLERANCE: Duration = Duration::from_secs(20);

/// The lock, once it is acquired.
type Holder = watch::Receiver<Option<Held<ThisMachine>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    println!("http://{}", listener.local_addr()?);
    let cluster = connect(&ConnectOptions::default()).await?;
    let lock = Lock::new(
        LeaseStore::new(cluster.requests),
        cluster.namespace,
        "example-health",
    );
    let (tell, holder) = watch::channel(None);
    tokio::spawn(serve(listener, holder));
    let result = lock
        .run(async |held| {
            println!("acquired by {}", held.identity().as_str());
            tell.send_replace(Some(held));
            tokio::signal::ctrl_c().await
        })
        .await;
    println!("released");
    Ok(result??)
}

async fn serve(listener: TcpListener, holder: Holder) {
    while let Ok((stream, _)) = listener.accept().await {
        let holder = holder.clone();
        tokio::spawn(async move {
            let answer = service_fn(|_: Request<Incoming>| {
                let answer = health(&holder);
                async { Ok::<_, Infallible>(answer) }
            });
            // Whoever asked and went away needs no answer.
            let _ = auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

fn health(holder: &Holder) -> Response<String> {
    let (status, text) = match &*holder.borrow() {
        None => (StatusCode::OK, "waiting\n".to_owned()),
        Some(held) => match held.check(TOLERANCE) {
            Ok(()) => (StatusCode::OK, format!("held: {}\n", held.is_held())),
            Err(unhealthy) => (StatusCode::SERVICE_UNAVAILABLE, format!("{unhealthy}\n")),
        },
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response
}
