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
        Some((kind, _)) => {
            return Err(Failure::error(format!(
                "\"{kind}\" is not a kind of lock: locks are leases"
            ))
            .hint("type the lock as NAME or lease/NAME"));
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

fn is_subdomain(name: &str) -> bool {
    let is_label = |label: &str| {
        let edge = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let bytes = label.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
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
        let failure = parse("Backup").unwrap_err().to_string();
        assert!(failure.contains("did you mean \"backup\"?"), "{failure}");
    }
}
