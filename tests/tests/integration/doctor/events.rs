//! What Events tell.

use lease_tests::ApiServer;
use serde_json::json;

use super::world::{lock, only, silent, time, type_next};

#[test]
fn a_lock_that_the_same_two_take_from_each_other_flaps() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    for name in ["flapping", "rolled"] {
        lock(client, name, "a_6", 600, 1);
    }
    // As client-go's recorder writes them.
    let event = |lock: &str, number: i64, leader: &str| {
        client.create(&json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": format!("{lock}.{number}"), "namespace": namespace.name()},
            "involvedObject": {
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "name": lock,
                "namespace": namespace.name(),
            },
            "reason": "LeaderElection", "type": "Normal", "count": 1,
            "message": format!("{leader} became leader"),
            "source": {"component": "web"},
            "firstTimestamp": time(60 * number), "lastTimestamp": time(60 * number),
        }));
    };
    for (number, leader) in (1..).zip(["a_6", "b_5", "a_4", "b_3", "a_2", "b_1"]) {
        event("flapping", number, leader);
    }
    for (number, leader) in (1..).zip(["a_6", "b_5", "c_4", "d_3", "e_2", "f_1"]) {
        event("rolled", number, leader);
    }
    silent(client, "rolled");
    let finding = only(client, "flapping", "FLAPPING");
    let told = type_next(client, &finding).success().stdout;
    assert!(told.contains("b_5 became leader"), "{told}");
}
