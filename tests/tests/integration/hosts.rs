//! The component in Python and Node, beside the native crate, kubectl and client-go.

use std::process::Command;
use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Contenders, Kind, Namespace, Output, What, Witness, hosts};

use crate::lock::until;
use crate::waiter::LOCK;

/// How often each kind has to get the lock at least.
const TIMES: usize = 50;
const LIMIT: Duration = Duration::from_secs(100);

const HOLD: Duration = Duration::from_millis(10);
const DURATION: Duration = Duration::from_secs(6);
const DEADLINE: Duration = Duration::from_secs(4);
const RETRY: Duration = Duration::from_millis(100);

fn one(namespace: &Namespace<'_>, kind: Kind, witness: &Witness) -> Contenders {
    let one = namespace.contenders(kind, LOCK, witness).hold(HOLD);
    let one = one.timing(DURATION, DEADLINE, RETRY);
    // Those that can leave the lock alone for a while, so that client-go gets in.
    one.pause(if kind == Kind::ClientGo {
        RETRY
    } else {
        3 * RETRY
    })
    .start()
}

#[test]
fn all_hosts_share_a_lock_with_kubectl_and_client_go() {
    let namespace = ApiServer::shared().namespace("hosts");
    let witness = Witness::new();
    let kinds = [Kind::Python, Kind::Node, Kind::Run, Kind::ClientGo];
    let mut contenders = kinds.map(|kind| one(&namespace, kind, &witness));
    let started = Instant::now();
    loop {
        let ended = witness.ended(kinds.map(Kind::name));
        if ended.iter().all(|&ended| ended >= TIMES) {
            println!("{ended:?} of {kinds:?} in {:?}", started.elapsed());
            break;
        }
        assert!(started.elapsed() < LIMIT, "{ended:?} of {kinds:?}");
        contenders.iter_mut().for_each(Contenders::assert_running);
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(contenders);
    assert_eq!(witness.overlap(), None);
}

/// A host that is killed while it holds the lock keeps it no longer than its lease, and does not stop
/// the others.
#[test]
fn a_host_that_is_killed_lets_the_others_go_on() {
    for (killed, other) in [(Kind::Python, Kind::Node), (Kind::Node, Kind::Python)] {
        let namespace = ApiServer::shared().namespace("hosts");
        let witness = Witness::new();
        let victim = namespace.contenders(killed, LOCK, &witness);
        let victim = victim.hold(Duration::from_secs(600));
        let mut victim = victim.timing(DURATION, DEADLINE, RETRY).start();
        let has_begun = |kind: Kind| {
            let mut marks = witness.marks().into_iter();
            marks.any(|mark| mark.kind == kind.name() && mark.what == What::Began)
        };
        until("the victim holds the lock", || has_begun(killed));
        let mut others = [other, Kind::Run].map(|kind| one(&namespace, kind, &witness));
        victim.processes()[0].kill();
        // It cannot say that its section is over.
        std::fs::remove_file(witness.folder().join("inside")).unwrap();
        until("the others take turns", || {
            let ended = witness.ended([other, Kind::Run].map(Kind::name));
            ended.iter().all(|&ended| ended >= 3)
        });
        others.iter_mut().for_each(Contenders::assert_running);
        let marks = witness.marks();
        assert!(
            !marks.iter().any(|mark| mark.what == What::Overlap),
            "{marks:?}"
        );
    }
}

/// The decisions that are kept, and lives of contenders that are made up anew.
fn cases(folder: &tempfile::TempDir) -> [std::path::PathBuf; 2] {
    let lives = folder.path().join("histories");
    let lines: Vec<_> = lease_conformance::histories(7, 400)
        .iter()
        .map(ToString::to_string)
        .collect();
    std::fs::write(&lives, lines.join("\n") + "\n").unwrap();
    [hosts::source("plugins/conformance/decisions.json"), lives]
}

#[test]
fn python_says_what_the_native_crate_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(hosts::interpreter());
    command.arg(hosts::source("plugins/hosts/python/conformance.py"));
    Output::of(command.arg(hosts::component()).args(cases(&folder))).success();
}

#[test]
fn node_says_what_the_native_crate_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(hosts::source("plugins/hosts/node/conformance.js"));
    Output::of(command.args(cases(&folder))).success();
}

/// Each program of the page is typed as it stands there, in an empty folder.
#[test]
fn the_page_works_in_an_empty_folder() {
    let server = ApiServer::shared();
    let page = std::fs::read_to_string(hosts::source("docs/embedding.md")).unwrap();
    let blocks: Vec<&str> = page
        .split("```bash\n")
        .skip(1)
        .map(|rest| rest.split_once("\n```").unwrap().0)
        .collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-euc", block])
            .current_dir(folder.path())
            .env("LEASE", hosts::source("").canonicalize().unwrap())
            .env("KUBECONFIG", server.admin().kubeconfig())
            .env("PATH", hosts::path_with_kubectl());
        let said = Output::of(&mut command).success().stdout;
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 3, "{said}");
        assert!(lines[2].starts_with("working on 2 with token "), "{said}");
        let holder = [
            "get",
            "lease",
            "-n",
            "default",
            "nightly",
            "-o",
            "jsonpath={.spec.holderIdentity}",
        ];
        assert_eq!(server.kubectl(holder).success().stdout, "");
    }
}
