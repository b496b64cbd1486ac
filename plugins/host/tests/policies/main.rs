//! Policies, good and hostile ones, asked by the host.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod asking;
mod attacks;
mod requests;
mod versions;
mod worlds;

use std::sync::LazyLock;

use lease_policy_guests::Guest;
use lease_policy_host::{Error, Host, Policy, Request, Review};
use serde_json::json;

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new().unwrap());

/// A steal, as it is recorded.
fn steal() -> Request {
    serde_json::from_value(json!({
        "verb": "steal", "now": "2026-11-21T03:41:15Z",
        "lock": { "kind": "lease", "namespace": "work", "name": "lock", "dialect": "client-go" },
    }))
    .unwrap()
}

fn policy(guest: &Guest) -> Policy {
    Policy::compile(&HOST, &guest.component()).unwrap()
}

/// Asks a policy about a steal, which does not go well.
#[track_caller]
fn fails(guest: &Guest) -> Error {
    policy(guest).review("{}", &steal()).unwrap_err().0
}

/// Asks a policy about a steal.
#[track_caller]
fn review(guest: &Guest) -> Review {
    policy(guest).review("{}", &steal()).unwrap()
}
