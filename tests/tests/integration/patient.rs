//! A holder hands its work to one named successor, while others hammer at the lock.

use std::time::Duration;

use lease_client::LeaseStore;
use lease_tests::{ApiServer, Contenders, Kind, Mark, Namespace, Process, What, Witness};

use crate::lock::LIMIT;
use crate::waiter::{LOCK, queue, until};

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

async fn hammers_are_in(witness: &Witness, times: usize) {
    until("the hammers are in", async || {
        witness.ended([Kind::ClientGo.name()]) >= [times]
    })
    .await;
}

/// Those who hand the lock on, as `patient-0`, `patient-1` and so on, each from one shell command.
struct Patient<'a> {
    namespace: &'a Namespace<'a>,
    store: LeaseStore,
    witness: &'a Witness,
}

impl<'a> Patient<'a> {
    async fn begin(namespace: &'a Namespace<'a>, witness: &'a Witness) -> Self {
        let patient = Self {
            namespace,
            store: namespace.admin().store().await,
            witness,
        };
        patient.acquire(0).wait(LIMIT);
        patient
    }

    fn acquire(&self, number: usize) -> Process {
        let mut command = self.namespace.admin().plugin_command();
        Process::start(command.args(["acquire", LOCK, "--identity", &name(number)]))
    }

    /// The holder works until its successor waits, and gives the lock back then.
    async fn hand_on(&self, number: usize, how: &[&str]) {
        let (holder, successor) = (name(number), name(number + 1));
        let mut next = self.acquire(number + 1);
        let work = until("the successor waits", async || {
            let tickets = queue(self.namespace, &self.store).await;
            tickets.iter().any(|ticket| ticket.holder == successor)
        });
        self.witness.section(KIND, &holder, work).await;
        let mut command = self.namespace.admin().plugin_command();
        command.args(["release", LOCK, "--identity", &holder]);
        lease_tests::Output::of(command.args(how)).success();
        let status = next.wait(LIMIT);
        assert!(status.success(), "{status}: {}", next.stderr());
    }

    /// How often the lock went from one of them to the next, and how often to others.
    fn handed_on(&self) -> (usize, usize) {
        let marks = self.witness.marks();
        let pairs = marks.iter().zip(marks.iter().skip(1));
        let from_patient = |(ended, next): &(&Mark, &Mark)| {
            (ended.what, ended.kind.as_str(), next.what) == (What::Ended, KIND, What::Began)
        };
        let (reached, barged): (Vec<_>, Vec<_>) = pairs
            .filter(from_patient)
            .partition(|(_, next)| next.kind == KIND);
        (reached.len(), barged.len())
    }
}

fn name(number: usize) -> String {
    format!("{KIND}-{number}")
}

#[tokio::test]
async fn a_named_successor_is_reached_every_time() {
    let namespace = ApiServer::shared().namespace("patient");
    let witness = Witness::new();
    let _hammers = hammer(&namespace, &witness);
    hammers_are_in(&witness, 10).await;
    let patient = Patient::begin(&namespace, &witness).await;

    let before = witness.ended([Kind::ClientGo.name()]);
    for number in 0..TIMES {
        patient.hand_on(number, &["--to", &name(number + 1)]).await;
    }
    // Nobody got in between.
    assert_eq!(witness.ended([Kind::ClientGo.name()]), before);
    let last = name(TIMES);
    witness.section(KIND, &last, async {}).await;
    assert_eq!(patient.handed_on(), (TIMES, 0));
    // They did all they could, until now.
    let open = ["release", LOCK, "--identity", &last, "--open"];
    namespace.admin().plugin(open).success();
    hammers_are_in(&witness, before[0] + 10).await;
    assert_eq!(witness.overlap(), None);
}

/// The same, but for how the lock is given back: there are others who get in before the one that
/// waits.
#[tokio::test]
async fn an_open_release_lets_others_barge_in() {
    let namespace = ApiServer::shared().namespace("patient");
    let witness = Witness::new();
    let _hammers = hammer(&namespace, &witness);
    hammers_are_in(&witness, 10).await;
    let patient = Patient::begin(&namespace, &witness).await;

    for number in 0..OPENED {
        patient.hand_on(number, &["--open"]).await;
    }
    let (_, barged) = patient.handed_on();
    println!("{barged} of {OPENED} times somebody barged in");
    assert!(barged > 0);
    assert_eq!(witness.overlap(), None);
}
