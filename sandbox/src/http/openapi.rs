//! As much of `/openapi/v3` as `kubectl create` and `replace` read: whether the server validates
//! fields itself. It does, so kubectl needs no schema.

use serde_json::json;

use super::answer::{self, Answer};
use crate::status::GROUP;

/// `/openapi/v3`: where the documents of the groups are.
pub(super) fn index() -> Answer {
    answer::object(
        200,
        &json!({
            "paths": {
                "apis/coordination.k8s.io/v1": {
                    "serverRelativeURL": "/openapi/v3/apis/coordination.k8s.io/v1",
                },
            },
        }),
    )
}

/// `/openapi/v3/apis/coordination.k8s.io/v1`: the parameters of a write. kubectl looks for them
/// at PATCH only, whatever it is going to do.
pub(super) fn document() -> Answer {
    let parameter = |name: &str| json!({ "in": "query", "name": name });
    answer::object(
        200,
        &json!({
            "info": { "title": "Kubernetes", "version": "v1.36.3" },
            "openapi": "3.0.0",
            "paths": {
                "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}": {
                    "patch": {
                        "parameters": [parameter("dryRun"), parameter("fieldValidation")],
                        "responses": {},
                        "x-kubernetes-group-version-kind": {
                            "group": GROUP,
                            "kind": "Lease",
                            "version": "v1",
                        },
                    },
                },
            },
        }),
    )
}
