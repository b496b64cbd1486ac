//! Who contends for a lock.

use alloc::string::String;
use core::fmt;

use crate::is_unprintable;

/// The name under which one contender holds or asks for a lock.
///
/// It must be unique to the contender, not to the user or the machine: two contenders that share
/// one identity would both believe that they hold the lock.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Identity(String);

/// Why a text cannot be an identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentityError {
    /// An empty holder means that the lock is free.
    #[error("an identity must not be empty: an empty holder means that the lock is free")]
    Empty,
    /// The API server would take it, but whoever lists the lock would have it in the terminal.
    #[error("an identity must not contain control or bidirectional characters or line breaks")]
    Unprintable,
    /// Longer than [`Identity::MAX_BYTES`].
    #[error("an identity must not be longer than {} bytes", Identity::MAX_BYTES)]
    TooLong,
}

impl Identity {
    /// The longest identity that is taken here, in bytes. The API server takes any length; this
    /// one holds every pod name, host name and uuid that there is.
    pub const MAX_BYTES: usize = 1024;

    /// Checks a text that a user gave.
    pub fn new(identity: impl Into<String>) -> Result<Self, IdentityError> {
        let identity = identity.into();
        if identity.is_empty() {
            return Err(IdentityError::Empty);
        }
        if identity.len() > Self::MAX_BYTES {
            return Err(IdentityError::TooLong);
        }
        if identity.chars().any(is_unprintable) {
            return Err(IdentityError::Unprintable);
        }
        Ok(Self(identity))
    }

    /// The identity as it stands in `holderIdentity`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_can_be_shown_as_it_is() {
        assert!(Identity::new("ops@desk_6ba7b810").is_ok());
        assert!(Identity::new("Zürich-主").is_ok());
        assert_eq!(Identity::new(""), Err(IdentityError::Empty));
        for hostile in [
            "a\u{1b}[2J",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{85}",
            "a\u{ad}",
        ] {
            assert_eq!(Identity::new(hostile), Err(IdentityError::Unprintable));
        }
        assert!(Identity::new("x".repeat(1024)).is_ok());
        assert_eq!(Identity::new("x".repeat(1025)), Err(IdentityError::TooLong));
    }
}
