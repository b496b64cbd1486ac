//! A clock of our own that is off: in truth the server's is, as far as this machine can tell.

use std::process::Command;

use lease_tests::{ApiServer, Fate, FaultProxy};
use serde_json::json;

use super::world::{findings, lock};

#[test]
fn a_clock_of_this_machine_that_is_off_is_told_once() {
    let server = ApiServer::start();
    let namespace = server.namespace("doctor");
    for name in ["one", "two", "three"] {
        lock(namespace.admin(), name, "alice@desk", 3600, 1);
    }
    for (earlier, side) in [(300, "ahead of"), (-300, "behind")] {
        let proxy = FaultProxy::before(&server, move |_| Fate::Earlier(earlier));
        let client = proxy.client(namespace.admin());
        for args in [&["-A"][..], &["one"]] {
            let found = findings(&client, args);
            assert_eq!(found.len(), 1, "{found:#?}");
            assert_eq!(found[0]["code"], "SKEW");
            assert_eq!(found[0]["locks"], json!([]));
            let message = found[0]["message"].as_str().unwrap();
            assert!(message.contains(side), "{message}");
            let words = shlex::split(found[0]["next"].as_str().unwrap()).unwrap();
            let shown = Command::new(&words[0]).args(&words[1..]).output().unwrap();
            assert!(shown.status.success(), "{shown:?}");
        }
        let shown = client.plugin(["doctor", "one"]).stdout;
        assert!(shown.starts_with("warning SKEW  this machine\n"), "{shown}");
    }
    let proxy = FaultProxy::before(&server, |_| Fate::Earlier(20));
    let client = proxy.client(namespace.admin());
    let found = findings(&client, &["-A"]);
    assert!(found.is_empty(), "{found:#?}");
}
