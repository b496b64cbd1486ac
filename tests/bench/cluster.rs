//! A large cluster's worth of pods and nodes, as its control plane and its kubelets write them.

use std::path::Path;

use futures::{StreamExt, stream};
use http::{Method, Request};
use kube::Client;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use crate::seed;

/// How many requests are under way at once.
const PARALLEL: usize = 50;
/// One node of so many is not ready.
const DOWN: usize = 50;
const LONG_AGO: &str = "2026-01-01T00:00:00Z";

/// The administrator's own connection.
pub(crate) async fn client(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    Client::try_from(config.unwrap()).unwrap()
}

/// Creates so many nodes, and so many pods on them: those behind the holders that [`seed::create`]
/// names.
pub(crate) async fn create(client: &Client, nodes: usize, pods: usize) {
    let node = |number| async move {
        give(client, "/api/v1/nodes", &node(number), &node_status(number)).await;
    };
    let pod = |number| async move {
        let path = "/api/v1/namespaces/default/pods";
        give(client, path, &pod(number, nodes), &pod_status(number)).await;
    };
    stream::iter(0..nodes)
        .map(node)
        .buffer_unordered(PARALLEL)
        .collect::<()>()
        .await;
    stream::iter(0..pods)
        .map(pod)
        .buffer_unordered(PARALLEL)
        .collect::<()>()
        .await;
}

/// Creates an object, and then writes its status, which nobody can create it with.
async fn give(client: &Client, path: &str, object: &Value, status: &Value) {
    let send = async |method: Method, path: &str, kind: &str, body: &Value| {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("Content-Type", kind);
        let request = request.body(body.to_string().into_bytes()).unwrap();
        client.request_text(request).await.unwrap();
    };
    send(Method::POST, path, "application/json", object).await;
    let name = object["metadata"]["name"].as_str().unwrap();
    let path = format!("{path}/{name}/status");
    let status = json!({"status": status});
    send(
        Method::PATCH,
        &path,
        "application/merge-patch+json",
        &status,
    )
    .await;
}

fn node_name(number: usize) -> String {
    format!("ip-10-0-{}-{}.ec2.internal", number / 250, number % 250)
}

fn node(number: usize) -> Value {
    let name = node_name(number);
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "m7i.2xlarge",
                "topology.kubernetes.io/region": "eu-central-1",
                "topology.kubernetes.io/zone": "eu-central-1a",
            },
        },
        "spec": {"podCIDR": "10.244.0.0/24"},
    })
}

fn node_status(number: usize) -> Value {
    let (ready, reason) = if number.is_multiple_of(DOWN) {
        ("Unknown", "NodeStatusUnknown")
    } else {
        ("True", "KubeletReady")
    };
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": format!("{reason}, as ever"),
            "lastHeartbeatTime": LONG_AGO, "lastTransitionTime": LONG_AGO,
        })
    };
    let images: Vec<_> = (0..50)
        .map(|image| {
            json!({
                "names": [format!("registry.invalid/team-{image}/service:2026.11.{image}")],
                "sizeBytes": 123_456_789,
            })
        })
        .collect();
    json!({
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID"),
            condition("Ready", ready, reason),
        ],
        "images": images,
    })
}

fn pod(number: usize, nodes: usize) -> Value {
    let env = |count: usize| -> Vec<_> {
        (0..count)
            .map(|at| json!({"name": format!("SETTING_{at}"), "value": format!("value-{at}")}))
            .collect()
    };
    let container = |name: &str| {
        json!({
            "name": name,
            "image": format!("registry.invalid/payments/{name}:2026.11.21"),
            "args": ["--leader-elect=true", "--metrics-bind-address=:8080", "--v=2"],
            "env": env(20),
            "ports": [{"containerPort": 8080, "name": "metrics"}],
            "resources": {
                "limits": {"cpu": "500m", "memory": "256Mi"},
                "requests": {"cpu": "100m", "memory": "128Mi"},
            },
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/config"}],
        })
    };
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": seed::pod(number),
            "labels": {
                "app.kubernetes.io/instance": "prod",
                "app.kubernetes.io/name": format!("worker-{number:05}"),
                "pod-template-hash": "7d4b9c6f58",
            },
            "annotations": {"prometheus.io/port": "8080", "prometheus.io/scrape": "true"},
        },
        "spec": {
            "containers": [container("main"), container("proxy")],
            "nodeName": node_name(number % nodes),
            "serviceAccountName": "worker",
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}],
            "volumes": [{"name": "config", "configMap": {"name": "worker"}}],
        },
    })
}

fn pod_status(number: usize) -> Value {
    let condition =
        |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": LONG_AGO});
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    let container = |name: &str| {
        json!({
            "name": name,
            "image": format!("registry.invalid/payments/{name}:2026.11.21"),
            "imageID": format!("registry.invalid/payments/{name}@sha256:{number:064x}"),
            "containerID": format!("containerd://{number:064x}"),
            "ready": true, "restartCount": 0, "started": true,
            "state": {"running": {"startedAt": LONG_AGO}},
        })
    };
    json!({
        "phase": "Running",
        "conditions": conditions,
        "containerStatuses": [container("main"), container("proxy")],
        "hostIP": "10.0.0.1", "podIP": "10.244.0.7", "qosClass": "Burstable",
        "startTime": LONG_AGO,
    })
}
