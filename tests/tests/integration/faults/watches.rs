//! Watches that break, hang or are refused while a thief waits for a lock to be over.

use std::thread;

use jiff::Timestamp;
use lease_tests::{Answer, ApiServer, Fate, FaultProxy, Namespace, Process};
use serde_json::json;

use crate::lock::{LIMIT, create_without_stamp, holder, micros, patch, until};

/// What becomes of each watch, with a name. Whatever is read or written otherwise, goes through.
type NamedFate = (&'static str, fn() -> Fate);

const FATES: &[NamedFate] = &[
    ("none", || Fate::Forward),
    ("cut at once", || Fate::CutWatch(0)),
    ("cut after an event", || Fate::CutWatch(1)),
    ("lost", || Fate::DropRequest),
    ("hanging", || Fate::HangRequest),
    ("compacted", || {
        let message = "too old resource version: 1 (2)";
        Fate::Answer(Answer::status(410, "Expired", message))
    }),
    ("failing", || {
        Fate::Answer(Answer::status(
            500,
            "InternalError",
            "etcdserver: no leader",
        ))
    }),
    ("asked to come later", || {
        Fate::Answer(Answer::status(429, "TooManyRequests", "later").header("retry-after", "1"))
    }),
    ("forbidden by a gateway", || {
        Fate::Answer(Answer::page(403, "Forbidden"))
    }),
    ("a page", || Fate::Answer(Answer::page(200, "Welcome"))),
    ("no event", || {
        Fate::Answer(Answer::new(
            200,
            "application/json",
            "{\"type\":\"NONE\"}\nx\n",
        ))
    }),
];

/// Has a thief watch a lock of some seconds for each fate, with something happening once it does.
fn each_watched(seconds: i32, code: i32, happens: impl Fn(&Namespace<'_>) + Sync, holds: &str) {
    let namespaces = ApiServer::shared().namespaces("watched", FATES.len());
    thread::scope(|scope| {
        for ((name, fate), namespace) in FATES.iter().zip(&namespaces) {
            let happens = &happens;
            scope.spawn(move || {
                create_without_stamp(namespace.admin(), "lock", "victim", seconds);
                let proxy = FaultProxy::before(ApiServer::shared(), move |request| {
                    if request.is_watch() {
                        fate()
                    } else {
                        Fate::Forward
                    }
                });
                let mut thief = proxy.client(namespace.admin()).plugin_command();
                thief.args([
                    "steal",
                    "lock",
                    "--identity",
                    "thief",
                    "--request-timeout",
                    "2s",
                ]);
                let mut thief = Process::start(&mut thief);
                until("the thief watches", || {
                    thief.stderr().contains("watching lock")
                });
                happens(namespace);

                let status = thief.wait(LIMIT);
                assert_eq!(status.code(), Some(code), "{name}: {}", thief.stderr());
                assert_eq!(holder(namespace.admin(), "lock"), holds, "{name}");
            });
        }
    });
}

#[test]
fn a_lock_that_is_over_is_taken_whatever_becomes_of_the_watch() {
    each_watched(3, 0, |_| (), "thief");
}

/// Who does not see the renewal loses by its version.
#[test]
fn a_lock_that_is_renewed_is_not_taken_whatever_becomes_of_the_watch() {
    let renew = |namespace: &Namespace<'_>| {
        let now = micros(Timestamp::now());
        let change = json!({"spec": {"renewTime": now}});
        patch(namespace.admin(), "lock", "victim", &change);
    };
    each_watched(6, 3, renew, "victim");
}
