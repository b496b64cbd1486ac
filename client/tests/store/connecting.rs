//! Which cluster is meant, as kubectl tells it.
//!
//! The environment belongs to the whole process, so each question is asked by a process of its own:
//! this test program, run again for `asked` alone.

use std::path::Path;
use std::process::Command;

use lease_client::{ConnectOptions, LeaseStore, Store, connect};
use serde_json::json;
use tempfile::TempDir;

use crate::fixture::{SOON, holder_of};
use crate::front::{Front, answer};

const CONTEXT: &str = "CONNECTING_CONTEXT";
const FILE: &str = "CONNECTING_FILE";

#[tokio::test]
#[ignore = "a part of the other tests, which set its environment"]
async fn asked() {
    let options = ConnectOptions {
        kubeconfig: std::env::var_os(FILE).map(Into::into),
        context: std::env::var(CONTEXT).ok(),
        timeout: Some(SOON),
        ..ConnectOptions::default()
    };
    let cluster = match connect(&options).await {
        Ok(cluster) => cluster,
        Err(error) => {
            println!("answer: {error}");
            return;
        }
    };
    let store = LeaseStore::new(cluster.requests);
    let lock = store.get(&cluster.namespace, "lock").await.unwrap();
    println!("answer: {}", holder_of(&lock.value.unwrap()));
}

/// Server and namespace, or the error, in this environment and nothing else.
async fn connected(home: &Path, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "connecting::asked", "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", home)
        .envs(environment.iter().copied());
    // The servers answer meanwhile.
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let text = String::from_utf8(output.await.unwrap().stdout).unwrap();
    let answer = text.split_once("answer: ");
    let answer = answer.unwrap_or_else(|| panic!("no answer: {text}")).1;
    answer.lines().next().unwrap().to_owned()
}

/// A server whose only lock is held by the server's name and the namespace that was asked for.
async fn server(name: &'static str) -> Front {
    Front::alone(move |request| {
        let namespace = request.path.split('/').nth(5).unwrap();
        let metadata = json!({
            "name": "lock", "namespace": namespace, "uid": "u", "resourceVersion": "1",
        });
        let holder = format!("{name} {namespace}");
        let spec = json!({"holderIdentity": holder});
        answer(200, &[], &json!({"metadata": metadata, "spec": spec}))
    })
    .await
}

struct Home {
    folder: TempDir,
    _servers: [Front; 3],
}

impl Home {
    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> String {
        self.folder().join(name).display().to_string()
    }
}

/// A home with three kubeconfigs: two that need each other, and one in its place.
async fn home() -> Home {
    let servers = [
        server("first").await,
        server("second").await,
        server("home").await,
    ];
    let [first, second, own] = [0, 1, 2].map(|index: usize| servers[index].url());
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "contexts",
        "apiVersion: v1\nkind: Config\ncurrent-context: one\ncontexts:\n\
         - {name: one, context: {cluster: first, user: me, namespace: mine}}\n\
         - {name: two, context: {cluster: second, user: me}}\n\
         - {name: broken, context: {cluster: nowhere, user: me}}\n",
    );
    write(
        "clusters",
        &format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: two\nclusters:\n\
             - {{name: first, cluster: {{server: '{first}'}}}}\n\
             - {{name: second, cluster: {{server: '{second}'}}}}\n\
             contexts:\n- {{name: one, context: {{cluster: second, user: me}}}}\n\
             users:\n- {{name: me, user: {{}}}}\n"
        ),
    );
    std::fs::create_dir(folder.path().join(".kube")).unwrap();
    write(
        ".kube/config",
        &format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: home\n\
             clusters:\n- {{name: home, cluster: {{server: '{own}'}}}}\n\
             contexts:\n- {{name: home, context: {{cluster: home, user: me, namespace: ours}}}}\n\
             users:\n- {{name: me, user: {{}}}}\n"
        ),
    );
    Home {
        folder,
        _servers: servers,
    }
}

#[tokio::test]
async fn several_files_are_read_as_one_and_the_first_has_the_word() {
    let home = home().await;
    let list = format!("{}:{}", home.path("contexts"), home.path("clusters"));
    let files = ("KUBECONFIG", list.as_str());
    let folder = home.folder();
    assert_eq!(connected(folder, &[files]).await, "first mine");
    assert_eq!(
        connected(folder, &[files, (CONTEXT, "two")]).await,
        "second default"
    );
    for (context, refusal) in [
        ("three", "the kubeconfig has no context \"three\""),
        ("broken", "the kubeconfig has no cluster \"nowhere\""),
    ] {
        assert_eq!(
            connected(folder, &[files, (CONTEXT, context)]).await,
            refusal
        );
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_passed_over_in_a_list() {
    // kubectl's client-go does so (clientcmd, ClientConfigLoadingRules.Load).
    let home = home().await;
    let paths = ["absent", "contexts", "clusters"].map(|name| home.path(name));
    let list = paths.join(":");
    assert_eq!(
        connected(home.folder(), &[("KUBECONFIG", &list)]).await,
        "first mine"
    );
}

#[tokio::test]
async fn without_a_word_it_is_the_file_at_home_and_a_named_file_goes_before_all() {
    let home = home().await;
    let folder = home.folder();
    assert_eq!(connected(folder, &[]).await, "home ours");
    assert_eq!(connected(folder, &[("KUBECONFIG", "")]).await, "home ours");
    let (file, clusters) = (home.path(".kube/config"), home.path("clusters"));
    assert_eq!(
        connected(folder, &[("KUBECONFIG", &clusters), (FILE, &file)]).await,
        "home ours"
    );
}

#[tokio::test]
async fn where_there_is_no_file_there_is_no_cluster() {
    let home = TempDir::new().unwrap();
    assert_eq!(
        connected(home.path(), &[]).await,
        "no kubeconfig found, and this is not a pod of a cluster"
    );
}
