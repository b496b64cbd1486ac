//! Servers, and what stands before them, that refuse or answer badly.

use std::sync::LazyLock;

use lease_tests::{Answer, ApiServer, Fate};
use serde_json::json;

use super::expected::Expected;
use super::fault::{Fault, Way, always, first};

pub(super) const FAULTS: &[Fault] = &[
    Fault::for_all(
        "a token that nobody knows",
        Way::Kubeconfig(|config| {
            for user in config["users"].as_array_mut().unwrap() {
                user["user"] = json!({"token": "no-such-token"});
            }
        }),
        Expected::fails(&["401", "credentials"]),
    ),
    Fault::for_all(
        "a token that was good once",
        Way::Kubeconfig(|config| {
            for user in config["users"].as_array_mut().unwrap() {
                user["user"] = json!({"token": withdrawn_token()});
            }
        }),
        Expected::fails(&["401", "credentials"]),
    ),
    Fault::for_all(
        "no credentials",
        Way::Kubeconfig(|config| {
            for user in config["users"].as_array_mut().unwrap() {
                user["user"] = json!({});
            }
        }),
        Expected::refused(&["system:anonymous"]),
    ),
    Fault::for_all(
        "401",
        Way::Proxy(|| {
            always(Fate::Answer(Answer::status(
                401,
                "Unauthorized",
                "Unauthorized",
            )))
        }),
        Expected::fails(&["401", "credentials"]),
    ),
    Fault::for_all(
        "403 of a gateway",
        Way::Proxy(|| always(Fate::Answer(Answer::page(403, "Forbidden")))),
        Expected::refused(&["403"]),
    ),
    Fault::for_all(
        "404 of a gateway",
        Way::Proxy(|| always(Fate::Answer(Answer::page(404, "Not Found")))),
        Expected::fails(&["404"]),
    ),
    Fault::for_all(
        "404 of a server without leases",
        Way::Proxy(|| {
            always(Fate::Answer(Answer::new(
                404,
                "text/plain; charset=utf-8",
                "404 page not found\n",
            )))
        }),
        Expected::fails(&["404"]),
    ),
    Fault::for_all(
        "a redirection to a log-in page",
        Way::Proxy(|| {
            let page = Answer::page(302, "Found");
            always(Fate::Answer(
                page.header("location", "https://login.example/"),
            ))
        }),
        Expected::fails(&["302"]),
    ),
    Fault::for_all(
        "429 once",
        Way::Proxy(|| first(Fate::Answer(too_many("1")))),
        Expected::done(),
    ),
    Fault::for_all(
        "429 for ever",
        Way::Proxy(|| always(Fate::Answer(too_many("1")))),
        Expected::fails(&["429"]),
    )
    .in_short_time(),
    Fault::for_all(
        "429 for an hour",
        Way::Proxy(|| always(Fate::Answer(too_many("3600")))),
        Expected::fails(&["429", "3600s"]),
    )
    .in_short_time(),
    Fault::for_all(
        "500",
        Way::Proxy(|| {
            let message = "etcdserver: request timed out";
            always(Fate::Answer(Answer::status(500, "InternalError", message)))
        }),
        Expected::fails(&["500", "etcdserver: request timed out"]),
    ),
    Fault::for_all(
        "503 of a gateway",
        Way::Proxy(|| always(Fate::Answer(Answer::page(503, "Service Unavailable")))),
        Expected::fails(&["503"]),
    ),
    Fault::for_all(
        "a page where an object should be",
        Way::Proxy(|| always(Fate::Answer(Answer::page(200, "Welcome")))),
        Expected::fails(&["cannot be read"]),
    ),
    Fault::for_all(
        "JSON of something else",
        Way::Proxy(|| {
            always(Fate::Answer(Answer::new(
                200,
                "application/json",
                r#"{"login":"required"}"#,
            )))
        }),
        Expected::fails(&["cannot be read"]),
    ),
    Fault::for_all(
        "a body cut short",
        Way::Proxy(|| always(Fate::CutBody)),
        Expected::fails(&["broke"]),
    ),
    Fault::for_all(
        "a connection that breaks before the reply",
        Way::Proxy(|| always(Fate::DropRequest)),
        Expected::fails(&["broke"]),
    ),
    Fault::for_all(
        "a server that hangs before its reply",
        Way::Proxy(|| always(Fate::HangRequest)),
        Expected::fails(&["2s", "--request-timeout"]),
    )
    .in_short_time(),
    Fault::for_all(
        "a server that hangs in the middle of its reply",
        Way::Proxy(|| always(Fate::StallBody)),
        Expected::fails(&["2s", "--request-timeout"]),
    )
    .in_short_time(),
    Fault::for_all(
        "a slow server",
        Way::Proxy(|| always(Fate::Delay(std::time::Duration::from_secs(1)))),
        Expected::done(),
    ),
];

/// What an API server sends that has too much to do.
pub(super) fn too_many(seconds: &str) -> Answer {
    let message = "too many requests, please try again later";
    Answer::status(429, "TooManyRequests", message).header("retry-after", seconds)
}

/// A token that the server itself gave out, for a service account that it does not have any more.
fn withdrawn_token() -> &'static str {
    static TOKEN: LazyLock<String> = LazyLock::new(|| {
        let namespace = ApiServer::shared().namespace("fault-token");
        let admin = namespace.admin();
        let account = ["serviceaccount", "withdrawn"];
        admin
            .kubectl([["create"].as_slice(), &account].concat())
            .success();
        let token = admin.kubectl(["create", "token", "withdrawn"]).success();
        admin
            .kubectl([["delete"].as_slice(), &account].concat())
            .success();
        token.stdout.trim().to_owned()
    });
    &TOKEN
}
