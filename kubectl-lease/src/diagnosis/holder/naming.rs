//! What an identity names, by the forms that its writers give it.

use lease_client::LeaseSummary;
use lease_core::Dialect;
use uuid::Uuid;

/// What an identity names.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Naming<'a> {
    /// A pod, by its name or its host name, or the host name of a node.
    Host(&'a str),
    /// A node, or nothing that can be found.
    Node(&'a str),
    /// Nothing that can be found, for this reason.
    Nothing(&'static str),
}

const CILIUM_LOCK: &str = "cilium-operator-resource-lock";
const CERT_MANAGER: &str = "-external-cert-manager-controller";

/// What an identity on this lock names.
pub(super) fn naming<'a>(lock: &'a LeaseSummary, identity: &'a str) -> Naming<'a> {
    match &lock.snapshot.dialect {
        Dialect::ApiServerIdentity => {
            return lock.host.as_deref().map_or(
                Naming::Nothing("the API server's identity does not say where it runs"),
                Naming::Node,
            );
        }
        Dialect::NodeHeartbeat => return Naming::Node(identity),
        Dialect::Terraform { .. } => {
            return lock.host.as_deref().map_or(
                Naming::Nothing("it is the ID of a run of Terraform, which does not say whose"),
                Naming::Host,
            );
        }
        Dialect::ConfigMap { .. } | Dialect::PlainConfigMap => {
            return Naming::Nothing("it is a ConfigMap");
        }
        Dialect::ClientGo | Dialect::CloudNativePg | Dialect::Coordinated | Dialect::Longhorn => {}
    }
    if is_uuid(identity) {
        return Naming::Nothing("it is a uuid");
    }
    if is_csi_sidecar(identity) {
        return Naming::Nothing("a CSI sidecar of this version does not say where it runs");
    }
    let host = match (identity.rsplit_once('_'), identity.rsplit_once('-')) {
        (Some((host, unique)), _) if is_uuid(unique) => host,
        // Its host, and ten characters.
        (_, Some((host, unique)))
            if lock.snapshot.name == CILIUM_LOCK
                && unique.len() == 10
                && unique.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            host
        }
        _ => identity.strip_suffix(CERT_MANAGER).unwrap_or(identity),
    };
    match host.rsplit_once('@') {
        // Somebody at a machine, who may have left it.
        Some((_, machine)) => Naming::Node(machine),
        None => Naming::Host(host),
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// Sidecars of CSI drivers of old call themselves by milliseconds, a random number and the driver.
fn is_csi_sidecar(identity: &str) -> bool {
    let mut parts = identity.splitn(3, '-');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|part| {
            digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    number(13..=13) && number(1..=5) && parts.next().is_some()
}

/// The characters of which Kubernetes makes names at random (`rand.String`): no vowels, so that
/// there are no words among them.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Whether a name ends as those that are made for pods: five random characters.
pub(super) fn is_generated(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, end)| is_random(end))
}

fn is_random(part: &str) -> bool {
    part.len() == 5
        && part.chars().all(|c| SAFE.contains(c))
        && part.chars().any(|c| c.is_ascii_alphabetic())
}

/// The name of the workload that a pod of this name belongs to, as far as the name tells.
pub(in crate::diagnosis) fn workload(pod: &str) -> &str {
    let Some((base, end)) = pod.rsplit_once('-') else {
        return pod;
    };
    if is_random(end) {
        // Of a Deployment by its ReplicaSet's hash, or of a CronJob by its Job's minute.
        return match base.rsplit_once('-') {
            Some((workload, middle))
                if (6..=10).contains(&middle.len())
                    && middle
                        .chars()
                        .all(|c| SAFE.contains(c) || c.is_ascii_digit()) =>
            {
                workload
            }
            _ => base,
        };
    }
    let is_ordinal = !end.is_empty() && end.chars().all(|c| c.is_ascii_digit());
    if is_ordinal { base } else { pod }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workload_is_what_all_of_its_pods_have_in_common() {
        for (pod, expected) in [
            (
                "ingress-nginx-controller-7c5d8f9b6d-x2k9p",
                "ingress-nginx-controller",
            ),
            ("billing-batch-29384710-kx9w2", "billing-batch"),
            ("fluentd-tz8qr", "fluentd"),
            ("report-writer-0", "report-writer"),
            ("control-plane", "control-plane"),
            ("alone", "alone"),
            ("-", "-"),
        ] {
            assert_eq!(workload(pod), expected);
        }
    }

    #[test]
    fn the_name_of_a_machine_is_not_taken_for_a_pod_s() {
        for machine in [
            "worker-3",
            "ip-10-0-1-23.ec2.internal",
            "gke-prod-pool-1a2b3c4d-x7zk",
            "aks-nodepool1-24685-vmss000001",
            "runner-52468",
            "my-proxy",
            "build-agent",
        ] {
            assert!(!is_generated(machine), "{machine}");
        }
        assert!(is_generated("cilium-operator-6f8d7c9b5-wq4xn"));
    }
}
