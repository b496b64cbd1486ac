//! A holder hands its work to one named successor, while others hammer at the lock.

use std::time::Duration;

use lease_client::{Attempt, Guard, Lock, ThisMachine};
use lease_core::Succession;
use lease_tests::{ApiServer, Contenders, Kind, Mark, Namespace, What, Witness};

use crate::lock::LIMIT;
use crate::waiter::{LOCK, acquired, lock, queued, until};

const KIND: &str = "patient";
/// How often the work is handed on.
const TIMES: usize = 200;
/// How often the lock is opened for whoever comes.
const OPENED: usize = 50;

/// Ten that try fifty times a second each at most, take what they get, and are out again at once.
fn hammer(namespace: &Namespace<'_>, witness: &Witness) -> Contenders {
    namespace
        .contenders(Kind::ClientGo, LOCK, witness)
        .many(10)
        .timing(
            Duration::from_secs(6),
            Duration::from_secs(4),
            Duration::from_millis(20),
        )
        .start()
}

/// Holds the lock until somebody waits for it, and gives it back then.
async fn round(
    lock: &Lock,
    witness: &Witness,
    guard: Guard<ThisMachine>,
    succession: impl FnOnce(&Attempt<ThisMachine>) -> Succession,
) -> Guard<ThisMachine> {
    let identity = guard.identity().as_str();
    let mut next = None;
    let section = async { next = Some(queued(lock).await) };
    witness.section(KIND, identity, section).await;
    let mut next = next.expect("nobody else is inside");
    match succession(&next) {
        Succession::To(successor) => guard.release_to(successor).await,
        Succession::Open => guard.release_open().await,
        Succession::Queue => guard.release().await,
    }
    .unwrap();
    acquired(&mut next).await
}

/// How often the lock went from a patient one to the next patient one, and how often to others.
fn handed_on(witness: &Witness) -> (usize, usize) {
    let marks = witness.marks();
    let pairs = marks.iter().zip(marks.iter().skip(1));
    let from_patient = |(ended, next): &(&Mark, &Mark)| {
        (ended.what, ended.kind.as_str(), next.what) == (What::Ended, KIND, What::Began)
    };
    let (reached, barged): (Vec<_>, Vec<_>) = pairs
        .filter(from_patient)
        .partition(|(_, next)| next.kind == KIND);
    (reached.len(), barged.len())
}

#[tokio::test]
async fn a_named_successor_is_reached_every_time() {
    let namespace = ApiServer::shared().namespace("patient");
    let witness = Witness::new();
    let _hammers = hammer(&namespace, &witness);
    hammers_are_in(&witness, 10).await;
    let lock = lock(&namespace).await.identity_prefix(KIND);

    let mut guard = lock.acquire(LIMIT).await.unwrap();
    let before = witness.ended([Kind::ClientGo.name()]);
    for _ in 0..TIMES {
        guard = round(&lock, &witness, guard, |next| {
            Succession::To(next.identity().clone())
        })
        .await;
    }
    // Nobody got in between, although they did all they could until now.
    assert_eq!(witness.ended([Kind::ClientGo.name()]), before);
    let identity = guard.identity().as_str();
    witness.section(KIND, identity, async {}).await;
    assert_eq!(handed_on(&witness), (TIMES, 0));
    guard.release_open().await.unwrap();
    hammers_are_in(&witness, before[0] + 10).await;
    assert_eq!(witness.overlap(), None);
}

/// The same, but for the release: there are others who get in before the one that waits.
#[tokio::test]
async fn an_open_release_lets_others_barge_in() {
    let namespace = ApiServer::shared().namespace("patient");
    let witness = Witness::new();
    let _hammers = hammer(&namespace, &witness);
    hammers_are_in(&witness, 10).await;
    let lock = lock(&namespace).await.identity_prefix(KIND);

    let mut guard = lock.acquire(LIMIT).await.unwrap();
    for _ in 0..OPENED {
        guard = round(&lock, &witness, guard, |_| Succession::Open).await;
    }
    let (_, barged) = handed_on(&witness);
    println!("{barged} of {OPENED} times somebody barged in");
    assert!(barged > 0);
    assert_eq!(witness.overlap(), None);
}

async fn hammers_are_in(witness: &Witness, times: usize) {
    until("the hammers are in", async || {
        witness.ended([Kind::ClientGo.name()]) >= [times]
    })
    .await;
}
