//! Looking at leases of every kind, with nothing that changes them in between.

use super::case::Case;
use super::case::Step::{Create, Kubectl, Lease};
use super::objects::{ONE, THREE, TWO};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "nothing to list",
        steps: &[
            Kubectl(0, "get leases"),
            Kubectl(0, "get leases -o json"),
            Kubectl(0, "get leases -n no-such-namespace"),
            Lease(0, "ls"),
            Lease(0, "ls -o json"),
            Lease(0, "ls -o yaml"),
            Lease(0, "ls -n no-such-namespace"),
        ],
    },
    Case {
        name: "several, sorted by name",
        steps: &[
            Create(0, TWO),
            Lease(0, "ls"),
            Create(0, ONE),
            Create(0, THREE),
            Kubectl(0, "get leases"),
            Kubectl(0, "get leases -o wide --show-labels"),
            Kubectl(0, "get leases --no-headers"),
            Kubectl(0, "get leases --chunk-size=2"),
            Kubectl(0, "get leases -o name"),
            Kubectl(0, "get leases --sort-by=.spec.holderIdentity"),
            Kubectl(0, "get lease two one"),
            Lease(0, "ls"),
            Lease(0, "ls -o wide"),
            Lease(0, "ls -o name"),
            Lease(0, "ls two one"),
            Lease(0, "ls --stuck"),
            Lease(0, "ls --state held"),
        ],
    },
    Case {
        name: "selectors",
        steps: &[
            Create(0, ONE),
            Create(0, TWO),
            Create(0, THREE),
            Kubectl(0, "get leases -l team=blue"),
            Kubectl(0, "get leases -l team!=blue"),
            Kubectl(0, "get leases -l !team"),
            Kubectl(0, "get leases -l team,tier"),
            Kubectl(0, "get leases -l team=green"),
            Kubectl(0, "get leases --field-selector metadata.name=two"),
            Kubectl(0, "get leases --field-selector metadata.name!=two"),
            Kubectl(1, "get leases --field-selector spec.holderIdentity=alice"),
            Lease(0, "ls -l team=blue"),
            Lease(0, "ls -l team!=blue"),
            Lease(0, "ls -l tier,team=blue"),
            Lease(0, "ls -l team=green"),
            Lease(1, "ls -l _team=blue"),
        ],
    },
    Case {
        name: "formats",
        steps: &[
            Create(0, ONE),
            Create(0, TWO),
            Kubectl(0, "get lease one -o json"),
            Kubectl(0, "get lease two -o yaml"),
            Kubectl(0, "get leases -o yaml"),
            Kubectl(0, "get lease one -o yaml --show-managed-fields"),
            Kubectl(0, "get leases -o custom-columns=H:.spec.holderIdentity"),
            Kubectl(0, "get leases -o jsonpath={.items[*].metadata.name}"),
            Lease(0, "ls -o json"),
            Lease(0, "ls -o yaml"),
            Lease(0, "ls one -o json"),
            Lease(0, "describe two"),
            Lease(0, "describe two -o json"),
            Lease(0, "describe two -o yaml"),
        ],
    },
    Case {
        name: "leases with little in them",
        steps: &[
            Create(
                0,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: a}}",
            ),
            Create(
                0,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: b}, \
                 spec: {holderIdentity: ''}}",
            ),
            Create(
                0,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: c}, \
                 spec: {holderIdentity: x, leaseDurationSeconds: 5, \
                 renewTime: '0001-01-01T00:00:00.000000Z'}}",
            ),
            Create(
                0,
                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: d}, \
                 spec: {holderIdentity: x, leaseDurationSeconds: 2147483647, \
                 leaseTransitions: 2147483647, renewTime: '9999-12-30T00:00:00.000000Z'}}",
            ),
            Create(
                0,
                r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"e"},
                "spec":{"holderIdentity":"\u001b[31m\u202ewide 主","strategy":"Mine"}}"#,
            ),
            Kubectl(0, "get leases"),
            Kubectl(0, "get leases -o yaml"),
            Lease(0, "ls -o wide"),
            Lease(0, "ls -o json"),
            Lease(0, "describe a"),
            Lease(0, "describe c"),
            Lease(0, "describe d"),
            Lease(0, "describe e"),
            Lease(0, "acquire --try a --identity me"),
            Lease(0, "acquire --try b --identity me"),
            Lease(4, "acquire --try c --identity me"),
            Kubectl(0, "get leases -o yaml --show-managed-fields"),
        ],
    },
    Case {
        name: "waiting with kubectl",
        steps: &[
            Create(0, ONE),
            Kubectl(0, "wait lease/one --for=create --timeout=20s"),
            Kubectl(
                0,
                "wait lease/one --for=jsonpath={.spec.holderIdentity}=alice --timeout=20s",
            ),
            Kubectl(
                1,
                "wait lease/one --for=jsonpath={.spec.holderIdentity}=bob --timeout=100ms",
            ),
        ],
    },
];
