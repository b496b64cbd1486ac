//! Which cluster is asked, as whom: kubeconfigs, lists of them, and flags.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lease_tests::{Answer, ApiServer, Client, Fate, FaultProxy, Namespace};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Both, both};
use crate::lock::held;

/// Some namespaces, each with one lease that has its name; and files.
struct Place {
    folder: TempDir,
    namespaces: Vec<Namespace<'static>>,
}

impl Place {
    fn new() -> Self {
        let namespaces = ApiServer::shared().namespaces("where", 2);
        for namespace in &namespaces {
            namespace
                .admin()
                .create(&held(namespace.name(), "somebody", 600));
        }
        Self {
            folder: tempfile::tempdir().unwrap(),
            namespaces,
        }
    }

    fn admin(&self) -> &Client {
        self.namespaces[0].admin()
    }

    fn name(&self, index: usize) -> &str {
        self.namespaces[index].name()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The kubeconfig of the administrator in the first namespace, as it is after a change.
    fn write(&self, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
        let mut config = self.config();
        change(&mut config);
        let path = self.path(name);
        std::fs::write(&path, config.to_string()).unwrap();
        path
    }

    fn config(&self) -> Value {
        let text = std::fs::read_to_string(self.admin().kubeconfig()).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Both programs list the one lease of a namespace.
    #[track_caller]
    fn leads_to(&self, index: usize, args: &str, change: impl Fn(&mut Command)) {
        let Both { ours, theirs } = self.list(args, change);
        let wanted = format!("lease.coordination.k8s.io/{}\n", self.name(index));
        assert_eq!(theirs.stdout, wanted, "kubectl: {theirs:?}");
        assert_eq!(ours.stdout, wanted, "{ours:?}");
    }

    /// Neither program lists anything, and both say that it is wrong.
    #[track_caller]
    fn leads_nowhere(&self, args: &str, change: impl Fn(&mut Command)) -> String {
        let Both { ours, theirs } = self.list(args, change);
        assert_eq!(theirs.code, Some(1), "kubectl: {theirs:?}");
        assert_eq!(ours.code, Some(1), "{ours:?}");
        assert!(ours.stderr.contains("\n  hint: "), "{ours:?}");
        ours.stderr
    }

    fn list(&self, args: &str, change: impl Fn(&mut Command)) -> Both {
        both(self.admin(), &format!("-o name {args}"), change)
    }
}

fn kubeconfig(list: &[&Path]) -> impl Fn(&mut Command) {
    let list = std::env::join_paths(list).unwrap();
    move |command| {
        command.env("KUBECONFIG", &list);
    }
}

fn only(config: &mut Value, kept: &[&str]) {
    let config = config.as_object_mut().unwrap();
    config.retain(|key, _| {
        ["apiVersion", "kind"].contains(&key.as_str()) || kept.contains(&key.as_str())
    });
}

#[test]
fn files_in_a_list_are_merged_and_missing_ones_passed_over() {
    let place = Place::new();
    let whole = place.write("whole", |_| ());
    let clusters = place.write("clusters", |config| only(config, &["clusters"]));
    let users = place.write("users", |config| only(config, &["users"]));
    let contexts = place.write("contexts", |config| {
        only(config, &["contexts", "current-context"]);
    });
    let none = place.path("none");
    let empty = place.path("empty");
    std::fs::write(&empty, "").unwrap();

    place.leads_to(0, "", kubeconfig(&[&whole]));
    place.leads_to(0, "", kubeconfig(&[&none, &whole]));
    place.leads_to(0, "", kubeconfig(&[&empty, &whole, &none]));
    place.leads_to(0, "", kubeconfig(&[Path::new(""), &whole]));
    place.leads_to(0, "", kubeconfig(&[&clusters, &users, &contexts]));
    place.leads_to(0, "", kubeconfig(&[&contexts, &none, &users, &clusters]));
    place.leads_nowhere("", kubeconfig(&[&none]));
    place.leads_nowhere("", kubeconfig(&[&empty]));
    place.leads_nowhere("", kubeconfig(&[&users, &contexts]));
    place.leads_nowhere("", |command| {
        command.env_remove("KUBECONFIG");
    });
}

#[test]
fn the_first_file_that_says_something_counts() {
    let place = Place::new();
    let first = place.write("first", |_| ());
    let second = place.write("second", |config| {
        for context in config["contexts"].as_array_mut().unwrap() {
            context["context"]["namespace"] = json!(place.name(1));
        }
    });
    place.leads_to(0, "", kubeconfig(&[&first, &second]));
    place.leads_to(1, "", kubeconfig(&[&second, &first]));

    // A current context alone, which a later file describes.
    let chosen = place.path("chosen");
    std::fs::write(&chosen, "current-context: other\n").unwrap();
    let other = place.write("other", |config| {
        let mut context = config["contexts"][0].take();
        context["name"] = json!("other");
        context["context"]["namespace"] = json!(place.name(1));
        config["contexts"] = json!([context]);
        config["current-context"] = json!("");
    });
    place.leads_to(1, "", kubeconfig(&[&chosen, &first, &other]));
    place.leads_to(0, "", kubeconfig(&[&first, &chosen, &other]));
}

#[test]
fn a_file_and_a_context_can_be_named() {
    let place = Place::new();
    let file = place.write("file", |config| {
        let contexts = config["contexts"].as_array_mut().unwrap();
        let mut other = contexts[0].clone();
        other["name"] = json!("other");
        other["context"]["namespace"] = json!(place.name(1));
        let mut without = contexts[0].clone();
        without["name"] = json!("without namespace");
        without["context"]["namespace"].take();
        contexts.extend([other, without]);
    });
    let named = format!("--kubeconfig {}", file.display());
    place.leads_to(0, &named, |_| ());
    place.leads_to(1, &format!("{named} --context other"), |_| ());
    place.leads_to(1, "--context=other", kubeconfig(&[&file]));
    place.leads_to(
        0,
        &format!("{named} --context other -n {}", place.name(0)),
        |_| (),
    );
    place.leads_to(
        0,
        &format!("--context=without_namespace -n {}", place.name(0)),
        kubeconfig(&[&file]),
    );
    // The file that is named counts alone.
    place.leads_to(0, &named, kubeconfig(&[&place.path("none")]));
    place.leads_nowhere("--kubeconfig none", |_| ());
    place.leads_nowhere(&format!("{named} --context none"), |_| ());
}

#[test]
fn a_cluster_and_a_user_can_be_named() {
    let place = Place::new();
    let file = place.write("file", |config| {
        let clusters = config["clusters"].as_array_mut().unwrap();
        let mut wrong = clusters[0].clone();
        wrong["name"] = json!("wrong");
        wrong["cluster"]["server"] = json!("https://127.0.0.1:1");
        clusters.push(wrong);
        let users = config["users"].as_array_mut().unwrap();
        users.push(json!({"name": "wrong", "user": {"token": "wrong"}}));
        for context in config["contexts"].as_array_mut().unwrap() {
            context["context"]["cluster"] = json!("wrong");
            context["context"]["user"] = json!("wrong");
        }
    });
    place.leads_to(0, "--cluster tests --user admin", kubeconfig(&[&file]));
    place.leads_nowhere("", kubeconfig(&[&file]));
    place.leads_nowhere("--cluster tests", kubeconfig(&[&file]));
    place.leads_nowhere("--user admin", kubeconfig(&[&file]));
    place.leads_nowhere("--cluster none --user admin", kubeconfig(&[&file]));
    place.leads_nowhere("--cluster tests --user none", kubeconfig(&[&file]));
}

#[test]
fn a_server_can_be_named_without_any_kubeconfig() {
    let place = Place::new();
    let url = ApiServer::shared().url();
    let authority = place.path("ca.crt");
    let data = place.config()["clusters"][0]["cluster"]["certificate-authority-data"].take();
    std::fs::write(&authority, STANDARD.decode(data.as_str().unwrap()).unwrap()).unwrap();
    let nothing = |command: &mut Command| {
        command.env_remove("KUBECONFIG");
    };
    let trusting = format!("--certificate-authority {}", authority.display());
    let here = format!("-n {}", place.name(0));
    place.leads_to(
        0,
        &format!("{here} --server {url} --token admin-token {trusting}"),
        nothing,
    );
    place.leads_to(
        0,
        &format!("{here} -s {url} --token=admin-token {trusting}"),
        nothing,
    );
    place.leads_to(
        0,
        &format!("{here} --server {url} --token admin-token --insecure-skip-tls-verify"),
        nothing,
    );
    place.leads_to(
        0,
        &format!(
            "{here} --server {url} --token admin-token {trusting} --tls-server-name kubernetes"
        ),
        nothing,
    );
    place.leads_nowhere(
        &format!("{here} --server {url} --token admin-token"),
        nothing,
    );
    place.leads_nowhere(
        &format!(
            "{here} --server {url} --token admin-token {trusting} --tls-server-name elsewhere"
        ),
        nothing,
    );
    place.leads_nowhere(
        &format!("{here} --server {url} --token wrong {trusting}"),
        nothing,
    );
    place.leads_nowhere(
        &format!("{here} --server {url} --token admin-token {trusting} --insecure-skip-tls-verify"),
        nothing,
    );
}

/// What a flag says counts more than what the kubeconfig says of the same thing.
#[test]
fn flags_stand_for_what_the_kubeconfig_says() {
    let place = Place::new();
    let url = ApiServer::shared().url();
    let wrong_server = place.write("wrong-server", |config| {
        config["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:1");
    });
    place.leads_to(0, &format!("--server {url}"), kubeconfig(&[&wrong_server]));
    place.leads_nowhere("--server https://127.0.0.1:1", |_| ());

    let wrong_token = place.write("wrong-token", |config| {
        for user in config["users"].as_array_mut().unwrap() {
            user["user"] = json!({"token": "wrong"});
        }
    });
    place.leads_to(0, "--token admin-token", kubeconfig(&[&wrong_token]));
    place.leads_nowhere("--token wrong", |_| ());

    let wrong_name = place.write("wrong-name", |config| {
        config["clusters"][0]["cluster"]["tls-server-name"] = json!("elsewhere");
    });
    place.leads_to(
        0,
        "--tls-server-name kubernetes",
        kubeconfig(&[&wrong_name]),
    );
    place.leads_nowhere("", kubeconfig(&[&wrong_name]));

    let untrusting = place.write("untrusting", |config| {
        config["clusters"][0]["cluster"]["certificate-authority-data"].take();
    });
    place.leads_to(0, "--insecure-skip-tls-verify", kubeconfig(&[&untrusting]));
    place.leads_to(
        0,
        "--insecure-skip-tls-verify=true",
        kubeconfig(&[&untrusting]),
    );
    place.leads_nowhere(
        "--insecure-skip-tls-verify=false",
        kubeconfig(&[&untrusting]),
    );

    let skipping = place.write("skipping", |config| {
        let cluster = &mut config["clusters"][0]["cluster"];
        cluster["certificate-authority-data"].take();
        cluster["insecure-skip-tls-verify"] = json!(true);
    });
    place.leads_to(0, "", kubeconfig(&[&skipping]));

    // A plugin that cannot run does not have to.
    let plugin = place.write("plugin", |config| {
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "no-such-plugin",
            "interactiveMode": "Never",
        });
        for user in config["users"].as_array_mut().unwrap() {
            user["user"] = json!({ "exec": exec });
        }
    });
    place.leads_to(0, "--token admin-token", kubeconfig(&[&plugin]));
    place.leads_nowhere("", kubeconfig(&[&plugin]));
}

/// As `base64` wraps it, and an editor indents it.
#[test]
fn data_in_several_lines_is_read() {
    let place = Place::new();
    let wrapped = |data: &Value| {
        let data = data.as_str().unwrap().as_bytes();
        let lines = data.chunks(76).map(|line| str::from_utf8(line).unwrap());
        json!(lines.collect::<Vec<_>>().join("\n"))
    };
    let certificate = ApiServer::shared().certificate("carol", "system:masters");
    let file = place.write("wrapped", |config| {
        let authority = &mut config["clusters"][0]["cluster"]["certificate-authority-data"];
        *authority = wrapped(authority);
        for user in config["users"].as_array_mut().unwrap() {
            user["user"] = json!({
                "client-certificate-data": wrapped(&json!(STANDARD.encode(&certificate.certificate))),
                "client-key-data": wrapped(&json!(STANDARD.encode(&certificate.key))),
            });
        }
    });
    place.leads_to(0, "", kubeconfig(&[&file]));
}

/// As gateways that lead to several clusters have it.
#[test]
fn a_path_in_the_address_comes_before_all_others() {
    let place = Place::new();
    let proxy = FaultProxy::before(ApiServer::shared(), |_| {
        Fate::Answer(Answer::status(503, "ServiceUnavailable", "no"))
    });
    for address in [
        format!("{}/k8s/clusters/c-1", proxy.url()),
        format!("{}/k8s/clusters/c-1/", proxy.url()),
    ] {
        let client = proxy.client(place.admin()).at(&address);
        both(&client, "", |_| ());
        let seen = proxy.seen();
        let paths: Vec<_> = seen.iter().map(|request| request.path.as_str()).collect();
        let begin = "/k8s/clusters/c-1/api";
        assert!(
            paths.iter().all(|path| path.starts_with(begin)),
            "{paths:?}"
        );
        let leases = format!(
            "{begin}s/coordination.k8s.io/v1/namespaces/{}/leases",
            place.name(0)
        );
        assert!(
            paths.iter().any(|path| path.starts_with(&leases)),
            "{paths:?}"
        );
    }
}

/// kubectl finds a plugin by the words before the first flag, so a flag before them belongs to
/// nobody; after them, all belongs to the plugin.
#[test]
fn kubectl_takes_no_flags_before_a_plugin() {
    let place = Place::new();
    let call = |args: &[&str]| place.admin().kubectl_with_plugin(args);

    let before = call(&["-n", place.name(1), "lease", "ls", "-o", "name"]);
    assert_eq!(before.code, Some(1), "{before:?}");
    assert!(
        before
            .stderr
            .contains("flags cannot be placed before plugin name: -n"),
        "{before:?}"
    );
    for args in [
        ["lease", "-n", place.name(1), "ls", "-o", "name"],
        ["lease", "ls", "-n", place.name(1), "-o", "name"],
    ] {
        let stdout = call(&args).success().stdout;
        assert_eq!(
            stdout,
            format!("lease.coordination.k8s.io/{}\n", place.name(1))
        );
    }
}
