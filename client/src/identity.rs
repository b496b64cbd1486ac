//! A name for a contender that no other contender has.

use lease_core::Identity;
use uuid::Uuid;

use crate::connect::is_pod;

/// A fresh identity: `<pod>_<uuid>` in a pod, else `<user>@<host>_<uuid>`.
///
/// The uuid makes it unique by construction, the rest tells a person whom to ask. client-go's
/// electors use `<host>_<uuid>`, where a pod's host name is the pod's name.
pub fn fresh_identity() -> Identity {
    identity_of(&default_prefix(), Uuid::new_v4())
}

/// An identity of this prefix that nobody else has. What cannot stand in an identity is left out.
pub(crate) fn identity_of(prefix: &str, unique: Uuid) -> Identity {
    let prefix = printable(prefix);
    Identity::new(format!("{prefix}_{unique}"))
        // Cannot fail: what is left of the prefix is short ASCII. The uuid alone is unique too.
        .or_else(|_| Identity::new(unique.to_string()))
        .unwrap_or_else(|error| unreachable!("a uuid is a valid identity: {error}"))
}

/// Where this program runs: the pod, or the user and the host.
pub(crate) fn default_prefix() -> String {
    let host = printable(&gethostname::gethostname().to_string_lossy());
    if is_pod() {
        host
    } else {
        let user = ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|key| std::env::var(key).ok())
            .map_or_else(user_id, |user| printable(&user));
        format!("{user}@{host}")
    }
}

/// The user by number, for where the environment does not say a name: cron, containers.
fn user_id() -> String {
    #[cfg(unix)]
    return format!("uid{}", rustix::process::getuid().as_raw());
    #[cfg(not(unix))]
    return "unknown".to_owned();
}

/// What can stand in an identity and be copied from a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_graphic)
        .take(128)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_contenders_are_two_identities() {
        let (one, other) = (fresh_identity(), fresh_identity());
        assert_ne!(one, other);
        assert!(one.as_str().contains('_'));
    }
}
