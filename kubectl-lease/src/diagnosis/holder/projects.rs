//! The identities of many projects, in the form that their own sources write, each named here.

use lease_client::{LeaseSummary, Node, Pod};
use lease_core::{Dialect, Uid};
use serde_json::{Value, json};

use super::{Holder, Population};
use crate::diagnosis::Facts;
use crate::diagnosis::facts::Pods;

const UUID: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/// What an identity is expected to be.
#[derive(Clone, Copy, Debug)]
enum Is {
    Pod,
    /// The static pod of this component on the node.
    Mirror,
    Node,
    Unknown,
}

struct Row {
    /// The project's file in which the identity is made.
    source: &'static str,
    /// Namespace and name of its lease.
    lease: (&'static str, &'static str),
    /// The identity; `{}` stands for a uuid.
    identity: &'static str,
    /// The pod or the node behind it, if it names one.
    who: &'static str,
    is: Is,
}

const fn row(
    source: &'static str,
    lease: (&'static str, &'static str),
    identity: &'static str,
    who: &'static str,
    is: Is,
) -> Row {
    Row {
        source,
        lease,
        identity,
        who,
        is,
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("kubernetes: cmd/kube-controller-manager/app/controllermanager.go",
        ("kube-system", "kube-controller-manager"), "control-plane-1_{}", "control-plane-1", Is::Mirror),
    row("kubernetes: cmd/kube-scheduler/app/options/options.go",
        ("kube-system", "kube-scheduler"), "control-plane-1_{}", "control-plane-1", Is::Mirror),
    row("kubernetes: staging/src/k8s.io/apiserver/pkg/server/config.go",
        ("kube-system", "apiserver-4kvjq2hm5wz3xn7dtbpcr6s2ya"), "apiserver-4kvjq2hm5wz3xn7dtbpcr6s2ya_{}", "control-plane-1", Is::Node),
    row("kubernetes: pkg/kubelet/kubelet.go",
        ("kube-node-lease", "worker-1"), "worker-1", "worker-1", Is::Node),
    row("controller-runtime: pkg/leaderelection/leader_election.go",
        ("apps", "a1b2c3d4.example.com"), "operator-6f8d7c9b5-wq4xn_{}", "operator-6f8d7c9b5-wq4xn", Is::Pod),
    row("cert-manager: cmd/controller/app/controller.go",
        ("kube-system", "cert-manager-controller"), "cert-manager-55c69bf5cf-2fgjn-external-cert-manager-controller", "cert-manager-55c69bf5cf-2fgjn", Is::Pod),
    row("cilium: operator/cmd/root.go, in its node's network",
        ("kube-system", "cilium-operator-resource-lock"), "ip-10-3-116-232.ec2.internal-JiNhCkOAFs", "ip-10-3-116-232.ec2.internal", Is::Node),
    row("cilium: operator/cmd/root.go, in a network of its own",
        ("kube-system", "cilium-operator-resource-lock"), "cilium-operator-5d7b9c8f4-hm2vz-JiNhCkOAFs", "cilium-operator-5d7b9c8f4-hm2vz", Is::Pod),
    row("csi-lib-utils: leaderelection/leader_election.go, a pod",
        ("storage", "snapshot-controller-leader"), "snapshot-controller-7d8dd4dd5d-wmk9b", "snapshot-controller-7d8dd4dd5d-wmk9b", Is::Pod),
    row("csi-lib-utils: leaderelection/leader_election.go, which writes dashes for dots",
        ("storage", "external-attacher-leader-ebs"), "ip-10-3-116-232-ec2-internal", "ip-10-3-116-232.ec2.internal", Is::Node),
    row("external-provisioner: cmd/csi-provisioner/csi-provisioner.go",
        ("storage", "ebs-csi-aws-com"), "1598345871234-8081-ebs-csi-aws-com", "", Is::Unknown),
    row("ingress-nginx: internal/ingress/controller/status.go",
        ("ingress-nginx", "ingress-nginx-leader"), "ingress-nginx-controller-7c5d8f9b6d-x2k9p", "ingress-nginx-controller-7c5d8f9b6d-x2k9p", Is::Pod),
    row("wrangler (Rancher): pkg/leader/leader.go",
        ("kube-system", "cattle-controllers"), "rancher-5b6f8c9d7b-tz8qr", "rancher-5b6f8c9d7b-tz8qr", Is::Pod),
    row("descheduler: pkg/descheduler/leaderelection.go",
        ("kube-system", "descheduler"), "descheduler-7c9d5f8b6c-kx9w2_{}", "descheduler-7c9d5f8b6c-kx9w2", Is::Pod),
    row("openshift/library-go: pkg/config/leaderelection/leaderelection.go",
        ("openshift-etcd-operator", "openshift-cluster-etcd-operator-lock"), "etcd-operator-78bd9c6f5-4xz2v_{}", "etcd-operator-78bd9c6f5-4xz2v", Is::Pod),
    row("kyverno: pkg/leaderelection/leaderelection.go",
        ("kyverno", "kyverno"), "kyverno-admission-controller-6d5c8b7f9-zr8wl", "kyverno-admission-controller-6d5c8b7f9-zr8wl", Is::Pod),
    row("knative: leaderelection/config.go",
        ("knative-serving", "controller.reconciler.00-of-01"), "controller-7f9d8c6b5-bqn4k_{}", "controller-7f9d8c6b5-bqn4k", Is::Pod),
    row("argo-workflows: cmd/workflow-controller/main.go",
        ("argo", "workflow-controller"), "workflow-controller-5c7f9d8b6-tlv2m", "workflow-controller-5c7f9d8b6-tlv2m", Is::Pod),
    row("kube-vip: pkg/cluster/clusterLeaderElection.go",
        ("kube-system", "plndr-cp-lock"), "control-plane-1", "control-plane-1", Is::Node),
    row("terraform: internal/states/statemgr/locker.go, Who in the lock info",
        ("infra", "lock-tfstate-default-prod"), "{}", "prod-tf-runner", Is::Pod),
    row("istio: pilot/pkg/leaderelection/leaderelection.go",
        ("istio-system", "istio-leader"), "istiod-6c8b9d7f5-gk4vx", "istiod-6c8b9d7f5-gk4vx", Is::Pod),
    row("java-operator-sdk: LeaderElectionManager.java, by HOSTNAME",
        ("apps", "java-operator"), "java-operator-8d7c6b5f9-qsn2w", "java-operator-8d7c6b5f9-qsn2w", Is::Pod),
    row("java-operator-sdk: LeaderElectionManager.java, without HOSTNAME",
        ("apps", "java-operator"), "{}", "", Is::Unknown),
    row("kubectl-lease: client/src/identity.rs, in a pod",
        ("payments", "billing-batch"), "billing-batch-29384710-kx9w2_{}", "billing-batch-29384710-kx9w2", Is::Pod),
    row("kubectl-lease: client/src/identity.rs, at a desk",
        ("payments", "billing-batch"), "alice@desk_{}", "", Is::Unknown),
];

fn lock(row: &Row) -> LeaseSummary {
    let (namespace, name) = row.lease;
    let mut labels = json!({});
    let mut annotations = json!({});
    if name.starts_with("apiserver-") {
        labels = json!({
            "apiserver.kubernetes.io/identity": "kube-apiserver",
            "kubernetes.io/hostname": row.who,
        });
    } else if name.starts_with("lock-tfstate-") {
        labels["tfstate"] = "true".into();
        let info = json!({"ID": UUID, "Who": format!("runner@{}", row.who)});
        annotations[Dialect::TERRAFORM_LOCK_INFO] = info.to_string().into();
    }
    let lock: Value = json!({
        "metadata": {
            "namespace": namespace, "name": name, "uid": "u", "resourceVersion": "1",
            "labels": labels, "annotations": annotations,
        },
        "spec": {"holderIdentity": row.identity.replace("{}", UUID)},
    });
    LeaseSummary::read(&lock.to_string()).unwrap()
}

fn pod(namespace: &str, name: &str, is_mirror: bool) -> Pod {
    Pod {
        namespace: namespace.into(),
        name: name.into(),
        uid: Uid::new(name),
        created: None,
        deletion: None,
        owner: None,
        is_mirror,
        node: None,
        hostname: None,
        has_host_network: is_mirror,
        service_account: None,
        phase: "Running".into(),
        reason: None,
        is_ready: Some(true),
        containers: Vec::new(),
    }
}

/// A cluster in which all of them live.
fn everybody() -> Facts {
    let mut pods = Vec::new();
    let mut nodes = Vec::new();
    for row in ROWS {
        let (namespace, name) = row.lease;
        match row.is {
            Is::Pod => pods.push(pod(namespace, row.who, false)),
            Is::Mirror => pods.push(pod(namespace, &format!("{name}-{}", row.who), true)),
            Is::Node | Is::Unknown => {}
        }
        let node = Node {
            name: row.who.into(),
            hostname: None,
            readiness: None,
        };
        if matches!(row.is, Is::Mirror | Is::Node) && !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    Facts {
        pods: Some(Pods {
            pods,
            are_all: true,
        }),
        nodes: Some(nodes),
        ..Facts::default()
    }
}

#[test]
fn identities_lead_to_those_behind_them() {
    let facts = everybody();
    let population = Population::of(&facts);
    for row in ROWS {
        let lock = lock(row);
        let identity = lock.snapshot.record.holder().unwrap();
        let holder = population.holder(&lock, identity);
        let is_right = match (&holder, row.is) {
            (Holder::Pod { pod, is_certain }, Is::Pod) => *is_certain && pod.name == row.who,
            (Holder::Pod { pod, is_certain }, Is::Mirror) => {
                *is_certain && pod.name == format!("{}-{}", row.lease.1, row.who)
            }
            (Holder::Node(node), Is::Node) => node.name == row.who,
            (Holder::Unknown(_) | Holder::Absent(_), Is::Unknown) => true,
            _ => false,
        };
        assert!(is_right, "{}: {identity}: {holder:?}", row.source);
    }
    let mut projects: Vec<_> = ROWS
        .iter()
        .filter_map(|row| row.source.split_once(": "))
        .collect();
    projects.dedup_by_key(|(_, file)| file.split(',').next());
    assert!(projects.len() >= 20, "{}", projects.len());
}

/// Nobody is dead in a cluster of which nothing may be read.
#[test]
fn who_cannot_be_read_is_unknown() {
    let facts = Facts::default();
    let population = Population::of(&facts);
    for row in ROWS {
        let lock = lock(row);
        let identity = lock.snapshot.record.holder().unwrap();
        let holder = population.holder(&lock, identity);
        assert!(
            matches!(holder, Holder::Unknown(_)),
            "{}: {holder:?}",
            row.source
        );
    }
}
