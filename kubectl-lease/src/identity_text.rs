//! Identities where there is little room.
//!
//! An identity is mostly `<host>_<uuid>` or `<pod>_<uuid>`: what people look for is the whole of
//! the first part, and enough of the second to tell two processes apart.

use uuid::Uuid;

use crate::escape;
use crate::table;

/// How much of a uuid is shown: its first group.
const UUID_START: usize = 8;
/// The length of a uuid with its hyphens.
const UUID_LENGTH: usize = 36;
/// The longest identity that is shown whole: the name of a pod, `_` and a uuid. Whatever is longer
/// was not meant to be read.
const LONGEST: usize = 253 + 1 + UUID_LENGTH;

/// The identity in full.
pub(crate) fn whole(identity: &str) -> String {
    escape::cut(identity, LONGEST)
}

/// The identity with the beginning of each uuid in it only: `node-7_0a1b2c3d…`.
pub(crate) fn short(identity: &str) -> String {
    let mut short = String::with_capacity(identity.len());
    let mut rest = identity;
    while let Some(at) = find_uuid(rest) {
        short.push_str(&rest[..at + UUID_START]);
        short.push('…');
        rest = &rest[at + UUID_LENGTH..];
    }
    short.push_str(rest);
    whole(&short)
}

/// The identity in at most so many columns of a terminal: [`short`], and if that is still too
/// long, its beginning.
pub(crate) fn within(identity: &str, columns: usize) -> String {
    table::cut(short(identity), columns)
}

/// Where a uuid stands that is not part of a longer word.
fn find_uuid(text: &str) -> Option<usize> {
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    (0..text.len().saturating_sub(UUID_LENGTH - 1)).find(|&at| {
        bytes[at].is_ascii_hexdigit()
            && !(at > 0 && is_word(bytes.get(at - 1)))
            && !is_word(bytes.get(at + UUID_LENGTH))
            && text
                .get(at..at + UUID_LENGTH)
                .is_some_and(|word| Uuid::try_parse(word).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "0a1b2c3d-5b4a-4938-8271-605f4e3d2caa";

    #[test]
    fn a_uuid_is_known_by_its_beginning() {
        for (identity, expected) in [
            (format!("node-7_{UUID}"), "node-7_0a1b2c3d…"),
            (UUID.to_owned(), "0a1b2c3d…"),
            (
                format!("pod-x_{}/{UUID}", UUID.to_uppercase()),
                "pod-x_0A1B2C3D…/0a1b2c3d…",
            ),
            // Not a uuid of its own.
            (format!("{UUID}0"), &format!("{UUID}0")),
            (format!("x{UUID}"), &format!("x{UUID}")),
            (
                "ingress-nginx-7c5d8f9b6d-x2k9p".to_owned(),
                "ingress-nginx-7c5d8f9b6d-x2k9p",
            ),
        ] {
            assert_eq!(short(&identity), expected);
        }
    }

    #[test]
    fn what_is_still_too_long_keeps_its_beginning() {
        let identity = format!("billing-batch-29384710-kx9w2_{UUID}");
        assert_eq!(
            within(&identity, 38),
            "billing-batch-29384710-kx9w2_0a1b2c3d…"
        );
        assert_eq!(within(&identity, 20), "billing-batch-29384…");
        assert_eq!(within("主機〇〇一_コンテナ", 8), "主機〇…");
        assert_eq!(within("alice", 5), "alice");
        assert_eq!(within("alice", 1), "…");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(
            identity in "\\PC{0,60}", columns in 1..60_usize
        ) {
            let identity = format!("{identity}_{UUID}");
            prop_assert!(table::width(&within(&identity, columns)) <= columns);
            prop_assert!(short(&identity).ends_with("_0a1b2c3d…"));
        }
    }
}
