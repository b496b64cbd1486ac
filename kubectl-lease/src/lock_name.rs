//! The names that are typed for locks.

use crate::failure::Failure;
use crate::invocation;

use lease_core::{Dialect, Snapshot};

/// What a `ConfigMap`'s name begins with.
const CONFIG_MAP: &str = "configmap/";

/// The name of a lock as it was typed: `name` or `lease/name`, which is `name` from then on, or
/// `configmap/name`, which stays so.
///
/// # Errors
/// What the API server would refuse too (a DNS subdomain, RFC 1123); of an upper-case name, with
/// the lower-case one as a hint, which is what leaselocker would use.
pub(crate) fn parse(typed: &str) -> Result<String, Failure> {
    let (prefix, name) = match typed.split_once('/') {
        None => ("", typed),
        Some((
            "lease" | "leases" | "leases.coordination.k8s.io" | "lease.coordination.k8s.io",
            name,
        )) => ("", name),
        Some(("configmap" | "configmaps" | "cm", name)) => (CONFIG_MAP, name),
        Some((kind, name)) => {
            return Err(Failure::error(format!(
                "\"{kind}\" is not a kind of lock: locks are leases or config maps"
            ))
            .hint(format!(
                "if that is its namespace: {name} -n {kind}; locks are typed as NAME, lease/NAME or \
                 configmap/NAME"
            )));
        }
    };
    if is_subdomain(name) {
        return Ok(format!("{prefix}{name}"));
    }
    let kind = if prefix.is_empty() {
        "lease"
    } else {
        "config map"
    };
    let failure = Failure::error(format!("\"{name}\" cannot be the name of a {kind}")).cause(
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

/// The name of a Lease as it was typed, for a verb that knows nothing else.
///
/// # Errors
/// As of [`parse`]; and the name of a `ConfigMap`.
pub(crate) fn parse_lease(
    verb: &str,
    typed: &str,
    namespace: Option<&str>,
) -> Result<String, Failure> {
    let name = parse(typed)?;
    if config_map(&name).is_none() {
        return Ok(name);
    }
    let describe = match namespace.filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => invocation::command("describe", &name, &invocation::quoted(namespace)),
        None => invocation::line(&format!("describe {name}")),
    };
    Err(Failure::error(format!(
        "`{verb}` knows leases only, and \"{name}\" is a ConfigMap"
    ))
    .hint(format!("`{describe}` shows that one")))
}

/// The name of the `ConfigMap` of this name, as [`parse`] has it; `None` for a Lease.
pub(crate) fn config_map(name: &str) -> Option<&str> {
    name.strip_prefix(CONFIG_MAP)
}

/// Whether a lock is kept as a `ConfigMap`.
pub(crate) const fn is_config_map(lock: &Snapshot) -> bool {
    matches!(
        lock.dialect,
        Dialect::ConfigMap { .. } | Dialect::PlainConfigMap
    )
}

/// The name of a lock that was read, as [`parse`] has it.
pub(crate) fn of(lock: &Snapshot) -> String {
    let prefix = if is_config_map(lock) { CONFIG_MAP } else { "" };
    format!("{prefix}{}", lock.name)
}

/// The object of a name that [`parse`] made, as kubectl calls it: `lease/NAME` or `configmap/NAME`.
pub(crate) fn object(name: &str) -> String {
    match config_map(name) {
        Some(_) => name.to_owned(),
        None => format!("lease/{name}"),
    }
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

/// Whether the API server takes this for the name of most objects (RFC 1123).
pub(crate) fn is_subdomain(name: &str) -> bool {
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
        assert_eq!(parse("cm/a.b-1").unwrap(), "configmap/a.b-1");
        assert_eq!(parse(&"a".repeat(253)).unwrap().len(), 253);
        for wrong in [
            "", "a_b", "-a", "a-", "a..b", "a\u{1b}b", "pod/x", "ä", "cm/A", "cm/",
        ] {
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
