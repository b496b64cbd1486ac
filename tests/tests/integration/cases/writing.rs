//! Leases that come, change and go, and writes that are refused.

use super::case::Case;
use super::case::Step::{Create, Expired, Keep, Kubectl, Lease, Replace};
use super::objects::{ONE, SHORT, THREE, THREE_AS_ONE, TWO};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "what is not there",
        steps: &[
            Kubectl(1, "get lease one"),
            Kubectl(1, "delete lease one"),
            Kubectl(0, "delete lease one --ignore-not-found"),
            Kubectl(1, "get lease one -n no-such-namespace"),
            Kubectl(1, "get leases one two"),
            Lease(1, "ls one"),
            Lease(1, "describe one"),
            Lease(1, "renew one --identity me"),
            Lease(1, "release one --identity me"),
            Lease(1, "steal one"),
            Lease(1, "timing one"),
            Lease(1, "describe one -n no-such-namespace"),
            Lease(1, "acquire --try one --identity me -n no-such-namespace"),
            // Without a uid, a PUT creates what is not there.
            Replace(0, ONE),
            Kubectl(0, "get lease one -o yaml --show-managed-fields"),
        ],
    },
    Case {
        name: "invalid objects",
        steps: &[
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, \
                 spec: {holderIdentity: x, leaseDurationSeconds: 0}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, \
                 spec: {holderIdentity: x, leaseDurationSeconds: -1, leaseTransitions: -1}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: Upper}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, \
                 metadata: {name: a, labels: {team: 'a b'}}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, \
                 spec: {renewTime: '2026-01-02T03:04:05Z'}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, \
                 spec: {leaseDurationSeconds: soon}}",
            ),
            Create(
                1,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}, \
                 spec: {holder: x}}",
            ),
            Kubectl(0, "get leases"),
        ],
    },
    Case {
        name: "creating twice, deleting twice",
        steps: &[
            Create(0, ONE),
            Create(1, ONE),
            Kubectl(0, "delete lease one"),
            Kubectl(1, "delete lease one"),
            Create(0, ONE),
            Create(0, TWO),
            Kubectl(0, "delete leases --all"),
            Kubectl(0, "get leases"),
        ],
    },
    Case {
        name: "a stale version",
        steps: &[
            Create(0, ONE),
            Keep("stale.json", "get lease one -o json"),
            Kubectl(0, "replace -f stale.json --dry-run=server -o yaml"),
            Kubectl(0, "delete lease one --dry-run=server"),
            Kubectl(0, "replace -f stale.json"),
            Lease(0, "renew one --identity alice"),
            Kubectl(1, "replace -f stale.json"),
            Kubectl(0, "delete lease one"),
            // A uid is in it, so it does not come back.
            Kubectl(1, "replace -f stale.json"),
            Create(0, ONE),
            Kubectl(1, "replace -f stale.json"),
            Kubectl(1, "create -f stale.json"),
            Replace(0, THREE_AS_ONE),
            Kubectl(0, "get lease one -o yaml --show-managed-fields"),
        ],
    },
    Case {
        name: "acquire",
        steps: &[
            Lease(0, "acquire --try new --identity me"),
            Kubectl(0, "get lease new -o yaml --show-managed-fields"),
            Lease(3, "acquire --try new --identity me"),
            Lease(4, "acquire --try new --identity other"),
            Lease(0, "acquire --try another --duration 10m -o json"),
            Lease(0, "acquire --try third --identity me -o yaml"),
            Lease(0, "acquire --try fourth --identity me -o name"),
            Create(0, THREE),
            Lease(4, "acquire --try three --identity me"),
            Lease(0, "ls"),
            Lease(0, "describe new"),
        ],
    },
    Case {
        name: "renew and release",
        steps: &[
            Lease(0, "acquire --try lock --identity me --duration 10m"),
            Lease(0, "renew lock --identity me"),
            Lease(0, "renew lock --identity me --duration 20m"),
            Lease(3, "renew lock --identity other"),
            Lease(3, "release lock --identity other"),
            Kubectl(0, "get lease lock -o yaml"),
            Lease(0, "release lock --identity me"),
            Lease(0, "release lock --identity me"),
            Lease(0, "release lock --identity other"),
            Lease(3, "renew lock --identity me"),
            Kubectl(0, "get lease lock -o yaml --show-managed-fields"),
            Lease(0, "acquire --try lock --identity other"),
            Kubectl(0, "get leases"),
            Lease(0, "ls"),
        ],
    },
    Case {
        name: "deleted in between",
        steps: &[
            Lease(0, "acquire --try lock --identity me"),
            Kubectl(0, "delete lease lock"),
            Lease(1, "renew lock --identity me"),
            Lease(1, "release lock --identity me"),
            Lease(1, "steal lock"),
            Lease(0, "acquire --try lock --identity me"),
            Kubectl(0, "get lease lock -o yaml"),
        ],
    },
    Case {
        name: "steal from the living",
        steps: &[
            Lease(0, "acquire --try lock --identity me --duration 10m"),
            Lease(3, "steal lock"),
            Lease(3, "steal lock --release"),
            Lease(3, "steal lock --expiry stamped"),
            Lease(3, "steal lock --identity me"),
            Lease(0, "release lock --identity me"),
            Lease(3, "steal lock"),
            Create(0, THREE),
            Lease(3, "steal three"),
        ],
    },
    Case {
        name: "steal what is expired",
        steps: &[
            Create(0, SHORT),
            Lease(4, "acquire --try short --identity me"),
            Expired("short"),
            Lease(0, "ls --stuck -o wide"),
            Lease(0, "describe short"),
            Lease(3, "steal short --identity gone"),
            Lease(0, "steal short --identity me"),
            Kubectl(0, "get lease short -o yaml --show-managed-fields"),
            Lease(3, "renew short --identity gone"),
        ],
    },
    Case {
        name: "free what is expired",
        steps: &[
            Create(0, SHORT),
            Expired("short"),
            Lease(0, "steal short --release"),
            Kubectl(0, "get lease short -o yaml --show-managed-fields"),
            Lease(0, "ls"),
        ],
    },
    Case {
        name: "acquire what is expired, renew what expired",
        steps: &[
            Create(0, SHORT),
            Lease(0, "acquire --try mine --identity me --duration 2s"),
            Expired("short"),
            Expired("mine"),
            Lease(0, "renew mine --identity me --duration 10m"),
            Lease(0, "acquire --try short --identity me -o json"),
            Lease(0, "ls"),
        ],
    },
];
