//! The HTTP face, over a real connection.

use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use lease_sandbox::{Cluster, ManualClock, Server, kubeconfig, serve};
use serde_json::{Value, json};

use crate::fixture::{change, cluster, create, held, lease};

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/work/leases";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

struct Face {
    clock: ManualClock,
    cluster: Cluster,
    server: Server,
}

impl Face {
    async fn new() -> Self {
        let (cluster, clock) = cluster();
        let server = serve(cluster.clone(), ([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        Self {
            clock,
            cluster,
            server,
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Response<Incoming> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        client.request(request).await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let headers = [("user-agent", "tester/1.0 (somewhere)")];
        read(self.send(method, path, &headers, body).await).await
    }

    async fn table(&self, path: &str) -> Value {
        let headers = [("accept", TABLE)];
        read(self.send(Method::GET, path, &headers, None).await)
            .await
            .1
    }
}

async fn read(response: Response<Incoming>) -> (u16, Value) {
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (code, serde_json::from_slice(&body).unwrap())
}

async fn lines(response: Response<Incoming>) -> Vec<Value> {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let lines = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

#[tokio::test]
async fn a_lease_lives_and_dies() {
    let face = Face::new().await;
    let (code, made) = face
        .ask(Method::POST, LEASES, Some(lease("a", held("one"))))
        .await;
    assert_eq!(code, 201);
    assert_eq!(made["metadata"]["managedFields"][0]["manager"], "tester");
    let one = format!("{LEASES}/a");
    assert_eq!(face.ask(Method::GET, &one, None).await, (200, made.clone()));
    let mut changed = made;
    changed["spec"]["holderIdentity"] = json!("two");
    let path = format!("{one}?fieldManager=other");
    let (code, changed) = face.ask(Method::PUT, &path, Some(changed)).await;
    assert_eq!(code, 200);
    assert_eq!(changed["metadata"]["managedFields"][0]["manager"], "other");
    let options = json!({ "preconditions": { "resourceVersion": "1" } });
    assert_eq!(face.ask(Method::DELETE, &one, Some(options)).await.0, 409);
    let (code, status) = face.ask(Method::DELETE, &one, Some(json!({}))).await;
    assert_eq!((code, &status["status"]), (200, &json!("Success")));
    let (code, status) = face.ask(Method::GET, &one, None).await;
    assert_eq!(code, 404);
    assert_eq!(
        status,
        json!({
            "apiVersion": "v1",
            "code": 404,
            "details": { "group": "coordination.k8s.io", "kind": "leases", "name": "a" },
            "kind": "Status",
            "message": "leases.coordination.k8s.io \"a\" not found",
            "metadata": {},
            "reason": "NotFound",
            "status": "Failure",
        })
    );
    let resurrected = face
        .ask(Method::PUT, &one, Some(lease("a", held("one"))))
        .await;
    assert_eq!(resurrected.0, 201);
}

#[tokio::test]
async fn every_answer_is_dated_by_the_clusters_clock() {
    let face = Face::new().await;
    face.clock.set("2031-03-04T05:06:07.9Z".parse().unwrap());
    for path in [
        "/readyz",
        LEASES,
        "/nothing",
        &format!("{LEASES}?watch=1&timeoutSeconds=1"),
    ] {
        let response = face.send(Method::GET, path, &[], None).await;
        assert_eq!(
            response.headers()["date"],
            "Tue, 04 Mar 2031 05:06:07 GMT",
            "{path}"
        );
    }
}

#[tokio::test]
async fn tables_have_the_columns_of_kubectl() {
    let face = Face::new().await;
    create(&face.cluster, "a");
    face.clock.advance(jiff::SignedDuration::from_mins(5));
    let table = face.table("/apis/coordination.k8s.io/v1/leases").await;
    assert_eq!(table["kind"], "Table");
    let columns = table["columnDefinitions"].as_array().unwrap().iter();
    let columns: Vec<_> = columns.map(|column| &column["name"]).collect();
    assert_eq!(columns, ["Name", "Holder", "Age"]);
    assert_eq!(table["rows"][0]["cells"], json!(["a", "one", "5m"]));
    assert_eq!(table["rows"][0]["object"]["metadata"]["namespace"], "work");
    let one = face.table(&format!("{LEASES}/a")).await;
    assert_eq!(one["rows"], table["rows"]);
    let namespaces = face.table("/api/v1/namespaces").await;
    assert_eq!(
        namespaces["rows"][4]["cells"],
        json!(["work", "Active", "5m"])
    );
}

#[tokio::test]
async fn a_watch_is_a_stream_of_lines_that_ends_in_time() {
    let face = Face::new().await;
    create(&face.cluster, "a");
    let version = face.cluster.version();
    let path = format!(
        "{LEASES}?watch=true&timeoutSeconds=3&resourceVersion={version}\
         &allowWatchBookmarks=true&fieldSelector=metadata.name%3Da"
    );
    let response = face.send(Method::GET, &path, &[], None).await;
    let renewed = json!("2026-11-21T10:00:02.000000Z");
    change(&face.cluster, "a", "x", |lease| {
        lease["spec"]["renewTime"] = renewed;
    })
    .unwrap();
    create(&face.cluster, "b");
    let lines = lines(response).await;
    assert_eq!(lines[0]["type"], "MODIFIED");
    assert_eq!(lines[0]["object"]["kind"], "Lease");
    let bookmark = lines.last().unwrap();
    assert_eq!(bookmark["type"], "BOOKMARK");
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line["type"] != "BOOKMARK")
        .collect();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn a_watched_table_tells_its_columns_once() {
    let face = Face::new().await;
    create(&face.cluster, "a");
    create(&face.cluster, "b");
    let path = format!("{LEASES}?watch=true&timeoutSeconds=1");
    let response = face
        .send(Method::GET, &path, &[("accept", TABLE)], None)
        .await;
    let lines = lines(response).await;
    assert_eq!(lines[0]["object"]["columnDefinitions"][1]["name"], "Holder");
    assert_eq!(lines[1]["object"]["columnDefinitions"], json!(null));
}

#[tokio::test]
async fn a_compacted_watch_says_410_in_the_stream() {
    let face = Face::new().await;
    create(&face.cluster, "a");
    face.cluster.compact();
    let path = format!("{LEASES}?watch=1&resourceVersion=1");
    let response = face.send(Method::GET, &path, &[], None).await;
    assert_eq!(response.status(), 200);
    let lines = lines(response).await;
    assert_eq!(
        (&lines[0]["type"], &lines[0]["object"]["code"]),
        (&json!("ERROR"), &json!(410))
    );
}

#[tokio::test]
async fn what_is_not_imitated_says_so() {
    let face = Face::new().await;
    create(&face.cluster, "a");
    let (code, status) = face
        .ask(Method::PATCH, &format!("{LEASES}/a"), Some(json!({})))
        .await;
    assert_eq!(
        (code, &status["message"]),
        (405, &json!("the sandbox does not imitate PATCH"))
    );
    let (code, _) = face.ask(Method::GET, "/api/v1/pods", None).await;
    assert_eq!(code, 404);
    let path = format!("{LEASES}?watch=1&sendInitialEvents=true");
    assert_eq!(face.ask(Method::GET, &path, None).await.0, 422);
    let text = [("content-type", "text/plain")];
    let (code, _) = read(
        face.send(Method::POST, LEASES, &text, Some(json!({})))
            .await,
    )
    .await;
    assert_eq!(code, 415);
}

#[tokio::test]
async fn unknown_fields_warn_or_are_refused_when_asked() {
    let face = Face::new().await;
    let body = || Some(lease("a", json!({ "color": "red" })));
    let strict = format!("{LEASES}?fieldValidation=Strict");
    let (code, status) = face.ask(Method::POST, &strict, body()).await;
    assert_eq!(code, 400);
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .ends_with("unknown field \"spec.color\"")
    );
    let response = face.send(Method::POST, LEASES, &[], body()).await;
    assert_eq!(
        response.headers()["warning"],
        r#"299 - "unknown field \"spec.color\"""#
    );
}

#[tokio::test]
async fn discovery_tells_what_is_served() {
    let face = Face::new().await;
    let (_, groups) = face.ask(Method::GET, "/apis", None).await;
    assert_eq!(groups["groups"][0]["name"], "coordination.k8s.io");
    let (_, resources) = face
        .ask(Method::GET, "/apis/coordination.k8s.io/v1", None)
        .await;
    assert_eq!(resources["resources"][0]["name"], "leases");
    let (_, version) = face.ask(Method::GET, "/version", None).await;
    assert_eq!(version["minor"], "36");
}

#[tokio::test]
async fn it_ends_with_its_watches() {
    let face = Face::new().await;
    let response = face
        .send(Method::GET, &format!("{LEASES}?watch=1"), &[], None)
        .await;
    let url = face.server.url();
    assert!(kubeconfig(&url, "work").contains(&url));
    face.server.shutdown().await;
    // The stream breaks off, however long it was to last.
    assert!(response.into_body().collect().await.is_err());
}
