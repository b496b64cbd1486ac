//! The names that are typed for locks.

use crate::failure::Failure;

/// The name of a Lease as it was typed: `name` or `lease/name`.
///
/// # Errors
/// What the API server would refuse too (a DNS subdomain, RFC 1123); of an upper-case name, with
/// the lower-case one as a hint, which is what leaselocker would use.
pub(crate) fn parse(typed: &str) -> Result<String, Failure> {
    let name = match typed.split_once('/') {
        None => typed,
        Some((
            "lease" | "leases" | "leases.coordination.k8s.io" | "lease.coordination.k8s.io",
            name,
        )) => name,
        Some((kind, name)) => {
            return Err(Failure::error(format!(
                "\"{kind}\" is not a kind of lock: locks are leases"
            ))
            .hint(format!(
                "if that is its namespace: {name} -n {kind}; locks are typed as NAME or lease/NAME"
            )));
        }
    };
    if is_subdomain(name) {
        return Ok(name.to_owned());
    }
    let failure = Failure::error(format!("\"{name}\" cannot be the name of a lease")).cause(
        "a name is at most 253 characters: lower-case letters, digits, \"-\" and \".\", \
         beginning and ending with a letter or digit",
    );
    let lower = name.to_lowercase();
    Err(if lower != name && is_subdomain(&lower) {
        failure.hint(format!("did you mean \"{lower}\"?"))
    } else {
        failure
    })
}

/// The name of a namespace as it was typed.
///
/// # Errors
/// What the API server would refuse too (a DNS label, RFC 1123).
pub(crate) fn parse_namespace(typed: &str) -> Result<String, Failure> {
    if typed.len() <= 63 && is_label(typed) {
        return Ok(typed.to_owned());
    }
    Err(
        Failure::error(format!("\"{typed}\" cannot be the name of a namespace")).cause(
            "a name is at most 63 characters: lower-case letters, digits and \"-\", beginning and \
             ending with a letter or digit",
        ),
    )
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_as_the_server_checks_them() {
        assert_eq!(parse("lease/a.b-1").unwrap(), "a.b-1");
        assert_eq!(parse(&"a".repeat(253)).unwrap().len(), 253);
        for wrong in ["", "a_b", "-a", "a-", "a..b", "a\u{1b}b", "pod/x", "ä"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(parse(&"a".repeat(254)).is_err());
        assert!(parse_namespace("kube-system").is_ok());
        for wrong in ["..", "a.b", "A", "a/b"] {
            assert!(parse_namespace(wrong).is_err(), "{wrong:?}");
        }
        let failure = parse("Backup").unwrap_err().to_string();
        assert!(failure.contains("did you mean \"backup\"?"), "{failure}");
    }
}
