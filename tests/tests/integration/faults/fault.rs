//! What may be wrong between a command and its cluster.

use std::process::Command;

use lease_tests::{Fate, Request, TlsFault};
use serde_json::Value;

use super::expected::Expected;

/// A fault, and what has to come of it.
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// What is wrong.
    pub(super) way: Way,
    /// What verbs that only look make of it.
    pub(super) looking: Expected,
    /// What verbs that write make of it.
    pub(super) writing: Expected,
    /// How long a request may take, as `--request-timeout` has it.
    pub(super) timeout: &'static str,
}

/// For faults that come to light at once, however slow the machine is.
pub(super) const LONG: &str = "20s";
/// For faults that are waited out.
pub(super) const SHORT: &str = "2s";

/// Treats the requests of one command.
pub(super) type Rule = Box<dyn FnMut(&Request) -> Fate + Send>;

/// What is wrong.
pub(super) enum Way {
    /// The command itself: its environment and flags.
    Command(fn(&mut Command)),
    /// What the kubeconfig says; there is the real server, and it is well.
    Kubeconfig(fn(&mut Value)),
    /// Nobody listens.
    Nobody,
    /// What stands before the server.
    Proxy(fn() -> Rule),
    /// The TLS handshake.
    Tls(fn() -> TlsFault),
}

impl Fault {
    /// Whoever does whatever, it fails alike.
    pub(super) const fn for_all(name: &'static str, way: Way, expected: Expected) -> Self {
        Self {
            name,
            way,
            looking: expected,
            writing: expected,
            timeout: LONG,
        }
    }

    /// Who only looks does not notice.
    pub(super) const fn for_writers(name: &'static str, way: Way, expected: Expected) -> Self {
        Self {
            name,
            way,
            looking: Expected::done(),
            writing: expected,
            timeout: LONG,
        }
    }

    /// Whether it is waited out.
    pub(super) fn waits(&self) -> bool {
        self.timeout == SHORT
    }

    /// The same, waited for no longer than a moment.
    pub(super) const fn in_short_time(mut self) -> Self {
        self.timeout = SHORT;
        self
    }
}

/// Treats all requests alike.
pub(super) fn always(fate: Fate) -> Rule {
    Box::new(move |_| fate.clone())
}

/// Treats the first request so, and forwards the others.
pub(super) fn first(fate: Fate) -> Rule {
    let mut fate = Some(fate);
    Box::new(move |_| fate.take().unwrap_or(Fate::Forward))
}

/// Treats all writes so, and forwards what only reads.
pub(super) fn writes(fate: Fate) -> Rule {
    Box::new(move |request| {
        if request.is_write() {
            fate.clone()
        } else {
            Fate::Forward
        }
    })
}

/// Treats the first write so, and forwards all else.
pub(super) fn first_write(fate: Fate) -> Rule {
    let mut fate = Some(fate);
    Box::new(move |request| {
        if request.is_write() {
            fate.take().unwrap_or(Fate::Forward)
        } else {
            Fate::Forward
        }
    })
}

/// Treats the first write so, and whatever comes after it otherwise.
pub(super) fn from_first_write(fate: Fate, later: Fate) -> Rule {
    let mut fate = Some(fate);
    Box::new(move |request| {
        if fate.is_none() {
            later.clone()
        } else if request.is_write() {
            fate.take().unwrap_or(Fate::Forward)
        } else {
            Fate::Forward
        }
    })
}
