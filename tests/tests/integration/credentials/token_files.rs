//! Tokens in files that somebody rotates.

use std::fs;
use std::path::Path;

use lease_tests::{Answer, ApiServer, Fate, FaultProxy};
use serde_json::json;

use super::{TOKEN, run, with};
use crate::lock::held;

#[test]
fn a_token_file_is_read_whatever_stands_around_the_token() {
    let namespace = ApiServer::shared().namespace("credentials");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let client = with(namespace.admin(), &json!({ "tokenFile": file }));
    for text in [
        TOKEN.to_owned(),
        format!("{TOKEN}\n"),
        format!(" {TOKEN}\r\n\n"),
    ] {
        fs::write(&file, text).unwrap();
        run(&client, "ls").success();
    }
    for text in ["", "\n", "two words", "a\nb"] {
        fs::write(&file, text).unwrap();
        let output = run(&client, "ls");
        assert!(matches!(output.code, Some(1 | 3)), "{text:?}: {output:?}");
        assert!(output.stderr.contains("\n  hint: "), "{output:?}");
    }
}

/// The token is withdrawn after the file was read, and the new one stands there already.
#[test]
fn a_token_that_was_rotated_meanwhile_is_read_anew() {
    let namespace = ApiServer::shared().namespace("credentials");
    namespace.admin().create(&held("lock", "me", 600));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    for line in ["ls", "describe lock", "renew lock --identity me"] {
        fs::write(&file, "stale").unwrap();
        let rotated = file.clone();
        let proxy = FaultProxy::before(ApiServer::shared(), move |_| {
            fs::write(&rotated, TOKEN).unwrap();
            Fate::Forward
        });
        let client = with(
            &proxy.client(namespace.admin()),
            &json!({ "tokenFile": file }),
        );
        run(&client, line).success();
        let seen = proxy.seen();
        let sent: Vec<_> = seen
            .iter()
            .map(|request| request.header("authorization"))
            .collect();
        assert_eq!(
            sent[..2],
            [Some("Bearer stale"), Some("Bearer admin-token")],
            "{line}"
        );
        assert!(
            sent[1..].iter().all(|sent| *sent == sent_last(&seen)),
            "{line}: {sent:?}"
        );
    }
}

fn sent_last(seen: &[lease_tests::Request]) -> Option<&str> {
    seen.last().unwrap().header("authorization")
}

#[test]
fn a_token_that_stays_the_same_is_not_tried_twice() {
    let namespace = ApiServer::shared().namespace("credentials");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "stale").unwrap();
    let proxy = FaultProxy::before(ApiServer::shared(), |_| Fate::Forward);
    let client = with(
        &proxy.client(namespace.admin()),
        &json!({ "tokenFile": file }),
    );
    assert_eq!(run(&client, "ls").code, Some(1));
    assert_eq!(proxy.seen().len(), 1);
}

/// As kubectl: what a kubeconfig names without a slash at its beginning stands beside it.
#[test]
fn files_beside_a_kubeconfig_are_found() {
    let namespace = ApiServer::shared().namespace("credentials");
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    fs::create_dir(inside("secret")).unwrap();
    fs::write(inside("secret/token"), TOKEN).unwrap();
    let client = with(namespace.admin(), &json!({ "tokenFile": "secret/token" }));
    let config: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(client.kubeconfig()).unwrap()).unwrap();
    let authority = &config["clusters"][0]["cluster"]["certificate-authority-data"];
    fs::write(inside("ca.crt"), decoded(authority.as_str().unwrap())).unwrap();
    let client = client.changed(|config| {
        let cluster = &mut config["clusters"][0]["cluster"];
        cluster["certificate-authority-data"].take();
        cluster["certificate-authority"] = json!("ca.crt");
    });
    fs::copy(client.kubeconfig(), inside("kubeconfig")).unwrap();
    let from_elsewhere = |mut command: std::process::Command, args: &[&str]| {
        command
            .args(args)
            .env("KUBECONFIG", inside("kubeconfig"))
            .current_dir(Path::new("/"));
        lease_tests::Output::within(&mut command, crate::lock::LIMIT).success();
    };
    from_elsewhere(client.kubectl_command(), &["get", "leases"]);
    from_elsewhere(client.plugin_command(), &["ls"]);
}

/// A 401 that a proxy answers, although the credentials are good: they are not dropped for ever.
#[test]
fn good_credentials_survive_one_refusal() {
    let namespace = ApiServer::shared().namespace("credentials");
    let mut refused = false;
    let proxy = FaultProxy::before(ApiServer::shared(), move |_| {
        if std::mem::replace(&mut refused, true) {
            Fate::Forward
        } else {
            Fate::Answer(Answer::status(401, "Unauthorized", "Unauthorized"))
        }
    });
    let plugin = super::plugin::Plugin::running(&[&super::prints(&json!({"token": TOKEN}))]);
    run(&plugin.client(&proxy.client(namespace.admin())), "ls").success();
    assert_eq!(plugin.runs(), 2);
}

fn decoded(data: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap()
}
