//! Holders that may not renew what they hold.

use lease_tests::{ApiServer, Client, Namespace};
use serde_json::{Value, json};

use super::world::{
    HOUR, MINUTE, UUID, findings, lock, only, pod_status, running, said, silent, type_next,
};
use crate::lock::{LIMIT, state, until};
use crate::rights::Role;

/// A pod that acts as this service account, and has run for hours.
pub(super) fn pod_of(client: &Client, name: &str, account: &str) {
    client.create(&json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "nodeName": "nowhere", "serviceAccountName": account,
            "automountServiceAccountToken": false,
            "containers": [{"name": "main", "image": "registry.invalid/main:1"}],
        },
    }));
    pod_status(client, name, &running(5 * HOUR));
}

/// A client that acts as a service account.
pub(super) fn as_account(client: &Client, name: &str) -> Client {
    let token = client.kubectl(["create", "token", name]).success().stdout;
    client.changed(|config| {
        for user in config["users"].as_array_mut().unwrap() {
            user["user"] = json!({"token": token.trim()});
        }
    })
}

/// Makes a service account.
fn account(namespace: &Namespace<'_>, name: &str) -> Value {
    let create = ["create", "serviceaccount", name];
    namespace.admin().kubectl(create).success();
    json!({"kind": "ServiceAccount", "name": name, "namespace": namespace.name()})
}

/// A real elector as a service account that loses its role while it leads.
#[test]
fn an_elector_that_lost_its_rights_is_told_with_what_it_lacks() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let robot = account(&namespace, "robot");
    Role::new(&["get", "create", "update"], &[]).bind_to(&namespace, &robot);
    pod_of(client, "boss-7c5d8f9b6d-x2k9p", "robot");
    let as_robot = as_account(client, "robot");
    let identity = format!("boss-7c5d8f9b6d-x2k9p_{UUID}");
    let elector = lease_tests::ElectorBuilder::new(&as_robot, namespace.name(), "lead", &identity);
    let mut elector = elector.timing(4, 3, 1).start();
    elector.wait_for("started", LIMIT);
    silent(client, "lead");

    client.kubectl(["delete", "rolebinding", "--all"]).success();

    until("it is told", || {
        client.plugin(["doctor", "lead"]).stdout.contains("RBAC")
    });
    let finding = only(client, "lead", "RBAC");
    let user = format!("system:serviceaccount:{}:robot", namespace.name());
    assert!(
        finding["next"].as_str().unwrap().ends_with(&user),
        "{finding:#}"
    );
    let answer = type_next(client, &finding);
    assert!(answer.stdout.starts_with("no"), "{answer:?}");

    // A role that gives it back in part is not enough; one for this name alone is.
    Role::new(&["get"], &[]).bind_to(&namespace, &robot);
    until("the role is known", || {
        let can_i = ["auth", "can-i", "get", "leases", "--as", &user];
        client.kubectl(can_i).stdout == "yes\n"
    });
    let finding = only(client, "lead", "RBAC");
    assert!(
        finding["message"]
            .as_str()
            .unwrap()
            .contains("may not update"),
        "{finding:#}"
    );
    Role::new(&["patch"], &["lead"]).bind_to(&namespace, &robot);
    until("the role is known", || {
        let can_i = ["auth", "can-i", "patch", "leases/lead", "--as", &user];
        client.kubectl(can_i).stdout == "yes\n"
    });
    until("its lease is over", || state(client, "lead") == "expired");
    only(client, "lead", "ZOMBIE");
}

/// The pod that held it was replaced in an upgrade, with another service account.
#[test]
fn the_next_pod_that_may_not_take_it_is_told_before_the_one_that_is_gone() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let next = account(&namespace, "next");
    pod_of(client, "upgraded-6d7c5d8f9b-bbbbb", "next");
    lock(
        client,
        "op",
        &format!("upgraded-7c5d8f9b6d-x2k9p_{UUID}"),
        15,
        5 * MINUTE,
    );
    let finding = only(client, "op", "RBAC");
    assert_eq!(finding["cause"]["kind"], "ServiceAccount");

    Role::new(&["get", "update"], &[]).bind_to(&namespace, &next);
    until("the role is known", || {
        !client.plugin(["doctor", "op"]).stdout.contains("RBAC")
    });
    only(client, "op", "HOLDER_GONE");
}

#[test]
fn whoever_may_not_ask_is_told_what_that_would_tell() {
    let namespace = ApiServer::shared().namespace("doctor");
    let admin = namespace.admin();
    account(&namespace, "robot");
    pod_of(admin, "keeper-6f8d7c9b5-wq4xn", "robot");
    lock(
        admin,
        "op",
        &format!("keeper-6f8d7c9b5-wq4xn_{UUID}"),
        15,
        5 * MINUTE,
    );
    assert_eq!(findings(admin, &["op"])[0]["code"], "RBAC");
    let alice = namespace.client("alice");
    let rules = [("view", "get,list", "leases"), ("pods", "list", "pods")];
    for (role, verbs, resource) in rules {
        let verb = format!("--verb={verbs}");
        let resource = format!("--resource={resource}");
        admin
            .kubectl(["create", "role", role, &verb, &resource])
            .success();
        let role = format!("--role={role}");
        let bind = ["create", "rolebinding", &role[7..], &role, "--user=alice"];
        admin.kubectl(bind).success();
    }
    until("the roles are known", || {
        let can_i = ["auth", "can-i", "list", "pods"];
        alice.kubectl(can_i).stdout == "yes\n"
    });
    let output = alice.plugin(["doctor", "op", "-o", "json"]);
    let said = said(&output);
    let unread = said["unread"].as_array().unwrap();
    let right = "create subjectaccessreviews.authorization.k8s.io";
    assert!(
        unread.iter().any(|unread| unread["right"] == right),
        "{said:#}"
    );
    assert_ne!(said["findings"][0]["code"], "RBAC", "{said:#}");
    let answer = alice.kubectl(["auth", "can-i"].into_iter().chain(right.split(' ')));
    assert!(answer.stdout.starts_with("no"), "{answer:?}");
}
