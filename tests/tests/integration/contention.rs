//! One lock for all: client-go, leaselocker and ours, before a witness.

use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Contenders, Kind, Namespace, What, Witness};

use crate::lock::until;
use crate::waiter::LOCK;

/// How often each kind has to get the lock at least.
const TIMES: usize = 100;
/// Asks for more than [`TIMES`].
const TIMES_VARIABLE: &str = "LEASE_CONTENTION";
/// How long a hundred may take.
const LIMIT: Duration = Duration::from_secs(100);

const HOLD: Duration = Duration::from_millis(10);
const DURATION: Duration = Duration::from_secs(6);
const DEADLINE: Duration = Duration::from_secs(4);
const RETRY: Duration = Duration::from_millis(100);

fn times() -> usize {
    let asked = std::env::var(TIMES_VARIABLE).ok();
    asked.map_or(TIMES, |times| times.parse().expect(TIMES_VARIABLE))
}

/// Those that can leave the lock alone for a while, so that leaselocker gets in: it retries every
/// 2 to 4.4 s, whatever it is told.
fn contenders(namespace: &Namespace<'_>, witness: &Witness) -> Vec<Contenders> {
    let contenders = |kind| namespace.contenders(kind, LOCK, witness).hold(HOLD);
    let timed = |kind| contenders(kind).timing(DURATION, DEADLINE, RETRY);
    vec![
        timed(Kind::ClientGo).many(5).pause(RETRY).start(),
        contenders(Kind::Leaselocker).many(30).start(),
        timed(Kind::Library).many(2).pause(3 * RETRY).start(),
        timed(Kind::Run).many(2).pause(3 * RETRY).start(),
    ]
}

/// Until each of these kinds has had the lock so often.
fn contend<const N: usize>(witness: &Witness, contenders: &mut [Contenders], kinds: [Kind; N]) {
    let times = times();
    let limit = LIMIT * u32::try_from(times.div_ceil(TIMES)).unwrap();
    let started = Instant::now();
    loop {
        let ended = witness.ended(kinds.map(Kind::name));
        if ended.iter().all(|&ended| ended >= times) {
            println!("{ended:?} of {kinds:?} in {:?}", started.elapsed());
            break;
        }
        assert!(started.elapsed() < limit, "{ended:?} of {kinds:?}");
        contenders.iter_mut().for_each(Contenders::assert_running);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn everybody_shares_a_lock() {
    let namespace = ApiServer::shared().namespace("contention");
    let witness = Witness::new();
    let mut contenders = contenders(&namespace, &witness);
    let kinds = [Kind::ClientGo, Kind::Leaselocker, Kind::Library, Kind::Run];

    contend(&witness, &mut contenders, kinds);

    drop(contenders);
    assert_eq!(witness.overlap(), None);
}

#[test]
fn the_witness_sees_who_does_not_share_the_lock() {
    let namespace = ApiServer::shared().namespace("contention");
    let witness = Witness::new();
    let hold = Duration::from_millis(200);
    let contender = |kind: Kind| namespace.contenders(kind, kind.name(), &witness).hold(hold);
    let _contenders = [
        contender(Kind::ClientGo)
            .timing(DURATION, DEADLINE, RETRY)
            .start(),
        contender(Kind::Leaselocker).start(),
    ];
    for kind in [Kind::ClientGo, Kind::Leaselocker] {
        until("each sees the other", || {
            let mut marks = witness.marks().into_iter();
            marks.any(|mark| mark.what == What::Overlap && mark.kind == kind.name())
        });
    }
    assert!(witness.overlap().is_some());
}
