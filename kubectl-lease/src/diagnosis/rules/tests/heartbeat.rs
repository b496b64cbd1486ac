//! Heartbeats of nodes and API servers.

use super::*;

#[test]
fn an_api_server_stalls_only_where_its_machine_is_still_there() {
    let identity = |host: &str, renewed| {
        changed(
            named(lock(renewed), "kube-system", "apiserver-x", "apiserver-x_1"),
            |lock| {
                lock["metadata"]["labels"] = json!({
                    "apiserver.kubernetes.io/identity": "kube-apiserver",
                    "kubernetes.io/hostname": host,
                });
                lock["spec"]["leaseDurationSeconds"] = 3600.into();
            },
        )
    };
    only(
        &cluster(&identity("worker-1", 2 * MINUTE)),
        Code::IdentityStall,
    );
    silent(&cluster(&identity("worker-1", 50)));
    silent(&cluster(&identity("replaced", 2 * MINUTE)));
    let down = |facts: &mut Facts| {
        facts.nodes.as_mut().unwrap()[0] = node("worker-1", Ready::Unknown, MINUTE);
    };
    only(
        &with(&identity("worker-1", 2 * MINUTE), down),
        Code::HolderNodeDown,
    );
}

#[test]
fn a_heartbeat_without_its_node_is_an_orphan() {
    let heartbeat = |name, renewed| named(lock(renewed), "kube-node-lease", name, name);
    only(
        &cluster(&heartbeat("removed", 10 * MINUTE)),
        Code::NodeLeaseOrphan,
    );
    only(&cluster(&heartbeat("worker-1", 10 * MINUTE)), Code::Expired);
    silent(&cluster(&heartbeat("removed", 2 * MINUTE)));
    let blind = with(&heartbeat("removed", 10 * MINUTE), |facts| {
        facts.nodes = None;
    });
    only(&blind, Code::Expired);
}

#[test]
fn a_heartbeat_that_is_renewed_without_a_node_is_told() {
    let made = |name: &str, created: i64, owned: bool| {
        changed(named(lock(3), "kube-node-lease", name, name), |lock| {
            lock["metadata"]["creationTimestamp"] = micro_time::format_seconds(ago(created)).into();
            if owned {
                lock["metadata"]["ownerReferences"] =
                    json!([{"apiVersion": "v1", "kind": "Node", "name": name, "uid": "n"}]);
            }
        })
    };
    only(
        &cluster(&made("removed", HOUR, false)),
        Code::RenewingWithoutNode,
    );
    silent(&cluster(&made("worker-1", HOUR, false)));
    silent(&cluster(&made("removed", 5, false)));
    // The garbage collector removes it.
    silent(&cluster(&made("removed", HOUR, true)));
    silent(&with(&made("removed", HOUR, false), |facts| {
        facts.nodes = None;
    }));
}
