//! The locks of the living cluster.

use std::time::Duration;

use serde_json::json;

use super::lock::{Form, Life, Lock};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// All of them.
pub(super) fn locks() -> Vec<Lock> {
    let mut locks = control_plane();
    locks.extend(nodes());
    locks.extend(controllers());
    locks.extend(stuck());
    locks.extend(workloads());
    locks
}

fn control_plane() -> Vec<Lock> {
    let identity = "apiserver-4kvjq2hm5wz3xn7dtbpcr6s2ya";
    vec![
        Lock {
            transitions: 3,
            ..Lock::new(
                "kube-system",
                "kube-controller-manager",
                "control-plane-1_5b0c8a5e-0a52-4b7e-9d51-3f3a3c1d7e10",
            )
            .aged(41 * DAY, 6 * DAY, 1)
            .renewing(2)
        },
        Lock {
            transitions: 2,
            ..Lock::new(
                "kube-system",
                "kube-scheduler",
                "control-plane-1_c1f6f0a4-7f0b-4c43-8f8d-9a2b6e4d1c22",
            )
            .aged(41 * DAY, 6 * DAY, 2)
            .renewing(2)
        },
        Lock {
            duration: 3600,
            form: Form::Identity,
            labels: vec![
                ("apiserver.kubernetes.io/identity", "kube-apiserver"),
                ("kubernetes.io/hostname", "control-plane-1"),
            ],
            manager: "kube-apiserver",
            ..Lock::new(
                "kube-system",
                identity,
                "apiserver-4kvjq2hm5wz3xn7dtbpcr6s2ya_0d9a4f0e-6d0f-4b61-93a7-2f1f5b8c9e33",
            )
            .aged(6 * DAY, 6 * DAY, 4)
            .renewing(10)
        },
    ]
}

/// Node leases: the third node died.
fn nodes() -> Vec<Lock> {
    let node = |name| Lock {
        duration: 40,
        form: Form::Identity,
        manager: "kubelet",
        ..Lock::new("kube-node-lease", name, name)
    };
    vec![
        node("worker-1").aged(41 * DAY, 41 * DAY, 3).renewing(10),
        node("worker-2").aged(41 * DAY, 41 * DAY, 7).renewing(10),
        node("worker-3").aged(19 * DAY, 19 * DAY, 25 * MINUTE),
    ]
}

fn controllers() -> Vec<Lock> {
    vec![
        Lock {
            duration: 60,
            manager: "controller",
            transitions: 1,
            ..Lock::new(
                "cert-manager",
                "cert-manager-controller",
                "cert-manager-6f8d7c9b5-wq4xn-external-cert-manager-controller",
            )
            .aged(30 * DAY, 9 * DAY, 5)
            .renewing(10)
        },
        Lock {
            duration: 30,
            manager: "nginx-ingress-controller",
            ..Lock::new(
                "ingress-nginx",
                "ingress-nginx-leader",
                "ingress-nginx-controller-7c5d8f9b6d-x2k9p",
            )
            .aged(12 * DAY, 12 * DAY, 4)
            .renewing(7)
        },
        // Alive, on a node whose clock is an hour behind.
        Lock {
            clock: -HOUR,
            transitions: 4,
            ..Lock::new(
                "monitoring",
                "prometheus-operator",
                "prometheus-operator-5d7b9c8f4-hm2vz_8e1d2b7c-94a6-4d0f-8a5c-61f0b3e7d944",
            )
            .aged(22 * DAY, 2 * DAY, 1)
            .renewing(2)
        },
    ]
}

/// The locks that somebody has to look at.
fn stuck() -> Vec<Lock> {
    let lock_info = json!({
        "Created": "2026-01-15T09:30:00.000000Z",
        "ID": "7c2f9d4e-3b1a-4f6e-8d5c-0a9b8c7d6e55",
        "Info": "",
        "Operation": "OperationTypeApply",
        "Path": "",
        "Version": "1.9.8",
        "Who": "ci@runner-7",
    });
    vec![
        // Crashed in the middle of its work.
        Lock {
            duration: 30,
            transitions: 7,
            ..Lock::new(
                "payments",
                "billing-batch",
                "billing-batch-29384710-kx9w2_3a7e5c1d-2f48-4b96-b0e3-7d6c5a4f3b66",
            )
            .aged(8 * DAY, 31 * MINUTE, 12 * MINUTE)
        },
        // Dead, but its clock was ahead: what it recorded lies in the future.
        Lock {
            clock: HOUR,
            transitions: 1,
            ..Lock::new(
                "logging",
                "fluent-operator",
                "fluent-operator-84c6d5f7b9-tz8qr_b4d2c6f8-1e3a-4c57-9f60-5a8e7d9c1b77",
            )
            .aged(15 * DAY, 5 * DAY, 20 * MINUTE)
        },
        // Without a time it never runs out.
        Lock {
            annotations: vec![("app.terraform.io/lock-info", lock_info.to_string())],
            form: Form::Terraform,
            labels: vec![
                ("app.kubernetes.io/managed-by", "terraform"),
                ("tfstate", "true"),
                ("tfstateSecretSuffix", "prod"),
                ("tfstateWorkspace", "default"),
            ],
            manager: "HashiCorp",
            ..Lock::new(
                "infra",
                "lock-tfstate-default-prod",
                "7c2f9d4e-3b1a-4f6e-8d5c-0a9b8c7d6e55",
            )
            .aged(3 * HOUR, 3 * HOUR, 3 * HOUR)
        },
    ]
}

fn workloads() -> Vec<Lock> {
    vec![
        // Released: anybody may take it.
        Lock::new("web", "cache-warmer", "").aged(4 * DAY, 4 * DAY, 2 * HOUR),
        // Renews so slowly that it is late most of the time.
        Lock {
            duration: 20,
            ..Lock::new(
                "reporting",
                "report-writer",
                "report-writer-0_e5f1a2b3-6c7d-4e8f-9a0b-1c2d3e4f5a88",
            )
            .aged(26 * HOUR, 26 * HOUR, 9)
            .renewing(17)
        },
        Lock {
            life: Life::HandsOver {
                after: Duration::from_secs(25),
                every: Duration::from_secs(2),
                to: "ledger-writer-1_4d3c2b1a-0f9e-4d8c-b7a6-5f4e3d2c1b99",
            },
            transitions: 212,
            ..Lock::new(
                "payments",
                "ledger-writer",
                "ledger-writer-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa",
            )
            .aged(3 * DAY, 6, 2)
        },
        // A leaselocker's lock.
        Lock {
            duration: 60,
            manager: "release-train",
            ..Lock::new(
                "deploy",
                "release-train",
                "deploy-runner-3_2b6d8f1e-7a5c-4e39-a8b4-c0d1e2f3a4bb",
            )
            .aged(14 * MINUTE, 14 * MINUTE, 1)
            .renewing(2)
        },
    ]
}
