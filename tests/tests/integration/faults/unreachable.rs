//! Servers with which no conversation comes about.

use lease_tests::{Authority, TlsFault};
use serde_json::json;

use super::expected::Expected;
use super::fault::{Fault, Way};

pub(super) const FAULTS: &[Fault] = &[
    Fault::for_all(
        "a refused connection",
        Way::Nobody,
        Expected::fails(&["https://127.0.0.1:", "refused"]),
    ),
    Fault::for_all(
        "an unknown host",
        Way::Kubeconfig(|config| {
            config["clusters"][0]["cluster"]["server"] = json!("https://no-such-host.invalid:6443");
        }),
        Expected::fails(&["no-such-host.invalid"]),
    ),
    Fault::for_all(
        "a certificate of another authority",
        Way::Tls(|| TlsFault::Certificate(Authority::new().server("127.0.0.1"))),
        Expected::fails(&["https://127.0.0.1:", "certificate"]),
    ),
    Fault::for_all(
        "a certificate for another name",
        Way::Kubeconfig(|config| {
            config["clusters"][0]["cluster"]["tls-server-name"] = json!("elsewhere.example");
        }),
        Expected::fails(&["https://127.0.0.1:", "certificate", "elsewhere.example"]),
    ),
    Fault::for_all(
        "a reset in the TLS handshake",
        Way::Tls(|| TlsFault::Reset),
        Expected::fails(&["https://127.0.0.1:", "reset"]),
    ),
    Fault::for_all(
        "a server without TLS",
        Way::Tls(|| TlsFault::Plain),
        Expected::fails(&["https://127.0.0.1:", "TLS"]),
    ),
    Fault::for_all(
        "TLS forgotten",
        Way::Kubeconfig(|config| {
            let cluster = &mut config["clusters"][0]["cluster"];
            let server = cluster["server"].as_str().unwrap();
            cluster["server"] = json!(server.replace("https:", "http:"));
        }),
        Expected::fails(&["HTTPS"]),
    ),
    Fault::for_all(
        "a hanging TLS handshake",
        Way::Tls(|| TlsFault::Hang),
        Expected::fails(&["https://127.0.0.1:", "2s", "--request-timeout"]),
    )
    .in_short_time(),
];
