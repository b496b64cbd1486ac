//! The proxy between us and the API server.

use std::net::IpAddr;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

use super::ConnectError;
use super::address::without_login;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// HTTP's CONNECT.
    Http,
    /// The same, over TLS.
    Https,
    /// SOCKS 5, which resolves names itself.
    Socks,
}

/// A proxy, with what it wants to know of who asks.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) kind: Kind,
    /// Its address, without a login.
    pub(super) address: Uri,
    /// The login for CONNECT.
    pub(super) authorization: Option<HeaderValue>,
    /// The login for SOCKS: name and password.
    pub(super) login: Option<(String, String)>,
}

impl Proxy {
    /// The proxy on the way to a server: the one of the kubeconfig (`proxy-url`), else one of the
    /// environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, but for `NO_PROXY`), as curl reads
    /// them. As in Go, the environment's does not stand between us and our own machine.
    pub(super) fn choose(
        server: &Uri,
        configured: Option<&str>,
    ) -> Result<Option<Self>, ConnectError> {
        let matcher = match configured {
            Some(url) => Matcher::builder().all(url).build(),
            None if is_here(server) => return Ok(None),
            None => Matcher::from_env(),
        };
        let wrong = || ConnectError::Address {
            of: "proxy (http, https or socks5)",
            address: without_login(configured.unwrap_or_default()),
        };
        let Some(intercept) = matcher.intercept(server) else {
            return match configured {
                Some(_) => Err(wrong()),
                None => Ok(None),
            };
        };
        let kind = match intercept.uri().scheme_str() {
            Some("http") => Kind::Http,
            Some("https") => Kind::Https,
            Some("socks5" | "socks5h") => Kind::Socks,
            _ => {
                return Err(ConnectError::Address {
                    of: "proxy (http, https or socks5)",
                    address: intercept.uri().to_string(),
                });
            }
        };
        let login = intercept.raw_auth();
        Ok(Some(Self {
            kind,
            address: intercept.uri().clone(),
            authorization: intercept.basic_auth().cloned(),
            login: login.map(|(name, password)| (name.to_owned(), password.to_owned())),
        }))
    }
}

fn is_here(server: &Uri) -> bool {
    let host = server.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str) -> Result<Option<Proxy>, ConnectError> {
        Proxy::choose(&Uri::from_static("https://10.0.0.1:6443"), Some(url))
    }

    #[test]
    fn the_kubeconfig_s_proxy_is_understood_or_refused() {
        let proxy = chosen("http://me:a%40b@proxy:3128").unwrap().unwrap();
        assert_eq!(proxy.kind, Kind::Http);
        assert_eq!(proxy.address, "http://proxy:3128/");
        assert_eq!(proxy.authorization.unwrap(), "Basic bWU6YUBi");
        let proxy = chosen("socks5://me:secret@proxy:1080").unwrap().unwrap();
        assert_eq!(proxy.kind, Kind::Socks);
        assert_eq!(proxy.login.unwrap(), ("me".into(), "secret".into()));
        for wrong in ["ftp://me:secret@proxy", "socks4://proxy:1", "http://", ""] {
            let error = chosen(wrong).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn our_own_machine_is_told() {
        for (server, here) in [
            ("https://127.0.0.1:1", true),
            ("https://[::1]:1", true),
            ("https://localhost", true),
            ("https://10.0.0.1", false),
        ] {
            assert_eq!(is_here(&Uri::from_static(server)), here, "{server}");
        }
    }
}
