//! What the server says it serves.

use serde_json::{Value, json};

use super::accept::Form;
use super::answer::{self, Answer};
use crate::lease::decode::API_VERSION;
use crate::status::GROUP;

/// The release that is imitated.
const RELEASE: &str = "v1.36.3";

/// `/version`.
pub(super) fn version() -> Answer {
    answer::object(
        200,
        &json!({
            "buildDate": "1970-01-01T00:00:00Z",
            "compiler": "none",
            "emulationMajor": "1",
            "emulationMinor": "36",
            "gitCommit": "sandbox",
            "gitTreeState": "clean",
            "gitVersion": RELEASE,
            "goVersion": "none",
            "major": "1",
            "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35",
            "minor": "36",
            "platform": "sandbox",
        }),
    )
}

/// `/api`: the versions of the core group.
pub(super) fn core_versions(form: Form) -> Answer {
    if form == Form::Discovery {
        return aggregated(&json!([{
            "metadata": { "creationTimestamp": null },
            "versions": [{
                "freshness": "Current",
                "resources": [aggregated_namespaces()],
                "version": "v1",
            }],
        }]));
    }
    answer::object(
        200,
        &json!({
            "kind": "APIVersions",
            "serverAddressByClientCIDRs": [],
            "versions": ["v1"],
        }),
    )
}

/// `/apis`: the other groups.
pub(super) fn groups(form: Form) -> Answer {
    if form == Form::Discovery {
        return aggregated(&json!([{
            "metadata": { "creationTimestamp": null, "name": GROUP },
            "versions": [{
                "freshness": "Current",
                "resources": [aggregated_leases()],
                "version": "v1",
            }],
        }]));
    }
    answer::object(
        200,
        &json!({ "apiVersion": "v1", "groups": [group_entry()], "kind": "APIGroupList" }),
    )
}

/// `/apis/coordination.k8s.io`.
pub(super) fn group() -> Answer {
    let mut group = group_entry();
    group["apiVersion"] = json!("v1");
    group["kind"] = json!("APIGroup");
    answer::object(200, &group)
}

/// `/api/v1`.
pub(super) fn core_resources() -> Answer {
    answer::object(
        200,
        &json!({
            "groupVersion": "v1",
            "kind": "APIResourceList",
            "resources": [{
                "kind": "Namespace",
                "name": "namespaces",
                "namespaced": false,
                "shortNames": ["ns"],
                "singularName": "namespace",
                "verbs": ["get", "list"],
            }],
        }),
    )
}

/// `/apis/coordination.k8s.io/v1`.
pub(super) fn resources() -> Answer {
    answer::object(
        200,
        &json!({
            "apiVersion": "v1",
            "groupVersion": API_VERSION,
            "kind": "APIResourceList",
            "resources": [{
                "kind": "Lease",
                "name": "leases",
                "namespaced": true,
                "singularName": "lease",
                "verbs": lease_verbs(),
            }],
        }),
    )
}

fn lease_verbs() -> Value {
    json!(["create", "delete", "get", "list", "update", "watch"])
}

fn group_entry() -> Value {
    let version = json!({ "groupVersion": API_VERSION, "version": "v1" });
    json!({ "name": GROUP, "preferredVersion": version, "versions": [version] })
}

fn aggregated(items: &Value) -> Answer {
    answer::with_media_type(
        200,
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        &json!({
            "apiVersion": "apidiscovery.k8s.io/v2",
            "items": items,
            "kind": "APIGroupDiscoveryList",
            "metadata": {},
        }),
    )
}

fn aggregated_leases() -> Value {
    json!({
        "resource": "leases",
        "responseKind": { "group": GROUP, "kind": "Lease", "version": "v1" },
        "scope": "Namespaced",
        "singularResource": "lease",
        "verbs": lease_verbs(),
    })
}

fn aggregated_namespaces() -> Value {
    json!({
        "resource": "namespaces",
        "responseKind": { "group": "", "kind": "Namespace", "version": "v1" },
        "scope": "Cluster",
        "shortNames": ["ns"],
        "singularResource": "namespace",
        "verbs": ["get", "list"],
    })
}
