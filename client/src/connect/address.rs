//! Addresses of servers.

use http::Uri;

use super::ConnectError;

/// An address without a scheme gets the one that the rest speaks for, as in client-go's
/// `rest.DefaultServerURL`.
pub(super) fn of_server(server: &str, is_tls: bool) -> Result<String, ConnectError> {
    let whole = match server.contains("://") {
        true => server.to_owned(),
        false if is_tls => format!("https://{server}"),
        false => format!("http://{server}"),
    };
    let is_address = whole.parse().is_ok_and(|uri: Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            // A login would be sent to wherever errors are written.
            && !uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@'))
    });
    if is_address {
        return Ok(whole);
    }
    Err(ConnectError::Address {
        of: "server",
        address: without_login(server),
    })
}

/// An address as it can be shown.
pub(super) fn without_login(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}<masked>@{host}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_the_scheme_that_the_rest_speaks_for() {
        assert_eq!(of_server("h:1", true).unwrap(), "https://h:1");
        assert_eq!(of_server("h:1", false).unwrap(), "http://h:1");
        assert_eq!(of_server("https://h/k8s", false).unwrap(), "https://h/k8s");
        for wrong in ["", "ftp://h", "https://", "a b", "https://u:secret@h"] {
            let error = of_server(wrong, true).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
