//! Credential plugins: how often they run, what they are asked, and what becomes of their answers.

use lease_tests::{Answer, ApiServer, Client, Fate, FaultProxy, Output};
use serde_json::{Value, json};

use super::plugin::Plugin;
use super::{TOKEN, prints, run, with};
use crate::every_verb::{VERBS, locks, run_all};
use crate::lock::{LIMIT, held};

fn token(token: &str) -> String {
    prints(&json!({ "token": token }))
}

#[test]
fn a_plugin_runs_once_for_each_command() {
    let namespaces = ApiServer::shared().namespaces("credentials", 1);
    locks::make(&namespaces);
    run_all(VERBS, |verb| {
        let plugin = Plugin::running(&[&token(TOKEN)]);
        run(&plugin.client(namespaces[0].admin()), verb.line).success();
        assert_eq!(plugin.runs(), 1, "{}", verb.line);
    });
}

#[test]
fn a_plugin_runs_again_where_its_credentials_have_run_out() {
    let namespace = ApiServer::shared().namespace("credentials");
    let proxy = FaultProxy::before(ApiServer::shared(), |_| Fate::Forward);
    let client = proxy.client(namespace.admin());
    let times = [
        ("2001-02-03T04:05:06Z", true),
        ("2999-12-31T23:59:59Z", false),
        // With a zone, and with fractions, as some plugins print it.
        ("2001-02-03T04:05:06+01:00", true),
        ("2999-12-31T23:59:59.123456789-08:00", false),
    ];
    for (time, is_over) in times {
        let status = json!({"token": TOKEN, "expirationTimestamp": time});
        let plugin = Plugin::running(&[&prints(&status)]);
        let before = proxy.seen().len();
        run(&plugin.client(&client), "acquire --try lock --identity me").success();
        run(
            &with(namespace.admin(), &json!({"token": TOKEN})),
            "release lock --identity me",
        )
        .success();
        let requests = proxy.seen().len() - before;
        assert!(requests >= 2, "{requests}");
        let runs = if is_over { requests } else { 1 };
        assert_eq!(plugin.runs(), runs, "{time}, {requests} requests");
    }
}

#[test]
fn credentials_that_are_refused_are_asked_for_once_more() {
    let namespaces = ApiServer::shared().namespaces("credentials", 1);
    locks::make(&namespaces);
    run_all(VERBS, |verb| {
        let plugin = Plugin::running(&[&token("stale"), &token(TOKEN)]);
        run(&plugin.client(namespaces[0].admin()), verb.line).success();
        assert_eq!(plugin.runs(), 2, "{}", verb.line);
    });
}

#[test]
fn credentials_that_are_refused_again_are_not_asked_for_for_ever() {
    let namespaces = ApiServer::shared().namespaces("credentials", 1);
    locks::make(&namespaces);
    let before = locks::all(&namespaces);
    run_all(VERBS, |verb| {
        let plugin = Plugin::running(&[&token("stale"), &token("stale too")]);
        let output = run(&plugin.client(namespaces[0].admin()), verb.line);
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains("401"), "{output:?}");
        assert!(output.stderr.contains("\n  hint: "), "{output:?}");
        assert_eq!(plugin.runs(), 2, "{}", verb.line);
    });
    assert_eq!(before, locks::all(&namespaces));
}

/// Between reading and writing, an administrator withdraws the token.
#[test]
fn a_write_with_credentials_that_were_just_withdrawn_is_written_once() {
    let namespace = ApiServer::shared().namespace("credentials");
    let mut refused = false;
    let proxy = FaultProxy::before(ApiServer::shared(), move |request| {
        if !request.is_write() || std::mem::replace(&mut refused, true) {
            Fate::Forward
        } else {
            Fate::Answer(Answer::status(401, "Unauthorized", "Unauthorized"))
        }
    });
    let plugin = Plugin::running(&[&token(TOKEN)]);
    let client = plugin.client(&proxy.client(namespace.admin()));
    run(&client, "acquire --try lock --identity me").success();
    let writes = proxy
        .seen()
        .iter()
        .filter(|request| request.is_write() && request.path.contains("/leases"))
        .count();
    assert_eq!((writes, plugin.runs()), (2, 2));
}

#[test]
fn a_plugin_is_asked_what_kubectl_asks_it() {
    let namespace = ApiServer::shared().namespace("credentials");
    namespace.admin().create(&held("lock", "somebody", 600));
    for (api_version, mode, with_cluster) in [
        ("v1", "Never", false),
        ("v1", "Never", true),
        ("v1", "IfAvailable", true),
        ("v1beta1", "IfAvailable", false),
        ("v1beta1", "Never", true),
    ] {
        let api_version = format!("client.authentication.k8s.io/{api_version}");
        let answer = token(TOKEN).replace("client.authentication.k8s.io/v1", &api_version);
        let asked = |ask: &dyn Fn(&Client) -> Output| {
            let plugin = Plugin::running(&[&answer]);
            let mut exec = plugin.exec();
            exec["apiVersion"] = json!(api_version);
            exec["interactiveMode"] = json!(mode);
            exec["provideClusterInfo"] = json!(with_cluster);
            let client = with(namespace.admin(), &json!({ "exec": exec })).changed(|config| {
                let cluster = &mut config["clusters"][0]["cluster"];
                cluster["extensions"] = json!([{
                    "extension": {"audience": "here", "more": [1, 2]},
                    "name": "client.authentication.k8s.io/exec",
                }]);
                cluster["tls-server-name"] = json!("kubernetes");
                cluster["proxy-url"] = Value::Null;
            });
            ask(&client).success();
            plugin.asked()
        };
        let ours = asked(&|client| run(client, "ls lock"));
        let theirs = asked(&|client| client.kubectl(["get", "lease", "lock"]));
        assert_eq!(ours, theirs, "{api_version} {mode} {with_cluster}");
    }
}

#[test]
fn a_plugin_gets_its_arguments_and_environment() {
    let namespace = ApiServer::shared().namespace("credentials");
    let plugin = Plugin::running(&[&format!(
        "[ \"$1 $OF_CONFIG $LANG\" = 'one two two C.UTF-8' ] || exit 9; {}",
        token(TOKEN)
    )]);
    let mut exec = plugin.exec();
    exec["args"].as_array_mut().unwrap().push(json!("one two"));
    exec["env"] = json!([{"name": "OF_CONFIG", "value": "two"}]);
    run(&with(namespace.admin(), &json!({ "exec": exec })), "ls").success();
}

/// As in client-go, a path with a slash in it begins at the kubeconfig's folder.
#[test]
fn a_plugin_beside_its_kubeconfig_is_found() {
    let namespace = ApiServer::shared().namespace("credentials");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bin");
    std::fs::create_dir(&script).unwrap();
    std::fs::write(
        script.join("plugin"),
        format!("#!/bin/sh\n{}", token(TOKEN)),
    )
    .unwrap();
    let made = std::process::Command::new("chmod")
        .args(["+x", "plugin"])
        .current_dir(&script)
        .status();
    assert!(made.unwrap().success());
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "bin/plugin",
        "interactiveMode": "Never",
    });
    let client = with(namespace.admin(), &json!({ "exec": exec }));
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::copy(client.kubeconfig(), &kubeconfig).unwrap();
    for mut command in [client.kubectl_command(), client.plugin_command()] {
        let is_kubectl = command
            .get_program()
            .to_string_lossy()
            .ends_with("/kubectl");
        command.args(if is_kubectl {
            ["get", "leases"].as_slice()
        } else {
            &["ls"]
        });
        command.env("KUBECONFIG", &kubeconfig);
        Output::within(&mut command, LIMIT).success();
    }
}

#[test]
fn what_is_wrong_with_a_plugin_is_told() {
    let namespace = ApiServer::shared().namespace("credentials");
    let always = |change: fn(&mut Value)| {
        let plugin = Plugin::running(&[&token(TOKEN)]);
        let mut exec = plugin.exec();
        change(&mut exec);
        let output = run(&with(namespace.admin(), &json!({ "exec": exec })), "ls");
        assert_eq!(output.code, Some(1), "{output:?}");
        assert_eq!(plugin.runs(), 0);
        assert!(output.stderr.contains("\n  hint: "), "{output:?}");
        output.stderr
    };
    let told = always(|exec| exec["interactiveMode"] = json!("Always"));
    assert!(told.contains("interactiveMode"), "{told}");
    let told = always(|exec| exec["apiVersion"] = json!("client.authentication.k8s.io/v1alpha1"));
    assert!(
        told.contains("client.authentication.k8s.io/v1alpha1"),
        "{told}"
    );
    let told = always(|exec| exec["command"] = json!(""));
    assert!(told.contains("command"), "{told}");
    let told = always(|exec| {
        exec["command"] = json!("no-such-plugin");
        exec["installHint"] = json!("get it\nfrom example.com");
    });
    assert!(told.contains("no-such-plugin"), "{told}");
    assert!(told.contains("from example.com"), "{told}");
}
