//! The way to the server through a proxy, beside kubectl.

use lease_tests::{ApiServer, Client, ForwardProxy, Output, Tunnelling};
use serde_json::Value;

use crate::lock::held;

/// Both programs' view of a lock through the proxy at `url`.
fn through(client: &Client, url: &str) -> [Output; 2] {
    let mut config: Value =
        serde_json::from_str(&std::fs::read_to_string(client.kubeconfig()).unwrap()).unwrap();
    for cluster in config["clusters"].as_array_mut().unwrap() {
        cluster["cluster"]["proxy-url"] = url.into();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config.to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    [
        client.plugin(["ls", "lock", "-o", "name", "--kubeconfig", path]),
        client.kubectl(["get", "lease", "lock", "-o", "name", "--kubeconfig", path]),
    ]
}

#[test]
fn both_kinds_of_proxies_are_gone_through_with_and_without_a_login() {
    let server = ApiServer::shared();
    let namespace = server.namespace("proxies");
    let client = namespace.admin();
    client.create(&held("lock", "one", 600));
    let address = server.url().trim_start_matches("https://");
    for tunnelling in [Tunnelling::Connect, Tunnelling::Socks] {
        for (login, given) in [(None, ""), (Some(("me", "p@ss")), "me:p%40ss@")] {
            let proxy = ForwardProxy::start(tunnelling, login);
            for output in through(client, &proxy.url(given)) {
                assert_eq!(output.success().stdout, "lease.coordination.k8s.io/lock\n");
            }
            let reached = proxy.reached();
            assert!(reached.len() >= 2, "{tunnelling:?} {login:?}: {reached:?}");
            assert!(
                reached.iter().all(|target| target == address),
                "{reached:?}"
            );
        }
    }
}

#[test]
fn a_proxy_that_refuses_or_is_none_is_told_without_its_password() {
    let namespace = ApiServer::shared().namespace("proxies");
    let client = namespace.admin();
    client.create(&held("lock", "one", 600));
    for tunnelling in [Tunnelling::Connect, Tunnelling::Socks] {
        let proxy = ForwardProxy::start(tunnelling, Some(("me", "right")));
        for url in [proxy.url("me:secret@"), proxy.url("")] {
            let [ours, _] = through(client, &url);
            assert_eq!(ours.code, Some(1), "{ours:?}");
            assert!(ours.stderr.contains("cannot connect"), "{ours:?}");
            assert!(!ours.stderr.contains("secret"), "{ours:?}");
        }
        assert_eq!(proxy.reached(), Vec::<String>::new());
    }
    let [ours, _] = through(client, "ftp://me:secret@127.0.0.1:1");
    assert_eq!(ours.code, Some(1), "{ours:?}");
    assert!(ours.stderr.contains("<masked>@127.0.0.1:1"), "{ours:?}");
    assert!(!ours.stderr.contains("secret"), "{ours:?}");
}

#[test]
fn the_environment_s_proxy_is_gone_through_unless_it_says_otherwise() {
    let namespace = ApiServer::shared().namespace("proxies");
    let client = namespace.admin();
    let proxy = ForwardProxy::start(Tunnelling::Connect, None);
    let ask = |server: &str, no_proxy: &str| {
        let mut command = client.plugin_command();
        command
            .args(["ls", "--request-timeout", "5s", "--server", server])
            .env("HTTPS_PROXY", proxy.url(""))
            .env("NO_PROXY", no_proxy);
        assert_eq!(command.output().unwrap().status.code(), Some(1));
    };
    // Nobody answers at these names, which no proxy has to know for this.
    ask("https://passed-over.invalid:6443", "10.0.0.0/8,.invalid");
    ask("https://127.0.0.1:1", "");
    assert_eq!(proxy.reached(), Vec::<String>::new());
    ask("https://asked-for.invalid:6443", "10.0.0.0/8,example.com");
    assert_eq!(proxy.reached(), ["asked-for.invalid:6443"]);
}
