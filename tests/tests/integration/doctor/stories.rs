//! What people have told in public threads, played on a real server: the first line of `doctor`
//! says what each thread came to. docs/stories.md tells them, with what is checked here.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lease_tests::{ApiServer, Client, ElectorBuilder, Fate, FaultProxy, Terminal};
use serde_json::json;

use super::leader_for_life::{become_leader, evicted};
use super::missing_rights::{as_account, pod_of};
use super::world::{
    HOUR, MINUTE, UUID, lock, lock_like, node, node_is, only, pod_status, running_pod,
};
use crate::lock::{LIMIT, get, until};

/// Where they are played: a server of their own, so that names can be those of the threads.
static STAGE: LazyLock<ApiServer> = LazyLock::new(ApiServer::start);

fn namespace(name: &str) -> Client {
    STAGE.kubectl(["create", "namespace", name]).success();
    STAGE.client("admin", name)
}

/// The first finding, without its evidence, is what the page says of that thread.
#[track_caller]
fn told(client: &Client, lock: &str, thread: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/stories.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, story) = page
        .split_once(&format!("https://github.com/{thread})"))
        .unwrap();
    let (_, expected) = story.split_once("```text\n").unwrap();
    let expected: Vec<_> = expected.lines().take(2).collect();

    let output = client.plugin(["doctor", lock]);
    let first: Vec<_> = output.stdout.lines().take(2).collect();
    assert_eq!(first, expected, "{output:?}");
    assert_eq!(output.code, Some(2), "{output:?}");
}

#[test]
fn a_run_of_terraform_that_its_node_took_along() {
    let client = namespace("flux-system");
    let id = "f2ab685b-f84d-ac0b-a125-378a22877e8d";
    // As Terraform's backend writes it.
    lock_like(&client, "lock-tfstate-default-sg2", 3 * 24 * HOUR, |lock| {
        let info = json!({
            "ID": id, "Operation": "OperationTypePlan", "Info": "", "Path": "",
            "Who": "controller@sg2-tf-runner", "Version": "1.1.9",
            "Created": "2022-06-15T22:27:10.244794577Z",
        });
        lock["metadata"]["labels"] = json!({
            "app.kubernetes.io/managed-by": "terraform", "tfstate": "true",
            "tfstateSecretSuffix": "sg2", "tfstateWorkspace": "default",
        });
        lock["metadata"]["annotations"] = json!({"app.terraform.io/lock-info": info.to_string()});
        lock["spec"] = json!({"holderIdentity": id});
    });
    // Its controller made it anew, to plan again.
    node(&client, "ip-10-3-116-232.ec2.internal", "True", HOUR);
    running_pod(&client, "sg2-tf-runner", "ip-10-3-116-232.ec2.internal");

    told(
        &client,
        "lock-tfstate-default-sg2",
        "flux-iac/tofu-controller/issues/250",
    );
    // What it says to type next asks for the name.
    let finding = only(&client, "lock-tfstate-default-sg2", "HOLDER_GONE");
    let next = finding["next"].as_str().unwrap();
    let words = shlex::split(next).unwrap();
    assert_eq!(words[1], "force-release", "{next}");
    let mut command = client.plugin_command();
    let mut terminal = Terminal::start(command.args(&words[1..]), 110, 40);
    terminal.wait_for(|text| text.contains("Type the lock's name") && text.contains(id));
    terminal.press("lock-tfstate-default-sg2\r");
    assert_eq!(terminal.end(), Some(0), "{next}: {}", terminal.text());
    let freed = get(&client, "lock-tfstate-default-sg2");
    assert!(freed["spec"]["holderIdentity"].is_null(), "{freed}");
    assert!(freed["metadata"]["annotations"]["app.terraform.io/lock-info"].is_null());
}

/// A real elector behind a server that answers in time, and then again does not.
#[test]
fn a_leader_that_a_slow_server_lets_fall() {
    let client = namespace("vip");
    node(&client, "control-plane-0", "True", HOUR);
    let slow = Arc::new(AtomicBool::new(false));
    let is_slow = Arc::clone(&slow);
    let proxy = FaultProxy::before(&STAGE, move |request| {
        if request.path.contains("/leases/") && is_slow.load(Ordering::SeqCst) {
            Fate::Delay(Duration::from_secs(5))
        } else {
            Fate::Forward
        }
    });
    let events = || {
        let list = ["get", "events", "-o", "jsonpath={.items[*].message}"];
        client.kubectl(list).success().stdout
    };
    let behind = proxy.client(&client);
    let elector = || {
        ElectorBuilder::new(&behind, "vip", "plndr-cp-lock", "control-plane-0")
            .timing(4, 2, 1)
            .events()
            .start()
    };
    for life in 1..=4 {
        let mut elector = elector();
        elector.wait_for("started", LIMIT);
        until("its event", || {
            events().matches("became leader").count() == life
        });
        slow.store(true, Ordering::SeqCst);
        elector.wait_for("stopped", LIMIT);
        slow.store(false, Ordering::SeqCst);
    }

    told(&client, "plndr-cp-lock", "kube-vip/kube-vip/issues/282");
}

/// A new release came with a service account that may only read the lock.
#[test]
fn an_operator_that_may_not_take_its_lock() {
    let client = namespace("keda");
    client
        .kubectl(["create", "serviceaccount", "keda-operator"])
        .success();
    let role = ["create", "role", "view", "--verb=get", "--resource=leases"];
    client.kubectl(role).success();
    let bind = "create rolebinding view --role=view --serviceaccount=keda:keda-operator";
    client.kubectl(bind.split(' ')).success();
    let before = format!("keda-operator-7c5d8f9b6d-x2k9p_{UUID}");
    lock(&client, "operator.keda.sh", &before, 15, 5 * MINUTE);
    pod_of(&client, "keda-operator-6d7c5d8f9b-bbbbb", "keda-operator");
    let mut elector = ElectorBuilder::new(
        &as_account(&client, "keda-operator"),
        "keda",
        "operator.keda.sh",
        "keda-operator-6d7c5d8f9b-bbbbb_1",
    )
    .timing(4, 3, 1)
    .start();
    elector.wait_for_leader(&before, LIMIT);

    told(&client, "operator.keda.sh", "kedacore/charts/issues/596");
}

#[test]
fn an_operator_that_waits_for_an_evicted_one() {
    let client = namespace("kiali-operator");
    let pod = "kiali-operator-854c688ff-kqv77";
    running_pod(&client, pod, "nowhere");
    become_leader(&client, "kiali-operator-lock", pod);
    running_pod(&client, "kiali-operator-854c688ff-x2k9p", "nowhere");
    pod_status(&client, pod, &evicted());

    let thread = "operator-framework/operator-sdk/issues/1305";
    told(&client, "kiali-operator-lock", thread);
}

#[test]
fn an_operator_that_waits_for_a_node() {
    let client = namespace("operator");
    node(&client, "bluven-k8s-4", "True", HOUR);
    running_pod(&client, "helm-controller-5f89f89569-mkksl", "bluven-k8s-4");
    become_leader(
        &client,
        "helm-controller-lock",
        "helm-controller-5f89f89569-mkksl",
    );
    node(&client, "bluven-k8s-3", "True", HOUR);
    running_pod(&client, "helm-controller-5f89f89569-554ld", "bluven-k8s-3");
    node_is(&client, "bluven-k8s-4", "Unknown", 2 * HOUR);

    let thread = "operator-framework/operator-sdk/issues/3462";
    told(&client, "helm-controller-lock", thread);
}

/// Two real electors, each of which leads.
#[test]
fn two_leaders_with_one_host_name() {
    let client = namespace("control-plane");
    for machine in ["foo.domain1.tld", "foo.domain2.tld"] {
        node(&client, machine, "True", HOUR);
    }
    let mut electors = [(), ()].map(|()| {
        ElectorBuilder::new(&client, "control-plane", "kube-scheduler", "foo")
            .timing(15, 10, 1)
            .start()
    });
    for elector in &mut electors {
        elector.wait_for("started", LIMIT);
    }

    let thread = "kubernetes/kubernetes/issues/53118";
    told(&client, "kube-scheduler", thread);
}
