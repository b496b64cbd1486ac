//! From a request to the one that answers it.

use http::request::Parts;
use http::{Method, Request};
use hyper::body::Body;
use percent_encoding::percent_decode_str;

use super::accept::{self, Form};
use super::answer::{self, Answer};
use super::query::Query;
use super::{discovery, leases, namespaces, openapi};
use crate::cluster::Cluster;
use crate::status::Status;

/// What can go wrong with a body that arrives.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The most bytes of a body that the server reads.
const BODY_MAX: usize = 3 * 1024 * 1024;

/// A request that has been read.
pub(super) struct Call<'a> {
    pub(super) body: Vec<u8>,
    pub(super) cluster: &'a Cluster,
    pub(super) form: Form,
    pub(super) parts: Parts,
    pub(super) query: Query,
}

/// Answers one request, and dates the answer by the cluster's clock. For callers in the same
/// process: the HTTP face without a network.
pub async fn answer<B: Body<Error: Into<BoxError>>>(
    cluster: &Cluster,
    request: Request<B>,
) -> Answer {
    let answer = match read(cluster, request).await {
        Ok(call) => route(&call).unwrap_or_else(|status| answer::refusal(&status)),
        Err(status) => answer::refusal(&status),
    };
    answer::dated(answer, cluster.now())
}

async fn read<B: Body<Error: Into<BoxError>>>(
    cluster: &Cluster,
    request: Request<B>,
) -> Result<Call<'_>, Status> {
    use http_body_util::{BodyExt as _, Limited};
    let (parts, body) = request.into_parts();
    let form = accept::form(&parts.headers).ok_or_else(Status::not_acceptable)?;
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let body = Limited::new(body, BODY_MAX)
        .collect()
        .await
        .map_err(|_| Status::too_large(&format!("limit is {BODY_MAX}")))?;
    Ok(Call {
        body: body.to_bytes().into(),
        cluster,
        form,
        parts,
        query,
    })
}

fn route(call: &Call<'_>) -> Result<Answer, Status> {
    let path = call.parts.uri.path().to_owned();
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["healthz" | "livez" | "readyz"] => Ok(answer::text(200, "ok")),
        ["version"] => reading(call, |_| Ok(discovery::version())),
        ["api"] => reading(call, |call| Ok(discovery::core_versions(call.form))),
        ["apis"] => reading(call, |call| Ok(discovery::groups(call.form))),
        ["api", "v1"] => reading(call, |_| Ok(discovery::core_resources())),
        ["apis", "coordination.k8s.io"] => reading(call, |_| Ok(discovery::group())),
        ["apis", "coordination.k8s.io", "v1"] => reading(call, |_| Ok(discovery::resources())),
        ["openapi", "v3"] => reading(call, |_| Ok(openapi::index())),
        ["openapi", "v3", "apis", "coordination.k8s.io", "v1"] => {
            reading(call, |_| Ok(openapi::document()))
        }
        ["api", "v1", "namespaces"] => reading(call, namespaces::list),
        ["api", "v1", "namespaces", name] => reading(call, |call| namespaces::get(call, name)),
        ["apis", "coordination.k8s.io", "v1", "leases"] => match call.parts.method {
            Method::GET => leases::list(call, None),
            _ => Err(Status::method_not_allowed()),
        },
        [
            "apis",
            "coordination.k8s.io",
            "v1",
            "namespaces",
            namespace,
            "leases",
        ] => match call.parts.method {
            Method::GET => leases::list(call, Some(namespace)),
            Method::POST => leases::create(call, namespace),
            _ => Err(Status::method_not_allowed()),
        },
        [
            "apis",
            "coordination.k8s.io",
            "v1",
            "namespaces",
            namespace,
            "leases",
            name,
        ] => match call.parts.method {
            Method::DELETE => leases::delete(call, namespace, name),
            Method::GET => leases::get(call, namespace, name),
            Method::PATCH => Err(Status::not_imitated("PATCH")),
            Method::PUT => leases::replace(call, namespace, name),
            _ => Err(Status::method_not_allowed()),
        },
        ["api", "v1", ..] | ["apis", "coordination.k8s.io", "v1", ..] => {
            Err(Status::no_such_resource())
        }
        _ => Ok(answer::text(404, "404 page not found\n")),
    }
}

fn reading(
    call: &Call<'_>,
    answer: impl FnOnce(&Call<'_>) -> Result<Answer, Status>,
) -> Result<Answer, Status> {
    match call.parts.method {
        Method::GET => answer(call),
        _ => Err(Status::method_not_allowed()),
    }
}
