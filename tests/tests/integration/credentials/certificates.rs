//! Client certificates: from a kubeconfig, from flags, and from a plugin.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lease_tests::{ApiServer, Authority, Certificate};
use serde_json::{Value, json};

use super::plugin::Plugin;
use super::{prints, run, with};
use crate::lock::held;

fn data(certificate: &Certificate) -> Value {
    json!({
        "client-certificate-data": STANDARD.encode(&certificate.certificate),
        "client-key-data": STANDARD.encode(&certificate.key),
    })
}

fn from_plugin(certificate: &Certificate) -> String {
    prints(&json!({
        "clientCertificateData": certificate.certificate,
        "clientKeyData": certificate.key,
    }))
}

#[test]
fn who_has_a_certificate_needs_no_token() {
    let server = ApiServer::shared();
    let namespace = server.namespace("credentials");
    namespace.admin().create(&held("lock", "me", 600));
    let certificate = server.certificate("carol", "system:masters");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (cert, key) = (
        file("user.crt", &certificate.certificate),
        file("user.key", &certificate.key),
    );

    let by_data = with(namespace.admin(), &data(&certificate));
    run(&by_data, "renew lock --identity me").success();

    let files = json!({"client-certificate": cert, "client-key": key});
    let by_files = with(namespace.admin(), &files);
    run(&by_files, "renew lock --identity me").success();

    let nobody = with(namespace.admin(), &json!({}));
    assert_eq!(run(&nobody, "ls").code, Some(3));
    let flags = format!("renew lock --identity me --client-certificate {cert} --client-key {key}");
    run(&nobody, &flags).success();
}

#[test]
fn a_certificate_without_rights_is_told_what_is_missing() {
    let server = ApiServer::shared();
    let namespace = server.namespace("credentials");
    let client = with(
        namespace.admin(),
        &data(&server.certificate("dave", "nobodies")),
    );
    let output = run(&client, "ls");
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains(r#"User "dave""#), "{output:?}");
}

#[test]
fn a_certificate_of_a_plugin_is_shown_and_the_plugin_runs_once() {
    let server = ApiServer::shared();
    let namespace = server.namespace("credentials");
    namespace.admin().create(&held("lock", "me", 600));
    let certificate = server.certificate("carol", "system:masters");
    for line in [
        "ls",
        "renew lock --identity me",
        "acquire --try new --identity me",
    ] {
        let plugin = Plugin::running(&[&from_plugin(&certificate)]);
        run(&plugin.client(namespace.admin()), line).success();
        assert_eq!(plugin.runs(), 1, "{line}");
    }
}

/// The first one was signed by an authority that the server does not know any more.
#[test]
fn a_certificate_of_a_plugin_that_is_refused_is_asked_for_anew() {
    let server = ApiServer::shared();
    let namespace = server.namespace("credentials");
    let stale = Authority::new().user("carol", "system:masters");
    let fresh = server.certificate("carol", "system:masters");
    let plugin = Plugin::running(&[&from_plugin(&stale), &from_plugin(&fresh)]);
    run(
        &plugin.client(namespace.admin()),
        "acquire --try new --identity me",
    )
    .success();
    assert_eq!(plugin.runs(), 2);
}
