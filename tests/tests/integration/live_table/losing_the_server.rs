//! A server that dies, and credentials that end, while the table is open.

use std::fs;

use lease_tests::{ApiServer, Cable, Namespace};
use serde_json::json;

use super::words::{is_connected, is_reconnecting, is_refused};
use super::{open, row, stands};
use crate::credentials::with;
use crate::lock::{held, until};

#[test]
fn a_server_that_is_killed_and_comes_back_is_told_of() {
    let mut server = ApiServer::start();
    let client = server.admin().clone();
    for name in ["changed", "deleted", "kept"] {
        client.create(&held(name, "before", 600));
    }
    let mut table = open(&client, "");
    table.wait_for(|text| is_connected(text) && stands(text, "kept", "before"));

    server.kill();
    let lost = table.wait_for(is_reconnecting);
    assert!(stands(&lost, "changed", "before"), "{lost}");
    server.restart();
    table.wait_for(is_connected);

    let change = json!({"spec": {"holderIdentity": "after"}});
    client.writer().patch("default", "changed", &change);
    client.kubectl(["delete", "lease", "deleted"]).success();
    client.create(&held("created", "after", 600));
    let text = table.wait_for(|text| {
        stands(text, "changed", "after")
            && stands(text, "created", "after")
            && is_gone(text, "deleted")
    });
    assert!(stands(&text, "kept", "before"), "{text}");
}

#[test]
fn what_happens_while_the_connection_is_lost_is_caught_up_with() {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    for name in ["changed", "deleted"] {
        client.create(&held(name, "before", 600));
    }
    let mut cable = Cable::to(ApiServer::shared());
    let mut table = open(&cable.client(client), "");
    table.wait_for(|text| is_connected(text) && stands(text, "changed", "before"));

    cable.pull();
    table.wait_for(is_reconnecting);
    let change = json!({"spec": {"holderIdentity": "after"}});
    client.writer().patch(namespace.name(), "changed", &change);
    client.kubectl(["delete", "lease", "deleted"]).success();
    client.create(&held("created", "after", 600));
    cable.plug_in();
    table.wait_for(|text| {
        is_connected(text)
            && stands(text, "changed", "after")
            && stands(text, "created", "after")
            && is_gone(text, "deleted")
    });
}

/// A watch that is open stays so when its token ends; it is the next request that is refused.
#[test]
fn credentials_that_end_are_told_of_and_new_ones_are_found() {
    let namespace = ApiServer::shared().namespace("table");
    let admin = namespace.admin();
    admin.create(&held("door", "before", 600));
    let [first, second] = tokens(&namespace);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, &first).unwrap();

    let mut cable = Cable::to(ApiServer::shared());
    let by_file = with(&cable.client(admin), &json!({ "tokenFile": file }));
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "TOKEN"},
    });
    let plugin = format!(
        "printf '%s' '{credential}' | sed \"s/TOKEN/$(cat {})/\"",
        file.display()
    );
    let by_plugin = with(
        &cable.client(admin),
        &json!({"exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": ["-c", plugin],
            "command": "sh",
            "interactiveMode": "Never",
        }}),
    );
    let mut tables = [&by_file, &by_plugin].map(|client| open(client, ""));
    for table in &mut tables {
        table.wait_for(|text| is_connected(text) && stands(text, "door", "before"));
    }

    admin.kubectl(["delete", "secret", "first"]).success();
    until("the token is refused", || {
        by_file
            .kubectl(["get", "leases"])
            .stderr
            .contains("Unauthorized")
    });
    cable.pull();
    cable.plug_in();
    for table in &mut tables {
        let text = table.wait_for(is_refused);
        assert!(stands(&text, "door", "before"), "{text}");
    }

    fs::write(&file, &second).unwrap();
    let change = json!({"spec": {"holderIdentity": "after"}});
    admin.writer().patch(namespace.name(), "door", &change);
    for table in &mut tables {
        table.wait_for(|text| is_connected(text) && stands(text, "door", "after"));
    }
}

/// Deleted locks linger for a while, and are told to be deleted.
fn is_gone(text: &str, name: &str) -> bool {
    row(text, name).is_none_or(|row| row.contains("deleted"))
}

/// Two tokens of somebody who may look at leases. The first one ends with the secret `first`.
fn tokens(namespace: &Namespace<'_>) -> [String; 2] {
    let admin = namespace.admin();
    let account = format!("{}:watcher", namespace.name());
    for line in [
        "create serviceaccount watcher".to_owned(),
        "create role watcher --verb=get,list,watch --resource=leases".to_owned(),
        format!("create rolebinding watcher --role=watcher --serviceaccount={account}"),
        "create secret generic first".to_owned(),
        "create secret generic second".to_owned(),
    ] {
        admin.kubectl(line.split(' ')).success();
    }
    ["first", "second"].map(|secret| {
        let line =
            format!("create token watcher --bound-object-kind=Secret --bound-object-name={secret}");
        let token = admin.kubectl(line.split(' ')).success().stdout;
        token.trim().to_owned()
    })
}
