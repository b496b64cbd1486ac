//! What nobody may see stays unseen: whatever the verb, the fault and the verbosity.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lease_tests::{Answer, ApiServer, Client, Fate, FaultProxy, Nobody, Output};
use serde_json::{Value, json};

use super::plugin::Plugin;
use super::{TOKEN, prints, run, with};
use crate::every_verb::{VERBS, locks, run_all};

/// The levels that tell of requests, headers and bodies; and the least and the most there is.
const VERBOSITIES: [u32; 4] = [0, 6, 7, 10];
const SECRET: &str = "Zauberwort";

/// Fails if any of the secrets was told, in whatever form.
fn assert_kept(secrets: &[&str], what: &str, output: &Output) {
    for secret in secrets {
        let url: String = secret.replace('@', "%40");
        for form in [(*secret).to_owned(), STANDARD.encode(secret), url] {
            for text in [&output.stdout, &output.stderr] {
                assert!(!text.contains(&form), "{what}: tells {form}: {output:?}");
            }
        }
    }
}

/// How much is told differs with the verbosity.
fn verbosely(client: &Client, line: &str, secrets: &[&str]) {
    at_each(VERBOSITIES, client, line, secrets);
}

fn at_each(
    verbosities: impl IntoIterator<Item = u32>,
    client: &Client,
    line: &str,
    secrets: &[&str],
) {
    for verbosity in verbosities {
        let line = format!("{line} --request-timeout 2s -v {verbosity}");
        assert_kept(secrets, &line, &run(client, &line));
    }
}

#[test]
fn a_token_is_kept_by_every_verb() {
    let namespaces = ApiServer::shared().namespaces("secrets", 2);
    locks::make(&namespaces);
    let rows: Vec<_> = namespaces
        .iter()
        .zip(["-v=7", "-v=10"])
        .flat_map(|(namespace, verbosity)| {
            VERBS.iter().map(move |verb| (namespace, verb, verbosity))
        })
        .collect();
    run_all(&rows, |(namespace, verb, verbosity)| {
        let output = run(namespace.admin(), &format!("{} {verbosity}", verb.line)).success();
        assert!(
            output.stderr.contains("/leases"),
            "nothing is told: {output:?}"
        );
        assert_kept(&[TOKEN], verb.line, &output);
    });
}

#[test]
fn a_token_is_kept_at_every_verbosity_whatever_is_answered() {
    let namespace = ApiServer::shared().namespace("secrets");
    let fates: Vec<fn() -> Fate> = vec![
        || Fate::Forward,
        || Fate::Answer(Answer::status(401, "Unauthorized", "Unauthorized")),
        || Fate::Answer(Answer::status(403, "Forbidden", "no")),
        || {
            let page = Answer::page(302, "Found");
            Fate::Answer(page.header("set-cookie", &format!("session={SECRET}")))
        },
        || Fate::CutBody,
        || Fate::DropReply,
    ];
    run_all(&fates, |&fate| {
        let proxy = FaultProxy::before(ApiServer::shared(), move |_| fate());
        let client = proxy.client(namespace.admin());
        at_each(0..=10, &client, "ls", &[TOKEN, SECRET]);
        verbosely(&client, "acquire --try lock", &[TOKEN, SECRET]);
        let sent = proxy.seen();
        assert!(
            sent.iter()
                .any(|request| request.header("authorization") == Some("Bearer admin-token"))
        );
    });
}

#[test]
fn a_token_on_the_command_line_or_in_a_file_is_kept() {
    let namespace = ApiServer::shared().namespace("secrets");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let nobody = with(namespace.admin(), &json!({}));
    for token in [TOKEN, SECRET] {
        fs::write(&file, token).unwrap();
        verbosely(&nobody, &format!("ls --token {token}"), &[token]);
        verbosely(&nobody, &format!("ls --token={token}"), &[token]);
        verbosely(
            &with(namespace.admin(), &json!({ "tokenFile": file })),
            "ls",
            &[token],
        );
    }
    // What cannot be sent is not told either, nor is what is typed beside it.
    let unsendable = format!("{SECRET}\u{1}");
    let mut command = nobody.plugin_command();
    command.args(["ls", "--token", &unsendable]);
    assert_kept(&[SECRET], "unsendable", &Output::of(&mut command));
    fs::write(&file, unsendable).unwrap();
    verbosely(
        &with(namespace.admin(), &json!({ "tokenFile": file })),
        "ls",
        &[SECRET],
    );
    for line in [
        "ls --no-such-flag --token Zauberwort",
        "ls --token Zauberwort --as-uid 1",
        "lss --token Zauberwort",
    ] {
        let output = run(&nobody, line);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert_kept(&[SECRET], line, &output);
    }
}

#[test]
fn a_login_is_kept() {
    let namespace = ApiServer::shared().namespace("secrets");
    let login = json!({"username": "me", "password": SECRET});
    let client = with(namespace.admin(), &login);
    let both = format!("me:{SECRET}");
    verbosely(&client, "ls", &[SECRET, &both]);
    verbosely(&client, "acquire --try lock", &[SECRET, &both]);
}

#[test]
fn a_client_key_is_kept() {
    let server = ApiServer::shared();
    let namespace = server.namespace("secrets");
    let certificate = server.certificate("carol", "system:masters");
    let secret = certificate.key.lines().nth(1).unwrap();
    let other = server.certificate("dave", "nobodies");
    for (cert, key) in [
        (certificate.certificate.clone(), certificate.key.clone()),
        // Not of the same pair, cut short, and of no form at all.
        (other.certificate.clone(), certificate.key.clone()),
        (
            certificate.certificate.clone(),
            certificate.key[..60].to_owned(),
        ),
        (certificate.certificate.clone(), secret.to_owned()),
        (secret.to_owned(), certificate.key.clone()),
    ] {
        let by_data = json!({
            "client-certificate-data": STANDARD.encode(&cert),
            "client-key-data": STANDARD.encode(&key),
        });
        verbosely(&with(namespace.admin(), &by_data), "ls", &[secret, &key]);
        // Not even base64.
        let undecoded = json!({"client-certificate-data": cert, "client-key-data": key});
        verbosely(&with(namespace.admin(), &undecoded), "ls", &[secret]);
        let granted = json!({"clientCertificateData": cert, "clientKeyData": key});
        let plugin = Plugin::running(&[&prints(&granted)]);
        verbosely(&plugin.client(namespace.admin()), "ls", &[secret]);
    }
}

#[test]
fn what_a_plugin_prints_is_kept() {
    let namespace = ApiServer::shared().namespace("secrets");
    let token = json!({"token": SECRET});
    let whole = prints(&token);
    for line in [
        // Refused by the server.
        whole.clone(),
        // Half of it, twice of it, and garbage.
        whole.replace("}}'", "'"),
        format!("{whole}; {whole}"),
        format!("echo {SECRET}"),
        format!("printf '{{\"token\":\"{SECRET}\"}}'"),
        format!("printf '\\377{SECRET}'"),
        // Of another form than it should be.
        prints(&json!({"token": [SECRET]})),
        prints(&json!({"token": {SECRET: SECRET}})),
        prints(&json!({"token": format!("{SECRET}\n{SECRET}")})),
        prints(&json!({"token": TOKEN, "expirationTimestamp": SECRET})),
        prints(&json!({"clientKeyData": SECRET})),
        prints(&json!({"clientCertificateData": SECRET, "clientKeyData": SECRET})),
        prints(&json!(SECRET)),
        whole.replace(
            "authentication.k8s.io/v1\"",
            &format!("authentication.k8s.io/{SECRET}\""),
        ),
        whole.replace("ExecCredential", SECRET),
        // It says it, and fails.
        format!("{whole}; exit 3"),
    ] {
        let plugin = Plugin::running(&[&line]);
        let client = plugin.client(namespace.admin());
        for line in ["ls", "acquire --try lock", "ls -v 6", "ls -v 10"] {
            let output = run(&client, line);
            assert_kept(&[SECRET], line, &output);
        }
        assert!(plugin.runs() >= 4);
    }
}

/// What it says on its own standard error reaches the terminal, as with kubectl; once.
#[test]
fn what_a_plugin_complains_of_is_heard_once() {
    let namespace = ApiServer::shared().namespace("secrets");
    let plugin = Plugin::running(&[&format!("echo 'log in: {SECRET}' >&2; exit 3")]);
    let client = plugin.client(namespace.admin());
    for line in ["ls", "acquire --try lock", "ls -v 10"] {
        let output = run(&client, line);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert_eq!(output.stderr.matches(SECRET).count(), 1, "{output:?}");
        assert_eq!(output.stderr.matches("log in: ").count(), 1, "{output:?}");
    }
    assert_eq!(plugin.runs(), 3);
}

/// The arguments and the environment of a plugin may hold secrets, too.
#[test]
fn what_a_plugin_is_given_is_kept() {
    let namespace = ApiServer::shared().namespace("secrets");
    for command in ["false", "true", "no-such-plugin", "cat"] {
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "args": [format!("--password={SECRET}")],
            "command": command,
            "env": [{"name": "PASSWORD", "value": SECRET}],
            "interactiveMode": "Never",
        });
        let client = with(namespace.admin(), &json!({ "exec": exec }));
        // cat complains of its argument itself.
        if command != "cat" {
            verbosely(&client, "ls", &[SECRET]);
        }
    }
}

#[test]
fn a_login_in_an_address_is_kept() {
    let namespace = ApiServer::shared().namespace("secrets");
    let nobody = Nobody::new();
    let with_cluster = |change: &dyn Fn(&mut Value)| {
        namespace
            .admin()
            .changed(|config| change(&mut config["clusters"][0]["cluster"]))
    };
    let logins = [
        format!("me:{SECRET}@"),
        format!("{SECRET}@"),
        format!("me:{SECRET}%40@"),
    ];
    for login in logins {
        let address = format!("{login}{}", nobody.address());
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{address}");
            verbosely(
                &with_cluster(&|cluster| cluster["server"] = json!(url)),
                "ls",
                &[SECRET],
            );
            verbosely(namespace.admin(), &format!("ls --server {url}"), &[SECRET]);
        }
        for scheme in ["http", "https", "socks5", "socks4", "ftp", ""] {
            let url = format!("{scheme}://{address}");
            verbosely(
                &with_cluster(&|cluster| cluster["proxy-url"] = json!(url)),
                "ls",
                &[SECRET],
            );
            let mut command = namespace.admin().plugin_command();
            command
                .args(["ls", "-v", "10", "--request-timeout", "2s", "--server"])
                .arg("https://elsewhere.invalid:6443")
                .env("HTTPS_PROXY", &url);
            assert_kept(&[SECRET], &url, &Output::of(&mut command));
        }
    }
}

/// What a parser found wrong is told, and not what stands there.
#[test]
fn a_broken_kubeconfig_is_not_quoted() {
    let namespace = ApiServer::shared().namespace("secrets");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    let whole = fs::read_to_string(namespace.admin().kubeconfig()).unwrap();
    for text in [
        format!("users:\n- name: me\n  user: {{token: {SECRET}"),
        format!("users:\n- name: me\n  user:\n    token: {SECRET}\n   x: [\n"),
        format!("users:\n- name: me\n  user: {SECRET}\n"),
        format!("users: {SECRET}\n"),
        format!("{SECRET}\n"),
        format!("users:\n- name: me\n  user: {{token: [{SECRET}]}}\n"),
        format!("users:\n- name: me\n  user: {{exec: {SECRET}}}\n"),
        format!("users:\n- name: me\n  user: {{client-key-data: \"{SECRET}\nx\"}}\n"),
        whole.replace(TOKEN, &format!("{SECRET}\\u0000")),
        whole.replace(TOKEN, &format!("{SECRET}\\n{SECRET}")),
    ] {
        fs::write(&file, text).unwrap();
        let line = format!("ls --kubeconfig {}", file.display());
        for verbosity in ["", " -v 10"] {
            let line = format!("{line}{verbosity}");
            let output = run(namespace.admin(), &line);
            assert_eq!(output.code, Some(1), "{output:?}");
            assert_kept(&[SECRET], &line, &output);
        }
    }
}
